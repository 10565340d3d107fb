//! Settings as command-line flags.

use std::collections::BTreeMap;

use clap::{Arg, ArgMatches, Command};

use crate::config::{Log, SandboxSettings, ServeConfig, Setting, Shop, StoreConfig, all};

/// Adds to every command the flags of the settings that it reads.
pub(super) fn add_to(command: Command) -> Command {
    let with =
        |command: Command, settings: Vec<&'static Setting>| command.args(settings.into_iter().map(flag));
    let sandbox = SandboxSettings::settings().chain(Log::SETTINGS.iter().copied()).collect();
    command
        .mut_subcommand("serve", |serve| with(serve, ServeConfig::settings().collect()))
        .mut_subcommand("backup", |command| with(command, StoreConfig::SETTINGS.to_vec()))
        .mut_subcommand("check", |command| with(command, StoreConfig::SETTINGS.to_vec()))
        .mut_subcommand("sandbox", |command| with(command, sandbox))
        .mut_subcommand("catalog", |catalog| {
            let settings = StoreConfig::SETTINGS.iter().chain(Shop::PRICES).copied().collect();
            catalog.mut_subcommand("import", |import| with(import, settings))
        })
        .mut_subcommand("key", |key| {
            key.mut_subcommand("create", |create| with(create, StoreConfig::SETTINGS.to_vec()))
        })
}

/// Returns the settings among the flags of the innermost command.
pub(super) fn flags(matches: &ArgMatches) -> BTreeMap<&'static str, String> {
    let mut innermost = matches;
    while let Some((_, inner)) = innermost.subcommand() {
        innermost = inner;
    }
    let given = |setting: &'static Setting| {
        // An unknown flag of the command is an error here, and means that it was not given.
        let value = innermost.try_get_one::<String>(setting.name).ok().flatten()?;
        Some((setting.name, value.clone()))
    };
    all().filter_map(given).collect()
}

fn flag(setting: &'static Setting) -> Arg {
    let default = setting.default.map(|default| format!(" [default: {default}]")).unwrap_or_default();
    Arg::new(setting.name)
        .long(setting.flag())
        .value_name(setting.value)
        .help(format!("{} [env: {}]{default}", setting.meaning, setting.variable()))
        .help_heading("Settings")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::super::Cli;
    use super::*;

    fn parse(line: &str) -> BTreeMap<&'static str, String> {
        flags(&add_to(Cli::command()).try_get_matches_from(line.split(' ')).unwrap())
    }

    #[test]
    fn the_command_line_is_valid() {
        add_to(Cli::command()).debug_assert();
    }

    #[test]
    fn a_setting_is_a_flag_of_the_commands_that_read_it() {
        assert_eq!(parse("docket serve --lease-seconds 3")["lease_seconds"], "3");
        assert_eq!(
            parse("docket key create ada --scope orders --database-url sqlite://x")["database_url"],
            "sqlite://x"
        );
        assert!(parse("docket serve").is_empty());
        let refused =
            add_to(Cli::command()).try_get_matches_from(["docket", "sandbox", "--lease-seconds", "3"]);
        assert!(refused.is_err());
    }

    #[test]
    fn help_shows_variable_and_default() {
        let mut command = add_to(Cli::command());
        let help = command.find_subcommand_mut("serve").unwrap().render_long_help().to_string();
        for setting in ServeConfig::settings() {
            assert!(help.contains(&setting.variable()) && help.contains(setting.meaning), "{}", setting.name);
        }
        assert!(help.contains("[default: 127.0.0.1:3000]"));
    }
}

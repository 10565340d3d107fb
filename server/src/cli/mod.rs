//! The command line of the program `docket`.

mod backup;
mod catalog;
mod check;
mod failpoints;
mod key;
mod process;
mod sandbox;
mod serve;
mod settings;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use self::process::{Failure, print_message};
use crate::config::{InvalidSetting, Sources};
use crate::platform::failpoint;

/// Docket, a live order desk.
///
/// An order is stored durably and acknowledged in milliseconds, processed in the background, and watched live.
#[derive(Debug, Parser)]
#[command(name = "docket", version, after_help = AFTER_HELP)]
struct Cli {
    /// Read settings from this file instead of docket.toml.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const AFTER_HELP: &str = "Every setting can be given as a flag, as an environment variable (DOCKET_ and its name in \
                          capital letters) or in docket.toml; the flag wins over the variable, and that over the file.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the shop: pages, API, workers, and the sandbox for services that are not configured
    ///
    /// Prints one line with the address when it is ready. SIGTERM makes /readyz answer 503 at once, and orders are
    /// accepted for DOCKET_DRAIN_SECONDS more; then running work finishes or is handed back. SIGINT (Ctrl-C) does the
    /// same without that time. A second signal exits at once.
    Serve,
    /// Run the simulated payment service and carrier on their own
    ///
    /// They record every effect in a durable ledger at /ledger, and /faults makes them fail, slow down or answer
    /// wrongly.
    Sandbox,
    /// Load and change products
    #[command(subcommand)]
    Catalog(catalog::Command),
    /// Create API keys
    #[command(subcommand)]
    Key(key::Command),
    /// Copy the database to a file, also while it is in use
    ///
    /// The copy has every order that was acknowledged before it was started. To restore it: stop the server, move the
    /// database and the files beside it whose names begin with its name to another place (an old -wal file would
    /// corrupt the copy), copy the backup to the database's place, run docket check, and start the server. The
    /// installation secret, from which private links are made (DOCKET_SECRET, else the file beside the database that
    /// ends in .secret), is not in it: keep a copy of it in another place.
    Backup(backup::Command),
    /// Verify a database and its invariants
    ///
    /// It may be in use meanwhile. Prints one line for each rule, with its violations below it; exits with 1 if there
    /// are any.
    Check(check::Command),
    /// List the failpoints of this program, if it was built with them
    #[command(hide = true)]
    Failpoints,
}

/// Runs the command of this process.
pub fn run() -> ExitCode {
    failpoint::arm();
    let matches = settings::add_to(Cli::command()).get_matches();
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let flags = settings::flags(&matches);
    let done = Sources::gather(flags, cli.config.as_deref()).map_err(Failure::from).and_then(|sources| {
        match cli.command {
            Command::Serve => serve::run(&sources),
            Command::Sandbox => sandbox::run(&sources),
            Command::Catalog(command) => catalog::run(command, &sources),
            Command::Key(command) => key::run(command, &sources),
            Command::Backup(command) => backup::run(command, &sources),
            Command::Check(command) => check::run(command, &sources),
            Command::Failpoints => failpoints::run(),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            print_message(&format!("docket: {failure}"));
            ExitCode::from(if failure.is::<InvalidSetting>() { 2 } else { 1 })
        }
    }
}

//! The program `docket`: what it can be told on the command line.

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

use self::process::{Failure, tell};
use crate::config::{Sources, Wrong};
use crate::platform::failpoint;

/// Docket, a live order desk.
///
/// An order is stored durably and acknowledged in milliseconds, worked in the background, and watched live.
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
    /// Run the shop: pages, API, workers, and the sandbox for services that are not set
    ///
    /// Prints one line with the address when it is ready. SIGTERM lets running work end; a second one does not.
    Serve,
    /// Run the pretend payment service and carrier on their own
    ///
    /// They keep a durable ledger of every effect at /ledger, and can be told at /faults to be down, slow or wrong.
    Sandbox,
    /// Load and change products
    #[command(subcommand)]
    Catalog(catalog::Command),
    /// Make API keys
    #[command(subcommand)]
    Key(key::Command),
    /// Copy the database to a file, also while it is in use
    ///
    /// The copy holds every order that was acknowledged before it was begun. To restore it: stop the server, move the
    /// database and the files beside it whose names begin with its name to another place (with an old -wal file beside it a
    /// copy would be corrupted), copy the backup to the database's place, run docket check, and start the server. What links
    /// to orders are made from (DOCKET_SECRET, else the file beside the database that ends in .secret) is not in it: keep a
    /// copy of that in another place.
    Backup(backup::Command),
    /// Verify that a database is sound and that everything holds which must hold
    ///
    /// It can be in use meanwhile. One line for each rule, with each violation below it; ends with 1 if there is any.
    Check(check::Command),
    /// Print where this program can be broken, if it was built for that
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
            tell(&format!("docket: {failure}"));
            ExitCode::from(if failure.is::<Wrong>() { 2 } else { 1 })
        }
    }
}

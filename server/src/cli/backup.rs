//! `docket backup`

use std::path::PathBuf;

use clap::Args;

use super::process::{Failure, print_message};
use crate::config::{Sources, StoreConfig};
use crate::store::sqlite::backup;

#[derive(Debug, Args)]
pub(super) struct Command {
    /// The file to create; it must not exist
    file: PathBuf,
}

pub(super) fn run(command: Command, sources: &Sources) -> Result<(), Failure> {
    let database = StoreConfig::read(sources)?.file;
    let copied = backup(&database, &command.file)?;
    let plural = if copied.orders == 1 { "" } else { "s" };
    println!(
        "Copied {} order{plural} to {} ({} bytes).",
        copied.orders,
        command.file.display(),
        copied.bytes
    );
    print_message(&format!("Check it with: docket check {}", command.file.display()));
    print_message(
        "What links to orders are made from is not in it: keep that too, in another place. See docket backup --help",
    );
    Ok(())
}

//! `cargo xtask …`: builds, runs and tests Docket, and installs what that takes.

mod address_formats;
mod browser;
mod build;
mod cargo_checks;
mod compress;
mod debian;
mod dependencies;
mod nginx;
mod npm;
mod progress;
mod run;

mod schemathesis;
mod shell;
mod site;
mod stamp;
mod style;
mod test;
mod test_count;
mod toolchain;
mod torture;
mod wasm;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Builds, runs and tests Docket. What is missing for that is installed; what is done already is not done again.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything for release and start the shop, with its data in ./data
    Run {
        /// What follows `--` goes to `docket serve`
        #[arg(last = true)]
        docket_args: Vec<String>,
    },
    /// Build everything for release and leave a folder that can be deployed
    Build,
    /// Check the style, run every test, in Rust and in the browser, and torture the server for some minutes
    Test(test::Choice),
    /// Write the tables of countries and address formats anew from the packages that keep the data
    AddressFormats,
    /// Break the server in every way that machines break, while customers order, and judge what is left
    Torture(torture::Choice),
}

fn main() -> ExitCode {
    match perform(Arguments::parse().task) {
        Ok(code) => code,
        Err(error) => {
            progress::say(format_args!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task) -> Result<ExitCode> {
    let workspace = Workspace::locate()?;
    match task {
        Task::Run { docket_args } => run::run(&workspace, &docket_args)?,
        Task::Build => build::build(&workspace)?,
        Task::AddressFormats => address_formats::write(&workspace)?,
        Task::Test(choice) => return test::test(&workspace, &choice),
        Task::Torture(choice) => return torture::torture(&workspace, &choice),
    }
    Ok(ExitCode::SUCCESS)
}

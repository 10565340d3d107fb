//! `cargo xtask …`: builds, runs and tests Docket, and installs what that takes.

mod address_formats;
mod browser;
mod build;
mod cargo_checks;
mod compress;
mod debian;
mod dependencies;
mod load;
mod nginx;
mod npm;
mod postgres;
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

/// Builds, runs and tests Docket. Missing tools are installed, and finished steps are not repeated.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build everything in release mode and start the shop, with its data in ./data
    Run {
        /// Arguments after `--` are passed to `docket serve`
        #[arg(last = true)]
        docket_args: Vec<String>,
    },
    /// Build everything in release mode into a folder that can be deployed
    Build,
    /// Run all checks and tests: formatting, lints, Rust tests, a short fault injection, browser tests
    Test(test::Choice),
    /// Update the tables of countries and address formats from the packages with the data
    AddressFormats,
    /// Inject faults into a running server while customers order, and check every promise afterwards
    Torture(torture::Choice),
    /// Measure how many orders are accepted and done, beside a server that stores nothing; some minutes
    Load {
        /// Arguments after `--` are passed to the benchmark; `-- --help` lists them
        #[arg(last = true)]
        arguments: Vec<String>,
    },
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
        Task::Load { arguments } => return load::load(&workspace, &arguments),
    }
    Ok(ExitCode::SUCCESS)
}

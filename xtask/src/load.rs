//! `cargo xtask load`: the benchmark.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::build;
use crate::progress::Progress;
use crate::workspace::Workspace;

/// Builds server and benchmark in release mode, and runs it with these arguments.
pub fn load(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let program = Progress::of(1)
        .step("Compile the server and the benchmark", || build::compile_benchmark(workspace))?;
    let status =
        Command::new(program).args(arguments).status().context("the benchmark could not be started")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

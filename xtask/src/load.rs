//! `cargo xtask load`: the benchmark.

use std::process::{Command, ExitCode};

use anyhow::{Context, Result};

use crate::build::{self, Profile};
use crate::progress::Progress;
use crate::shell;
use crate::workspace::Workspace;

/// Builds server and benchmark in release mode, and runs it with these arguments.
pub fn load(workspace: &Workspace, arguments: &[String]) -> Result<ExitCode> {
    let docket = Progress::of(1).step("Compile the server and the benchmark", || {
        let docket = build::compile_server(workspace, Profile::Release)?;
        let mut cargo = workspace.cargo();
        shell::run(cargo.args(["build", "--profile", Profile::Release.name(), "--package", "load"]))?;
        anyhow::Ok(docket)
    })?;
    let program = docket.with_file_name("load");
    let status =
        Command::new(program).args(arguments).status().context("the benchmark could not be started")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

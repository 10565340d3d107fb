//! `cargo xtask torture`, and its part of the test command.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::Result;
use clap::Args;

use crate::build::{self, Profile};
use crate::cargo_checks;
use crate::debian;
use crate::progress::{Progress, say};
use crate::schemathesis;
use crate::shell;
use crate::test_count::TestCount;
use crate::workspace::Workspace;

/// How many steps [`smoke_test`] announces.
pub const STEPS: usize = 2;

/// The experiment that needs Schemathesis.
const FUZZ: &str = "api-fuzz";

#[derive(Args)]
pub struct Choice {
    /// Only this experiment; can be given several times
    #[arg(long, value_name = "NAME")]
    only: Vec<String>,
    /// The seed of all random choices; random and printed by default
    #[arg(long)]
    seed: Option<u64>,
    /// The full scale of the promises, which takes hours
    #[arg(long)]
    full: bool,
    /// Add the table to end2end/torture/RESULTS.md
    #[arg(long)]
    record: bool,
    /// Test this program instead of the built one
    #[arg(long, value_name = "PROGRAM")]
    docket: Option<PathBuf>,
    /// List the experiments
    #[arg(long)]
    list: bool,
}

impl Choice {
    fn is_for(&self, experiment: &str) -> bool {
        !self.list && (self.only.is_empty() || self.only.iter().any(|name| name == experiment))
    }
}

/// Builds server and rig in release mode, and runs the experiments.
pub fn torture(workspace: &Workspace, choice: &Choice) -> Result<ExitCode> {
    let schemathesis = if choice.is_for(FUZZ) { fuzzer(workspace) } else { None };
    let mut progress = Progress::of(1);
    let programs = programs(workspace, Profile::Release, &mut progress)?;
    let mut rig = programs.command(workspace);
    rig.arg("--docket").arg(choice.docket.as_ref().unwrap_or(&programs.docket));
    if let Some(program) = schemathesis {
        rig.arg("--schemathesis").arg(program);
    }
    for name in &choice.only {
        rig.args(["--only", name]);
    }
    if let Some(seed) = choice.seed {
        rig.args(["--seed", &seed.to_string()]);
    }
    if choice.full {
        rig.arg("--full");
    }
    if choice.record {
        rig.arg("--record").arg(workspace.root.join("end2end/torture/RESULTS.md"));
    }
    if choice.list {
        rig.arg("--list");
    }
    let status = rig.status()?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Returns Schemathesis, if it can be installed.
fn fuzzer(workspace: &Workspace) -> Option<PathBuf> {
    // Without it the rig skips that experiment.
    schemathesis::obtain(workspace).inspect_err(|missing| say(format_args!("      {missing:#}"))).ok()
}

/// Runs the short experiments, against the server of the other tests.
pub fn smoke_test(workspace: &Workspace, progress: &mut Progress) -> Result<TestCount> {
    let programs = programs(workspace, Profile::Dev, progress)?;
    progress.step("Torture the server for some minutes", || {
        let mut rig = programs.command(workspace);
        rig.arg("--smoke").arg("--docket").arg(&programs.docket);
        cargo_checks::counted(&mut rig, result_of)
    })
}

/// The rig, the server, and the server with failpoints.
struct Programs {
    rig: PathBuf,
    docket: PathBuf,
    failpoints: PathBuf,
}

fn programs(workspace: &Workspace, profile: Profile, progress: &mut Progress) -> Result<Programs> {
    // Without them the rig skips the experiments with broken disks.
    if debian::is_here()
        && let Err(missing) =
            debian::install(&["strace", "e2fsprogs", "perl"], "Some experiments are left out.")
    {
        say(format_args!("      {missing}"));
    }
    progress.step("Compile the rig, and the server with and without failpoints", || {
        // The one without is built last, because both have the same path.
        let failpoints = build::compile_server_with_failpoints(workspace, profile)?;
        let docket = build::compile_server(workspace, profile)?;
        let mut cargo = workspace.cargo();
        shell::run(cargo.args(["build", "--profile", profile.name(), "--package", "torture"]))?;
        Ok(Programs { rig: docket.with_file_name("torture"), docket, failpoints })
    })
}

impl Programs {
    /// Returns the command of the rig.
    fn command(&self, workspace: &Workspace) -> Command {
        let mut rig = Command::new(&self.rig);
        rig.arg("--failpoints").arg(&self.failpoints).arg("--folder").arg(folder(workspace));
        rig
    }
}

/// Returns a folder on the disk of the target folder, which is a real one.
fn folder(workspace: &Workspace) -> PathBuf {
    Path::new(&workspace.target).join("torture")
}

/// Parses `experiments: 9 passed, 0 failed, 1 skipped; …`.
fn result_of(line: &str) -> Option<TestCount> {
    let counts = line.strip_prefix("experiments: ")?;
    let count = |word: &str| {
        let part = counts.split([',', ';']).find_map(|part| part.trim().strip_suffix(word))?;
        part.trim().parse().ok()
    };
    Some(TestCount { passed: count("passed")?, failed: count("failed")? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_the_rig_is_counted() {
        let tally = result_of("experiments: 9 passed, 1 failed, 2 skipped; seed 7 · 2 cores").unwrap();
        assert_eq!((tally.passed, tally.failed), (9, 1));
        assert!(result_of("kill-loop  passed").is_none());
    }
}

//! Licences, duplicates, bans and sources of the crates in the lock file, checked by cargo-deny as `.deny.toml` says.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::progress::{Progress, say};
use crate::shell;
use crate::workspace::Workspace;

/// How many steps [`check`] announces.
pub const STEPS: usize = 1;

const VERSION: &str = "0.20.2";

pub fn check(workspace: &Workspace, progress: &mut Progress) -> Result<()> {
    progress.step("Dependencies: licences, duplicates, bans, sources, advisories", || {
        let cargo_deny = CargoDeny::obtain(workspace)?;
        cargo_deny
            .run(&["check", "bans", "licenses", "sources"])
            .context("a dependency breaks a rule of .deny.toml: the lines above name it")?;
        cargo_deny.check_advisories()
    })
}

struct CargoDeny<'w> {
    program: PathBuf,
    workspace: &'w Workspace,
}

impl<'w> CargoDeny<'w> {
    /// Finds the pinned version in the target folder, or installs it there.
    fn obtain(workspace: &'w Workspace) -> Result<Self> {
        let folder = workspace.target.join(format!("cargo-deny-{VERSION}"));
        let found = Self { program: folder.join("bin/cargo-deny"), workspace };
        if found.program.exists() {
            return Ok(found);
        }
        say(format_args!("      installing cargo-deny {VERSION} (some minutes, once)"));
        let mut cargo = workspace.cargo();
        // It runs for a second, so optimising it would take longer than it saves.
        cargo.args(["install", "cargo-deny", "--locked", "--debug", "--version", &format!("={VERSION}")]);
        cargo.arg("--root").arg(&folder).env("CARGO_TARGET_DIR", folder.join("build"));
        shell::run(&mut cargo).context("cargo-deny cannot be installed")?;
        fs::remove_dir_all(folder.join("build")).context("what built cargo-deny cannot be removed")?;
        ensure!(found.program.exists(), "cargo install left no cargo-deny");
        Ok(found)
    }

    fn run(&self, arguments: &[&str]) -> Result<()> {
        shell::run(&mut self.command(arguments))
    }

    /// The advisory database is a git repository. If it cannot be fetched, this is reported and nothing fails.
    fn check_advisories(&self) -> Result<()> {
        if !shell::succeeds(&mut self.command(&["fetch", "db"])) {
            say("      NOT checked: advisories, because their database cannot be fetched from here");
            return Ok(());
        }
        self.run(&["--offline", "check", "advisories"])
            .context("a dependency has an advisory: the lines above name it")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(arguments).current_dir(&self.workspace.root);
        command
    }
}

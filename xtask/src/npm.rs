//! Packages from npm, as pinned by a lock file.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::debian;
use crate::progress::say;
use crate::shell;
use crate::stamp::{Stamp, fingerprint_of};

/// The oldest Node.js that our packages run on.
const OLDEST_NODE: u32 = 20;
const BY_HAND: &str =
    "Install Node.js 20 or newer with npm, from https://nodejs.org or your system's packages.";

/// Installs what `package-lock.json` in this folder lists, if it changed.
pub fn install_locked(folder: &Path) -> Result<()> {
    let locked = fingerprint_of(&folder.join("package-lock.json"))?;
    let stamp = Stamp::at(folder.join("node_modules/.docket-lock"));
    if stamp.says(&locked) {
        return Ok(());
    }
    obtain_node()?;
    say(format_args!("      npm ci in {}", folder.display()));
    let mut npm = Command::new("npm");
    npm.args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder);
    npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    shell::run(&mut npm).with_context(|| format!("The packages of {} are missing", folder.display()))?;
    stamp.set(&locked)
}

/// The same for a lock file among the sources, installed into another folder.
pub fn install_apart(sources: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder)?;
    for file in ["package.json", "package-lock.json"] {
        fs::copy(sources.join(file), folder.join(file))?;
    }
    install_locked(folder)
}

fn obtain_node() -> Result<()> {
    if shell::find("npm").is_none() {
        debian::install(&["nodejs", "npm"], BY_HAND)?;
    }
    let version = shell::capture(Command::new("node").arg("--version")).context(BY_HAND)?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    ensure!(
        major.is_some_and(|major| major >= OLDEST_NODE),
        "Node.js {} is too old. {BY_HAND}",
        version.trim()
    );
    Ok(())
}

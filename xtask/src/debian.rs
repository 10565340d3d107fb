//! Installs Debian packages.

use std::fs;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::progress::say;
use crate::shell;

/// Whether packages can be installed here.
pub fn is_here() -> bool {
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    release.lines().any(|line| line == "ID=debian") && shell::find("apt-get").is_some()
}

/// Installs missing packages. `otherwise` tells a person what to do if this fails.
pub fn install(packages: &[&str], otherwise: &str) -> Result<()> {
    let missing: Vec<&str> = packages.iter().copied().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.join(" ");
    ensure!(is_here(), "{names}: missing, and this is no Debian with apt-get. {otherwise}");
    say(format_args!("      installing {names}"));
    let mut packages = vec!["install", "--yes", "--no-install-recommends"];
    packages.extend(&missing);
    let done = shell::succeeds(&mut apt_get(&packages)) || {
        // The package lists may be old or missing.
        update() && shell::run(&mut apt_get(&packages)).is_ok()
    };
    ensure!(done, "{names}: missing, and apt-get could not install it. {otherwise}");
    Ok(())
}

/// Updates the package lists. Returns whether it succeeded.
pub fn update() -> bool {
    shell::run(&mut apt_get(&["update"])).is_ok()
}

/// Returns a command that runs as root, with `sudo` if necessary.
pub fn as_root(program: &str) -> Command {
    let root = shell::capture(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if root {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}

fn apt_get(arguments: &[&str]) -> Command {
    let mut command = as_root("apt-get");
    // Wait for another apt to finish, and never ask a question.
    command.args(["-o", "DPkg::Lock::Timeout=120", "-o", "Dpkg::Options::=--force-confold", "-q"]);
    command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_installed(package: &str) -> bool {
    let mut query = Command::new("dpkg-query");
    query.args(["--show", "--showformat=${db:Status-Status}", package]).stderr(std::process::Stdio::null());
    query.output().is_ok_and(|answer| answer.stdout == b"installed")
}

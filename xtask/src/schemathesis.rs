//! Schemathesis, which tests an API by its document: in a Python environment in the target folder.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};

use crate::debian;
use crate::progress::say;
use crate::shell;
use crate::workspace::Workspace;

const VERSION: &str = "4.32.5";

/// Finds it, or installs it.
pub fn obtain(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join(format!("schemathesis-{VERSION}"));
    let program = folder.join("bin/schemathesis");
    if shell::succeeds(Command::new(&program).arg("--version")) {
        return Ok(program);
    }
    say(format_args!("      installing schemathesis {VERSION} (half a minute, once)"));
    let make = || {
        // An earlier attempt may be incomplete.
        let _ = fs::remove_dir_all(&folder);
        shell::succeeds(Command::new("python3").args(["-m", "venv"]).arg(&folder))
    };
    if !make() {
        debian::install(&["python3", "python3-venv"], "The calls out of the API's document are left out.")?;
        make();
    }
    let mut pip = Command::new(folder.join("bin/pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", &format!("schemathesis=={VERSION}")]);
    shell::run(&mut pip).context("schemathesis cannot be installed")?;
    Ok(program)
}

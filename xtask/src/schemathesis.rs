//! Schemathesis, which makes calls out of the document of an API: in a Python environment of its own in the target folder.

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
        // What an earlier try left may be broken.
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

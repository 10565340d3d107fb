//! nginx, for the tests behind a reverse proxy: the installed one, or Debian's package unpacked into the target
//! folder, so that no service is started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::debian;
use crate::progress::say;
use crate::shell;
use crate::workspace::Workspace;

const BY_HAND: &str = "Install nginx, or name the program in DOCKET_NGINX.";

/// Finds the program, or downloads it.
pub fn obtain(workspace: &Workspace) -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("DOCKET_NGINX") {
        return Ok(named.into());
    }
    let folder = workspace.target.join("nginx");
    let unpacked = folder.join("unpacked/usr/sbin/nginx");
    for found in [shell::find("nginx"), Some("/usr/sbin/nginx".into()), Some(unpacked.clone())] {
        if let Some(program) = found.filter(|program| works(program)) {
            return Ok(program);
        }
    }
    ensure!(debian::is_here(), "nginx: missing, and this is no Debian with apt-get. {BY_HAND}");
    say("      downloading nginx");
    fs::create_dir_all(&folder)?;
    let download = || {
        let mut apt_get = Command::new("apt-get");
        apt_get.args(["-q", "download", "nginx"]).current_dir(&folder);
        shell::succeeds(&mut apt_get)
    };
    ensure!(
        download() || (debian::update() && download()),
        "nginx: apt-get could not download it. {BY_HAND}"
    );
    for package in fs::read_dir(&folder)? {
        let package = package?.path();
        if package.extension().is_some_and(|extension| extension == "deb") {
            shell::run(Command::new("dpkg-deb").arg("-x").arg(&package).arg(folder.join("unpacked")))?;
        }
    }
    ensure!(works(&unpacked), "nginx: the package of Debian does not run here. {BY_HAND}");
    Ok(unpacked)
}

fn works(program: &Path) -> bool {
    program.is_file() && shell::succeeds(Command::new(program).arg("-v"))
}

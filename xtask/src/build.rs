//! `cargo xtask build`: everything for release, in a folder that can be deployed.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;

use crate::progress::{Progress, say};
use crate::shell;
use crate::site;
use crate::workspace::Workspace;

/// How many steps [`release`] announces.
pub const STEPS: usize = site::STEPS + 1;

/// What a release consists of.
pub struct Release {
    pub program: PathBuf,
    pub site: PathBuf,
}

/// Leaves `dist` in the target folder: the program with the site beside it, where it looks for it.
pub fn build(workspace: &Workspace) -> Result<()> {
    let mut progress = Progress::of(STEPS + 1);
    let built = release(workspace, &mut progress)?;
    let folder = workspace.target.join("dist");
    progress.step("Gather the folder to deploy", || {
        fs::create_dir_all(&folder)?;
        // A program that is running can be replaced, but not written to.
        let fresh = folder.join("docket.new");
        fs::copy(&built.program, &fresh)?;
        fs::rename(&fresh, folder.join("docket"))?;
        site::copy(&built.site, &folder.join("site"))
    })?;
    say(format_args!("{} is ready to be deployed: start it with `./docket serve`", folder.display()));
    Ok(())
}

/// Builds the server and the site.
pub fn release(workspace: &Workspace, progress: &mut Progress) -> Result<Release> {
    let site = site::build(workspace, progress)?;
    progress.step("Compile the server (the first time takes minutes)", || {
        shell::run(workspace.cargo().args(["build", "--release", "--package", "server", "--bin", "docket"]))
    })?;
    Ok(Release { program: workspace.target.join("release/docket"), site })
}

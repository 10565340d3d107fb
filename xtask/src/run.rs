//! `cargo xtask run`: the shop, started.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::build::{self, Profile};
use crate::progress::{Progress, say};
use crate::workspace::Workspace;

pub fn run(workspace: &Workspace, docket_args: &[String]) -> Result<()> {
    let mut progress = Progress::of(build::STEPS);
    let built = build::docket(workspace, Profile::Release, &mut progress)?;
    say("Starting docket; its data is in ./data, Ctrl-C stops it");
    let mut docket = Command::new(built.program);
    docket.arg("serve").args(docket_args).env("LEPTOS_SITE_ROOT", built.site).current_dir(&workspace.root);
    // Replaces this process, so that Ctrl-C and signals reach docket.
    Err(docket.exec()).context("docket could not be started")
}

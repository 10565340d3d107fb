//! The paths of the workspace.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::shell;

pub struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// The target folder of cargo.
    pub target: PathBuf,
    /// The names of all workspace crates.
    pub crates: Vec<String>,
}

impl Workspace {
    pub fn locate() -> Result<Self> {
        let mut metadata = cargo();
        metadata.args(["metadata", "--no-deps", "--format-version=1"]);
        // `cargo run` sets the folder of this crate, wherever in the workspace it was called.
        if let Some(folder) = env::var_os("CARGO_MANIFEST_DIR") {
            metadata.current_dir(folder);
        }
        let metadata: Value = serde_json::from_str(&shell::capture(&mut metadata)?)?;
        let text =
            |value: &Value| value.as_str().map(str::to_owned).context("cargo metadata has changed its shape");
        let crates = metadata["packages"].as_array().context("cargo metadata has changed its shape")?;
        Ok(Self {
            root: text(&metadata["workspace_root"])?.into(),
            target: text(&metadata["target_directory"])?.into(),
            crates: crates.iter().map(|found| text(&found["name"])).collect::<Result<_>>()?,
        })
    }

    /// Returns a cargo command of the toolchain that runs this program, at the root.
    pub fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }
}

fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

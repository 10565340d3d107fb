//! PostgreSQL, for the tests of the shared store: the installed one, or Debian's package without its cluster, so that no
//! service is started.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::debian;
use crate::shell;

const BY_HAND: &str =
    "Install PostgreSQL 15 or newer, or name the folder of its programs in DOCKET_POSTGRES.";
/// The oldest version that Docket supports.
const MIN_VERSION: u32 = 15;
/// Keeps Debian's package from creating and starting a cluster when it is installed. A setting that exists is kept.
const NO_CLUSTER: &str = "mkdir -p /etc/postgresql-common && cd /etc/postgresql-common && \
                          { test -e createcluster.conf || echo 'create_main_cluster = false' > createcluster.conf; }";

/// Finds the folder of the programs, or installs them.
pub fn obtain() -> Result<PathBuf> {
    if let Some(named) = std::env::var_os("DOCKET_POSTGRES") {
        return Ok(named.into());
    }
    if let Some(found) = find() {
        return Ok(found);
    }
    if debian::is_here() {
        shell::run(debian::as_root("sh").args(["-c", NO_CLUSTER]))?;
    }
    debian::install(&["postgresql"], BY_HAND)?;
    let found = find();
    ensure!(found.is_some(), "the package postgresql of this system is too old. {BY_HAND}");
    Ok(found.unwrap_or_default())
}

fn find() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten();
    let of_debian = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    let on_path = shell::find("postgres").and_then(|program| fs::canonicalize(program).ok());
    let on_path = on_path.and_then(|program| Some(program.parent()?.to_owned()));
    of_debian.chain(on_path).find(|folder| is_complete(folder))
}

fn is_complete(folder: &Path) -> bool {
    let has_all = ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).is_file());
    has_all && version(folder).is_some_and(|version| version >= MIN_VERSION)
}

/// Returns the major version: `postgres (PostgreSQL) 15.18 (Debian …)` is 15.
fn version(folder: &Path) -> Option<u32> {
    let said = shell::capture(Command::new(folder.join("postgres")).arg("--version")).ok()?;
    said.split_whitespace().nth(2)?.split('.').next()?.parse().ok()
}

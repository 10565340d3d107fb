//! Where the WAL of a database is.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Returns the path of a database's WAL.
pub(super) fn log_of(path: &Path) -> PathBuf {
    let mut log = OsString::from(path);
    log.push("-wal");
    log.into()
}

//! Why the store could not be opened.

use std::path::PathBuf;

/// The store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its folder cannot be used.
    #[error("the database {path} cannot be opened: {reason}", path = .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The system's message.
        reason: String,
    },
    /// SQLite is too old.
    #[error("SQLite {found} is too old: versions before 3.51.3 can corrupt a database when its log is reset")]
    Version {
        /// The version found.
        found: String,
    },
    /// The migrations failed.
    #[error("the database could not be migrated: {0}")]
    Migration(String),
    /// The disk is too full to migrate.
    #[error(
        "the database {path} belongs to an earlier version, and to migrate it needs {needed} MB of free disk space, \
         of which there are {free} MB",
        path = .path.display()
    )]
    Space {
        /// The file.
        path: PathBuf,
        /// How many megabytes must be free.
        needed: u64,
        /// How many are.
        free: u64,
    },
}

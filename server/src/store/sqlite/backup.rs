//! A consistent copy of a database that may be in use.
//!
//! `VACUUM INTO` copies in one read transaction: nobody waits for it, and the copy has every order that was
//! acknowledged before it started. It is written under another name, synced, and renamed last, so a file with the
//! requested name is always complete.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::checkpoint::BUSY_TIMEOUT;
use crate::platform::private_files;

/// The copy was not made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is no database.
    #[error("There is no database at {}.", .0.display())]
    Missing(PathBuf),
    /// A copy never replaces another file.
    #[error("{} exists already; a backup never overwrites anything.", .0.display())]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("{} cannot be written: {reason}.", .file.display())]
    Place {
        /// The copy.
        file: PathBuf,
        /// Why.
        reason: io::Error,
    },
    /// The database cannot be read, or the copy cannot be written.
    #[error("the copy could not be made: {0}")]
    Copy(#[from] rusqlite::Error),
}

/// The result of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backup {
    /// How many orders it has.
    pub orders: u64,
    /// Its size.
    pub bytes: u64,
}

/// Copies a database to a new file.
///
/// # Errors
/// When there is no database, when the file exists, or when it cannot be written. Nothing is left behind then.
pub fn backup(database: &Path, copy: &Path) -> Result<Backup, BackupError> {
    if !database.is_file() {
        return Err(BackupError::Missing(database.to_owned()));
    }
    if copy.symlink_metadata().is_ok() {
        return Err(BackupError::Exists(copy.to_owned()));
    }
    let unfinished = Unfinished::create(copy)?;
    let place = |reason| BackupError::Place { file: copy.to_owned(), reason };
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(database, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.execute("VACUUM INTO ?1", [unfinished.0.to_string_lossy()])?;
    let orders = orders_in(&unfinished.0)?;
    let file = File::open(&unfinished.0).map_err(place)?;
    file.sync_all().map_err(place)?;
    let bytes = file.metadata().map_err(place)?.len();
    unfinished.name(copy).map_err(|reason| match reason.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(copy.to_owned()),
        _ => place(reason),
    })?;
    Ok(Backup { orders, bytes })
}

fn orders_in(copy: &Path) -> rusqlite::Result<u64> {
    let copy = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    copy.query_row("SELECT count(*) FROM orders", [], |row| row.get(0))
}

/// An incomplete copy, which is deleted when it is dropped.
struct Unfinished(PathBuf);

impl Unfinished {
    /// Creates an empty file that only its owner can read: it will have hashes of keys and customers' addresses.
    fn create(copy: &Path) -> Result<Self, BackupError> {
        let mut name = OsString::from(copy);
        name.push(".unfinished");
        let path = PathBuf::from(name);
        let place = |reason| BackupError::Place { file: copy.to_owned(), reason };
        // A file left by an interrupted backup.
        if path.exists() {
            fs::remove_file(&path).map_err(place)?;
        }
        private_files::create_new(&path).map_err(place)?;
        Ok(Self(path))
    }

    /// Gives it its name, unless that exists by now, and syncs the folder.
    fn name(self, copy: &Path) -> io::Result<()> {
        fs::hard_link(&self.0, copy)?;
        let folder = copy.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // After a successful copy, too: it has two names then, and this one is not needed.
        let _ = fs::remove_file(&self.0);
    }
}

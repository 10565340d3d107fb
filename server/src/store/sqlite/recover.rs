//! What a server does with the log of writes that a dead one left behind.
//!
//! A process that was killed may have written a commit without having seen its fsync through; one that ended because an
//! fsync did not work has such a commit for certain, and the system may count its pages as written although they are not
//! (Rebello et al., *Can Applications Recover from fsync Failures?*). Recovery reads the log from the system's memory and
//! finds the commit there. Answering with an order from it would acknowledge what the next power cut takes away, along
//! with everything behind it in the log. So before anything is answered, the log is written again, byte by byte, and
//! brought to disk.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::checkpoint::BUSY;
use super::{OpenError, SqliteConfig, SqliteStore};

/// So much is held in memory at a time.
const PIECE: usize = 1 << 20;

impl SqliteStore {
    /// Makes durable what a dead server may have left half-way. To be called once before [`SqliteStore::open`] by the one
    /// program that serves the file; others may use the file meanwhile.
    ///
    /// # Errors
    /// When the disk does not take it. Nobody should be answered from such a file.
    pub async fn recover(config: &SqliteConfig) -> Result<(), OpenError> {
        let path = config.path.clone();
        let failed = |reason: String| OpenError::File { path: config.path.clone(), reason };
        let recovered = tokio::task::spawn_blocking(move || recover(&path)).await;
        recovered.map_err(|e| failed(e.to_string()))?.map_err(|e| failed(e.to_string()))
    }
}

fn recover(path: &Path) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let log = log_of(path);
    match log.metadata() {
        Ok(found) if found.len() > 0 => {}
        Ok(_) => return Ok(()),
        Err(missing) if missing.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error.into()),
    }
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    // The writer moves the log into the database in its own time.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Nobody else writes to the log from here to the roll-back.
    connection.execute_batch("BEGIN IMMEDIATE")?;
    write_again(&log)?;
    connection.execute_batch("ROLLBACK")?;
    Ok(())
}

/// Where SQLite keeps the log of a database.
pub(super) fn log_of(path: &Path) -> PathBuf {
    let mut log = OsString::from(path);
    log.push("-wal");
    log.into()
}

/// Writes a file's bytes over themselves, so that the system holds them for unwritten, and waits until they are on disk.
fn write_again(path: &Path) -> io::Result<()> {
    let mut file: File = OpenOptions::new().read(true).write(true).open(path)?;
    let mut piece = vec![0; PIECE];
    let mut at = 0;
    loop {
        file.seek(SeekFrom::Start(at))?;
        let read = file.read(&mut piece)?;
        if read == 0 {
            return file.sync_all();
        }
        file.seek(SeekFrom::Start(at))?;
        file.write_all(&piece[..read])?;
        at += read as u64;
    }
}

//! Recovery of the WAL that a dead server left.
//!
//! A killed process may have written a commit whose fsync did not complete; one that ended because of a failed fsync
//! certainly has such a commit, and the system may have marked its pages as clean although they are not on disk
//! (Rebello et al., *Can Applications Recover from fsync Failures?*). Recovery reads the WAL from the page cache and
//! finds the commit there. Answering with an order from it would acknowledge what the next power cut loses, together
//! with everything behind it in the WAL. So before anything is answered, the WAL is rewritten byte by byte and
//! synced.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::checkpoint::BUSY_TIMEOUT;
use super::wal_path::log_of;
use super::{OpenError, SqliteConfig, SqliteStore};

/// How many bytes are held in memory at a time.
const CHUNK: usize = 1 << 20;

impl SqliteStore {
    /// Makes the WAL of a dead server durable. Must be called once before [`SqliteStore::open`] by the one program
    /// that serves the file; others may use the file meanwhile.
    ///
    /// # Errors
    /// When the disk fails. Nobody should be answered from such a file.
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
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // The writer checkpoints later.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    // Nobody else writes to the WAL until the rollback.
    connection.execute_batch("BEGIN IMMEDIATE")?;
    write_again(&log)?;
    connection.execute_batch("ROLLBACK")?;
    Ok(())
}

/// Rewrites a file with its own bytes, so that the system marks its pages as dirty, and syncs it.
fn write_again(path: &Path) -> io::Result<()> {
    let mut file: File = OpenOptions::new().read(true).write(true).open(path)?;
    let mut piece = vec![0; CHUNK];
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

//! Checkpointing the WAL.
//!
//! The writer does it itself, between two cycles: nobody else writes then, so all of the WAL is checkpointed and the
//! next commit restarts it, unless a reader still reads its beginning. It is done rarely, because checkpoints
//! determine the slowest answers.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::disk_full::is_disk_full;

/// Checkpoint at this many frames of 4 KiB (16 MB).
const SOFT_LIMIT: u32 = 4_000;
/// After how many more frames to try again when a reader was in the way.
const RETRY_FRAMES: u32 = 1_000;
/// From here on the WAL is also truncated, and readers are waited for a moment: 256 MB.
const HARD_LIMIT: u32 = 65_536;
/// How long the writer waits for readers then.
pub(super) const READER_TIMEOUT: Duration = Duration::from_millis(200);
/// How long a command waits for another program that writes, such as `docket key create`.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// When the next checkpoint is due.
#[derive(Debug)]
pub(super) struct Checkpoints {
    at: u32,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self { at: SOFT_LIMIT }
    }
}

/// The content of the WAL.
struct Log {
    frames: u32,
    moved: u32,
}

impl Checkpoints {
    /// Checks the WAL after a commit, and checkpoints it when it is long enough.
    ///
    /// # Errors
    /// When the disk failed; the store must then be opened again.
    pub(super) fn after_commit(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let Some(log) = run(connection, "NOOP")? else { return Ok(()) };
        if log.frames < self.at {
            // The WAL was restarted, by us or by the last program that closed the file.
            if log.frames < SOFT_LIMIT {
                self.at = SOFT_LIMIT;
            }
            return Ok(());
        }
        let log = if log.frames < HARD_LIMIT { run(connection, "PASSIVE")? } else { cut(connection)? };
        self.at = match log {
            Some(log) if log.moved >= log.frames => SOFT_LIMIT,
            Some(log) => log.frames + RETRY_FRAMES,
            None => self.at + RETRY_FRAMES,
        };
        Ok(())
    }

    /// Truncates the WAL while there is nothing else to do.
    ///
    /// # Errors
    /// As [`Checkpoints::after_commit`].
    pub(super) fn when_idle(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        cut(connection)?;
        Ok(())
    }
}

/// Checkpoints everything and truncates the file, waiting only a moment for readers.
fn cut(connection: &Connection) -> rusqlite::Result<Option<Log>> {
    connection.busy_timeout(READER_TIMEOUT)?;
    let log = run(connection, "TRUNCATE");
    connection.busy_timeout(BUSY_TIMEOUT)?;
    log
}

/// Returns none when a reader was in the way, or when the database could not grow: the WAL then keeps growing.
fn run(connection: &Connection, mode: &str) -> rusqlite::Result<Option<Log>> {
    let mut pragma = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    let done = pragma.query_row([], |row| {
        // Minus one stands for a missing WAL.
        let frames = |count: i64| u32::try_from(count).unwrap_or(0);
        Ok(Log { frames: frames(row.get(1)?), moved: frames(row.get(2)?) })
    });
    match done {
        Ok(log) => Ok(Some(log)),
        Err(reason) if is_disk_full(&reason) => {
            tracing::warn!(%reason, "the WAL could not be checkpointed");
            Ok(None)
        }
        Err(reason) => match reason.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Ok(None),
            _ => Err(reason),
        },
    }
}

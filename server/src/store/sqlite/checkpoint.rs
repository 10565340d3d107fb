//! Moving the log of writes (SQLite's WAL) into the database.
//!
//! The writer does it itself, between two cycles: nobody else writes then, so all of the log is moved and the next
//! commit begins it anew, unless a reader still looks at its beginning. It is done seldom, because checkpoints set the
//! slowest answers.

use std::time::Duration;

use rusqlite::{Connection, ErrorCode};

use super::disk_full::is_disk_full;

/// So many frames (4 KiB each, so 16 MB) before they are moved.
const SOFT: u32 = 4_000;
/// So many more before it is tried again after a reader was in the way.
const AGAIN: u32 = 1_000;
/// From here on the log is also cut, and readers are waited for a moment: 256 MB.
const HARD: u32 = 65_536;
/// So long the writer waits for readers then.
pub(super) const PATIENCE: Duration = Duration::from_millis(200);
/// So long a command waits for another program that writes, such as `docket key create`.
pub(super) const BUSY: Duration = Duration::from_secs(10);

/// When the next one is due.
#[derive(Debug)]
pub(super) struct Checkpoints {
    at: u32,
}

impl Default for Checkpoints {
    fn default() -> Self {
        Self { at: SOFT }
    }
}

/// What the log holds.
struct Log {
    frames: u32,
    moved: u32,
}

impl Checkpoints {
    /// Looks at the log after a commit, and moves it when it is long enough.
    ///
    /// # Errors
    /// When the disk did not do what it was told; the store must then be opened anew.
    pub(super) fn after_commit(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let Some(log) = run(connection, "NOOP")? else { return Ok(()) };
        if log.frames < self.at {
            // The log began anew, by us or by the last program that closed the file.
            if log.frames < SOFT {
                self.at = SOFT;
            }
            return Ok(());
        }
        let log = if log.frames < HARD { run(connection, "PASSIVE")? } else { cut(connection)? };
        self.at = match log {
            Some(log) if log.moved >= log.frames => SOFT,
            Some(log) => log.frames + AGAIN,
            None => self.at + AGAIN,
        };
        Ok(())
    }

    /// Empties the log while there is nothing else to do.
    ///
    /// # Errors
    /// As [`Checkpoints::after_commit`].
    pub(super) fn when_idle(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        cut(connection)?;
        Ok(())
    }
}

/// Moves everything and cuts the file, waiting only a moment for readers.
fn cut(connection: &Connection) -> rusqlite::Result<Option<Log>> {
    connection.busy_timeout(PATIENCE)?;
    let log = run(connection, "TRUNCATE");
    connection.busy_timeout(BUSY)?;
    log
}

/// None when somebody was in the way, or when the database found no room to grow: the log then goes on growing.
fn run(connection: &Connection, mode: &str) -> rusqlite::Result<Option<Log>> {
    let mut pragma = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    let done = pragma.query_row([], |row| {
        // Minus one stands for a log that is not there.
        let frames = |count: i64| u32::try_from(count).unwrap_or(0);
        Ok(Log { frames: frames(row.get(1)?), moved: frames(row.get(2)?) })
    });
    match done {
        Ok(log) => Ok(Some(log)),
        Err(reason) if is_disk_full(&reason) => {
            tracing::warn!(%reason, "the log of writes could not be moved into the database; it stays as it is");
            Ok(None)
        }
        Err(reason) => match reason.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Ok(None),
            _ => Err(reason),
        },
    }
}

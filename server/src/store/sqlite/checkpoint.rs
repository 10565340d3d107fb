//! Checkpointing the WAL.
//!
//! A checkpoint has two parts. A thread of its own copies most of a long WAL into the database while the writer goes on
//! committing. The writer then copies what it has written meanwhile, between two cycles: nobody else writes then, so all
//! of the WAL is checkpointed and the next commit restarts it, unless a reader still reads its beginning. Checkpoints
//! determine the slowest answers, and the second part is short.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use tokio::time::Instant;

use super::disk_full::is_disk_full;
use crate::metrics::{CheckpointPart, Metrics};

/// Checkpoint at this many frames of 4 KiB (64 MB): the longer the WAL, the more often the same page is in it, which is copied once.
const SOFT_LIMIT: u32 = 16_000;
/// After how many more frames to try again when a reader was in the way.
const RETRY_FRAMES: u32 = 4_000;
/// From here on the WAL is also truncated, and readers are waited for a moment: 256 MB.
const HARD_LIMIT: u32 = 65_536;
/// How long the writer waits for readers then.
pub(super) const READER_TIMEOUT: Duration = Duration::from_millis(200);
/// How long a command waits for another program that writes, such as `docket key create`.
pub(super) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// When the next checkpoint is due, and the thread for its first part.
#[derive(Debug)]
pub(super) struct Checkpoints {
    at: u32,
    /// The connection of the thread, until it is needed for the first time.
    connection: Option<Connection>,
    thread: Option<CheckpointThread>,
    is_running: bool,
    metrics: Arc<Metrics>,
}

/// The thread that checkpoints beside the writer.
#[derive(Debug)]
struct CheckpointThread {
    /// `None` only while it is dropped.
    requests: Option<SyncSender<()>>,
    results: Receiver<rusqlite::Result<()>>,
    handle: Option<JoinHandle<()>>,
}

/// How long the WAL is.
struct WalStatus {
    frames: u32,
    /// How many of the frames are in the database.
    checkpointed: u32,
}

impl Checkpoints {
    /// Returns checkpoints whose thread uses this connection. It has the settings of the writer's.
    pub(super) const fn new(connection: Connection, metrics: Arc<Metrics>) -> Self {
        Self { at: SOFT_LIMIT, connection: Some(connection), thread: None, is_running: false, metrics }
    }

    /// Checks the WAL after a commit, and checkpoints it when it is long enough.
    ///
    /// # Errors
    /// When the disk failed; the store must then be opened again.
    pub(super) fn after_commit(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if self.is_running {
            if self.thread.as_ref().map_or(Ok(true), CheckpointThread::poll)? {
                self.is_running = false;
                self.complete(connection)?;
            }
            return Ok(());
        }
        let Some(wal) = run(connection, "NOOP")? else { return Ok(()) };
        if wal.frames < self.at {
            // The WAL was restarted, by us or by the last program that closed the file.
            if wal.frames < SOFT_LIMIT {
                self.at = SOFT_LIMIT;
            }
        } else if wal.frames < HARD_LIMIT {
            self.is_running = self.request();
            if !self.is_running {
                self.complete(connection)?;
            }
        } else {
            let begun = Instant::now();
            let wal = truncate(connection)?;
            self.metrics.store.record_checkpoint(CheckpointPart::Truncate, begun.elapsed());
            self.at = next_limit(wal, self.at);
        }
        Ok(())
    }

    /// Truncates the WAL while there is nothing else to do.
    ///
    /// # Errors
    /// As [`Checkpoints::after_commit`].
    pub(super) fn when_idle(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if self.is_running {
            self.is_running = false;
            self.thread.as_ref().map_or(Ok(()), CheckpointThread::wait)?;
        }
        let begun = Instant::now();
        truncate(connection)?;
        self.metrics.store.record_checkpoint(CheckpointPart::Truncate, begun.elapsed());
        Ok(())
    }

    /// Whether the thread works.
    #[cfg(test)]
    pub(super) const fn is_running(&self) -> bool {
        self.is_running
    }

    /// Waits until a checkpoint that has begun is complete.
    #[cfg(test)]
    pub(super) fn wait(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        if std::mem::take(&mut self.is_running) {
            self.thread.as_ref().map_or(Ok(()), CheckpointThread::wait)?;
            self.complete(connection)?;
        }
        Ok(())
    }

    /// Waits for the thread, before the file is left.
    ///
    /// # Errors
    /// When the disk failed meanwhile; the file must then be left as it is.
    pub(super) fn finish(mut self) -> rusqlite::Result<()> {
        let is_running = std::mem::take(&mut self.is_running);
        self.thread.as_ref().filter(|_| is_running).map_or(Ok(()), CheckpointThread::wait)
    }

    /// Requests the first part of a checkpoint; `false` when there is no thread for it.
    fn request(&mut self) -> bool {
        if let Some(connection) = self.connection.take() {
            match CheckpointThread::start(connection, self.metrics.clone()) {
                Ok(thread) => self.thread = Some(thread),
                Err(error) => tracing::warn!(%error, "the thread for checkpoints cannot be started"),
            }
        }
        self.thread.as_ref().is_some_and(CheckpointThread::request)
    }

    /// Checkpoints what was written while the thread worked.
    fn complete(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        let begun = Instant::now();
        let wal = run(connection, "PASSIVE")?;
        self.metrics.store.record_checkpoint(CheckpointPart::Writer, begun.elapsed());
        self.at = next_limit(wal, self.at);
        Ok(())
    }
}

impl CheckpointThread {
    fn start(connection: Connection, metrics: Arc<Metrics>) -> std::io::Result<Self> {
        let (requests, inbox) = sync_channel::<()>(1);
        let (outbox, results) = sync_channel(1);
        let work = move || {
            for () in inbox {
                let begun = Instant::now();
                let done = run(&connection, "PASSIVE").map(drop);
                metrics.store.record_checkpoint(CheckpointPart::Background, begun.elapsed());
                if outbox.send(done).is_err() {
                    break;
                }
            }
        };
        let handle = thread::Builder::new().name("checkpoint".to_owned()).spawn(work)?;
        Ok(Self { requests: Some(requests), results, handle: Some(handle) })
    }

    /// Requests a checkpoint; `false` when the thread has ended, which only a panic can cause.
    fn request(&self) -> bool {
        self.requests.as_ref().is_some_and(|requests| requests.try_send(()).is_ok())
    }

    /// Whether the requested checkpoint is done.
    fn poll(&self) -> rusqlite::Result<bool> {
        match self.results.try_recv() {
            Ok(result) => result.map(|()| true),
            Err(TryRecvError::Empty) => Ok(false),
            Err(TryRecvError::Disconnected) => Ok(true),
        }
    }

    /// Waits for the requested checkpoint.
    fn wait(&self) -> rusqlite::Result<()> {
        self.results.recv().unwrap_or(Ok(()))
    }
}

impl Drop for CheckpointThread {
    /// Waits for the thread, so that its connection is closed before the writer's, which then leaves the file.
    fn drop(&mut self) {
        self.requests = None;
        if let Some(handle) = self.handle.take() {
            // A panic was reported by its hook.
            let _ = handle.join();
        }
    }
}

/// Returns at how many frames the next checkpoint is due.
fn next_limit(wal: Option<WalStatus>, last: u32) -> u32 {
    match wal {
        Some(wal) if wal.checkpointed >= wal.frames => SOFT_LIMIT,
        Some(wal) => wal.frames + RETRY_FRAMES,
        None => last + RETRY_FRAMES,
    }
}

/// Checkpoints everything and truncates the file, waiting only a moment for readers.
fn truncate(connection: &Connection) -> rusqlite::Result<Option<WalStatus>> {
    connection.busy_timeout(READER_TIMEOUT)?;
    let wal = run(connection, "TRUNCATE");
    connection.busy_timeout(BUSY_TIMEOUT)?;
    wal
}

/// Returns none when a reader was in the way, or when the database could not grow: the WAL then keeps growing.
fn run(connection: &Connection, mode: &str) -> rusqlite::Result<Option<WalStatus>> {
    let mut pragma = connection.prepare_cached(&format!("PRAGMA wal_checkpoint({mode})"))?;
    let done = pragma.query_row([], |row| {
        // Minus one stands for a missing WAL.
        let frames = |count: i64| u32::try_from(count).unwrap_or(0);
        Ok(WalStatus { frames: frames(row.get(1)?), checkpointed: frames(row.get(2)?) })
    });
    match done {
        Ok(wal) => Ok(Some(wal)),
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

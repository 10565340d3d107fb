//! How the store is, and its end.

use std::io;
use std::time::Duration;

use async_trait::async_trait;

/// The writer's backlog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// How many commands have not started.
    pub waiting: usize,
    /// How long ago the oldest unanswered command was sent; zero when there is none.
    pub oldest: Duration,
    /// How many transactions were committed since the store was opened.
    pub commits: u64,
}

/// The disk space of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Free bytes of its disk.
    pub free: u64,
    /// Size of the WAL in bytes.
    pub log: u64,
}

/// The health of the store.
#[async_trait]
pub trait Health: Send + Sync + 'static {
    /// Returns how far behind the writer is.
    fn backlog(&self) -> Backlog;

    /// Returns the disk space.
    ///
    /// # Errors
    /// When the system refuses.
    fn space(&self) -> io::Result<Space>;

    /// Does what is better done while nothing else is written. Never returns.
    async fn run_maintenance(&self);

    /// Waits until the outcome of a commit is unknown and the store has stopped. The process must then end and recover.
    async fn given_up(&self);

    /// Runs every command that was sent, then closes the store.
    async fn close(&self);
}

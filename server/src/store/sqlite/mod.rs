//! The embedded store: one writer on a thread of its own, many readers.
//!
//! The writer ([`cycle`]) is `rusqlite`: a cycle takes every queued command, runs them in one transaction, commits
//! once with `synchronous=FULL`, and only then answers, publishes and notifies workers. Readers are an sqlx pool that
//! cannot write. Both use the same bundled SQLite, which a test ensures.

mod audit;
mod backlog;
mod backup;
mod carrier_reports;
mod catalog;
mod check;
mod checkpoint;
mod command;
mod commands;
mod cycle;
mod disk_full;
mod fair_share;
mod jobs;
mod keys;
mod mails;
mod migrations;
mod numbers;
mod open;
mod open_order_cache;
mod order_rows;
mod orders;
mod queue;
mod queues;
mod read;
mod recover;
mod report;
mod search;
mod secrets;
mod space;
mod stats_rows;
mod stock;
mod transaction;
mod writer;

pub use self::orders::OrderFilter;
pub use audit::AuditFilter;
pub use backlog::Backlog;
pub use backup::{Backup, BackupError, backup};
pub use catalog::products_in;
pub use check::{CheckError, CheckSummary, Finding, Rule, check};
pub use open::{OpenError, SqliteConfig};
pub use search::{Found, Wanted};
pub use secrets::{KeptSecrets, Recognised};
pub use space::Space;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::queue::{StoreError, Wakeup};
use sqlx::SqlitePool;

use self::command::Phase;
use self::open_order_cache::OpenOrderCache;
use self::transaction::SqliteTransaction;
use self::writer::Writer;
use crate::metrics::Metrics;
use crate::store::transaction::Written;

/// The store of one machine, in one file.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
    open_orders: Arc<OpenOrderCache>,
    wakeup: Wakeup,
    count: AtomicU64,
    path: PathBuf,
    public_url: String,
    metrics: Arc<Metrics>,
}

impl SqliteStore {
    /// Returns the notifications about due jobs.
    pub fn wakeup(&self) -> &Wakeup {
        &self.wakeup
    }

    /// Returns the serial number of the next order. An unused number is left out.
    pub fn next_serial(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// Waits until the writer has given up because the outcome of a commit is unknown. The process must then end and
    /// recover.
    pub async fn given_up(&self) {
        self.writer.given_up().await;
    }

    /// Returns the writer's backlog.
    pub fn backlog(&self) -> Backlog {
        self.writer.backlog()
    }

    /// Runs every sent command, then ends the writer and closes the file.
    pub async fn close(&self) {
        self.writer.close().await;
        if self.writer.has_given_up() {
            // The last connection checkpoints a file when it closes, and this one must stay as it is.
            std::mem::forget(self.readers.clone());
        } else {
            self.readers.close().await;
        }
    }

    /// Runs a command, waiting for a place in the writer's queue.
    async fn write<R: Send + 'static>(
        &self,
        phase: Phase,
        run: impl FnMut(&mut SqliteTransaction<'_>) -> Written<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.writer.call(phase, run).await
    }
}

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod desk_tests;
#[cfg(test)]
mod link_tests;
#[cfg(test)]
mod migration_tests;
#[cfg(test)]
mod report_tests;
#[cfg(test)]
mod robustness_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

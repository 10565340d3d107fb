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
mod cycle;
mod disk_full;
mod fair_share;
mod health;
mod jobs;
mod keys;
mod mails;
mod migrate;
mod migrations;
mod numbers;
mod open;
mod open_error;
mod open_order_cache;
mod order_rows;
mod orders;
mod queue;
mod queues;
mod read;
mod recover;
mod replay;
mod replay_cache;
mod report;
mod search;
mod secrets;
mod statements;
mod stats_rows;
mod stock;
mod stored_order;
mod transaction;
mod wal_path;
mod writer;

pub use backup::{Backup, BackupError, backup};
pub use catalog::products_in;
pub use check::{CheckError, CheckSummary, Finding, Rule, check};
pub use open::SqliteConfig;
pub use open_error::OpenError;
#[cfg(test)]
pub(in crate::store) use testing::tables_of_a_new_file;
#[cfg(test)]
pub(in crate::store) use tests::{NOW, event, new_acceptance, row};

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ::queue::{StoreError, Wakeup};
use sqlx::SqlitePool;

use self::open_order_cache::OpenOrderCache;
use self::replay_cache::ReplayCache;
use self::writer::Writer;
use crate::metrics::Metrics;
use crate::store::engine::{Engine, Phase};
use crate::store::transaction::{Transaction, Written};

/// The store of one machine, in one file.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: SqlitePool,
    open_orders: Arc<OpenOrderCache>,
    replays: ReplayCache,
    wakeup: Wakeup,
    count: AtomicU64,
    path: PathBuf,
    public_url: String,
    metrics: Arc<Metrics>,
}

impl SqliteStore {
    fn take_serial(&self) -> u64 {
        self.count.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the notifications about due jobs.
    pub fn wakeup(&self) -> &Wakeup {
        &self.wakeup
    }
}

impl Engine for SqliteStore {
    async fn next_serial(&self) -> Result<u64, StoreError> {
        Ok(self.take_serial())
    }

    async fn write<R: Send + 'static>(
        &self,
        phase: Phase,
        mut run: impl FnMut(&mut dyn Transaction) -> Written<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.writer.call(phase, move |transaction| run(transaction)).await
    }

    async fn try_write<R: Send + 'static>(
        &self,
        phase: Phase,
        mut run: impl FnMut(&mut dyn Transaction) -> Written<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        self.writer.try_call(phase, move |transaction| run(transaction)).await
    }
}

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod desk_tests;
#[cfg(test)]
mod link_tests;
#[cfg(test)]
pub mod migration_tests;
#[cfg(test)]
mod report_tests;
#[cfg(test)]
mod robustness_tests;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

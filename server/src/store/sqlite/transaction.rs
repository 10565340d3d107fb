//! The transaction of one cycle.

use rusqlite::{CachedStatement, Connection};

use super::stats_rows;
use crate::store::after_commit::AfterCommit;
use crate::store::transaction::WriteError;

/// The transaction of one cycle.
pub(super) struct SqliteTransaction<'c> {
    connection: &'c Connection,
    last_sequence: u64,
    pub(super) after_commit: AfterCommit,
}

impl<'c> SqliteTransaction<'c> {
    pub(super) fn new(connection: &'c Connection, last_sequence: u64) -> Self {
        Self { connection, last_sequence, after_commit: AfterCommit::default() }
    }

    /// Returns a statement, prepared once per connection.
    pub(super) fn prepare(&self, sql: &str) -> rusqlite::Result<CachedStatement<'c>> {
        self.connection.prepare_cached(sql)
    }

    /// Returns the position of the next event in the log.
    pub(super) fn next_sequence(&mut self) -> u64 {
        self.last_sequence += 1;
        self.last_sequence
    }

    /// Writes the counters. The last write before the commit.
    pub(super) fn write_stats(&self) -> rusqlite::Result<()> {
        stats_rows::write(&self.after_commit.stats, self.connection)
    }

    /// Returns the last sequence of the log, and what is to be done after the commit.
    pub(super) fn finish(self) -> (u64, AfterCommit) {
        (self.last_sequence, self.after_commit)
    }
}

impl From<rusqlite::Error> for WriteError {
    fn from(reason: rusqlite::Error) -> Self {
        Self::Failed(reason.to_string())
    }
}

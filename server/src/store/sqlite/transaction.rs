//! The transaction as its commands see it.

use std::sync::Arc;

use ::orders::{OrderRecord, State, Timestamp};
use queue::{Hint, QueueName};
use rusqlite::{CachedStatement, Connection};

use super::order_stats::OrderStats;
use crate::store::StoredEvent;

/// The transaction of one cycle. It collects what is to be published after the commit.
pub(super) struct Transaction<'c> {
    connection: &'c Connection,
    last_sequence: u64,
    events: Vec<StoredEvent>,
    written: Vec<Arc<OrderRecord>>,
    woken: Vec<(QueueName, Hint)>,
    stats: OrderStats,
}

/// What is to be published after the commit.
pub(super) struct Written {
    pub(super) last_sequence: u64,
    pub(super) events: Vec<StoredEvent>,
    pub(super) records: Vec<Arc<OrderRecord>>,
    pub(super) woken: Vec<(QueueName, Hint)>,
    pub(super) stats: OrderStats,
}

impl<'c> Transaction<'c> {
    pub(super) fn new(connection: &'c Connection, last_sequence: u64) -> Self {
        Self {
            connection,
            last_sequence,
            events: Vec::new(),
            written: Vec::new(),
            woken: Vec::new(),
            stats: OrderStats::default(),
        }
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

    /// Publishes an event after the commit.
    pub(super) fn tell(&mut self, event: StoredEvent) {
        self.events.push(event);
    }

    /// Caches an order as it was written, after the commit.
    pub(super) fn keep(&mut self, record: &Option<Arc<OrderRecord>>) {
        self.written.extend(record.clone());
    }

    /// Notifies the workers of a queue after the commit.
    pub(super) fn wake(&mut self, queue: &QueueName, hint: Hint) {
        match self.woken.iter_mut().find(|(woken, _)| woken == queue) {
            Some((_, told)) => *told = told.and(hint),
            None => self.woken.push((queue.clone(), hint)),
        }
    }

    /// Counts a change of state for the desk.
    pub(super) fn count(&mut self, before: Option<State>, after: State, at: Timestamp) {
        self.stats.count(before, after, at);
    }

    /// Writes the counters. The last write before the commit.
    pub(super) fn write_stats(&self) -> rusqlite::Result<()> {
        self.stats.write(self.connection)
    }

    pub(super) fn finish(self) -> Written {
        let Self { last_sequence, events, written, woken, stats, .. } = self;
        Written { last_sequence, events, records: written, woken, stats }
    }
}

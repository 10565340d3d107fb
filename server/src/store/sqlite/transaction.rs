//! What a command sees of the transaction it is part of.

use queue::QueueName;
use rusqlite::{CachedStatement, Connection};

use crate::store::StoredEvent;

/// The transaction of one cycle. What is to be told after the commit is collected here.
pub(super) struct Transaction<'c> {
    connection: &'c Connection,
    last_sequence: u64,
    events: Vec<StoredEvent>,
    woken: Vec<QueueName>,
}

impl<'c> Transaction<'c> {
    pub(super) fn new(connection: &'c Connection, last_sequence: u64) -> Self {
        Self { connection, last_sequence, events: Vec::new(), woken: Vec::new() }
    }

    /// A statement, prepared once per connection.
    pub(super) fn prepare(&self, sql: &str) -> rusqlite::Result<CachedStatement<'c>> {
        self.connection.prepare_cached(sql)
    }

    /// The place of the next event in the log.
    pub(super) fn next_sequence(&mut self) -> u64 {
        self.last_sequence += 1;
        self.last_sequence
    }

    /// Tells of an event after the commit.
    pub(super) fn tell(&mut self, event: StoredEvent) {
        self.events.push(event);
    }

    /// Wakes the workers of a queue after the commit.
    pub(super) fn wake(&mut self, queue: &QueueName) {
        if !self.woken.contains(queue) {
            self.woken.push(queue.clone());
        }
    }

    pub(super) fn finish(self) -> (u64, Vec<StoredEvent>, Vec<QueueName>) {
        (self.last_sequence, self.events, self.woken)
    }
}

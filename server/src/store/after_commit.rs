//! What a transaction causes once it is committed.

use std::sync::Arc;

use orders::{OrderRecord, State, Timestamp};
use queue::{Hint, QueueName};

use super::StoredEvent;
use super::order_stats::OrderStats;

/// Collected by the commands of a transaction, and done after its commit.
#[derive(Debug, Default)]
pub struct AfterCommit {
    /// The events to publish, ascending.
    pub events: Vec<StoredEvent>,
    /// The orders to cache.
    pub records: Vec<Arc<OrderRecord>>,
    /// The queues whose workers to notify.
    pub woken: Vec<(QueueName, Hint)>,
    /// The changes of the counters.
    pub stats: OrderStats,
}

impl AfterCommit {
    /// Publishes an event.
    pub fn publish(&mut self, event: StoredEvent) {
        self.events.push(event);
    }

    /// Caches an order as it was written.
    pub fn cache(&mut self, record: &Option<Arc<OrderRecord>>) {
        self.records.extend(record.clone());
    }

    /// Notifies the workers of a queue.
    pub fn wake(&mut self, queue: &QueueName, hint: Hint) {
        match self.woken.iter_mut().find(|(woken, _)| woken == queue) {
            Some((_, told)) => *told = told.and(hint),
            None => self.woken.push((queue.clone(), hint)),
        }
    }

    /// Counts a change of state for the desk.
    pub fn count(&mut self, before: Option<State>, after: State, at: Timestamp) {
        self.stats.count(before, after, at);
    }
}

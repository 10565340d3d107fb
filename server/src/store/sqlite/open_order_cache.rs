//! The most recently changed orders, in memory.

use std::sync::Arc;

use orders::{OrderId, OrderRecord};
use quick_cache::sync::Cache;

/// How many orders are cached; one takes about three kilobytes. When more orders are under way, their steps are read from
/// the file, which costs more than the steps themselves.
const CAPACITY: usize = 16_384;

/// The records of the most recently changed orders. A running order is read several times for each write, and this
/// saves the database reads.
///
/// Only the writer inserts orders, in the order of its commits, after each commit and before anybody is notified, so
/// an entry equals the row of the file. A reader never inserts what it has read, because that may be outdated.
pub(super) struct OpenOrderCache(Cache<OrderId, Arc<OrderRecord>>);

impl OpenOrderCache {
    /// Returns an empty cache.
    pub(super) fn new() -> Self {
        Self(Cache::new(CAPACITY))
    }

    /// Inserts what a commit wrote.
    pub(super) fn put(&self, written: Vec<Arc<OrderRecord>>) {
        for record in written {
            self.0.insert(record.order.id, record);
        }
    }

    /// Returns the order, if it is cached.
    pub(super) fn get(&self, id: OrderId) -> Option<OrderRecord> {
        self.0.get(&id).map(|record| OrderRecord::clone(&record))
    }
}

impl std::fmt::Debug for OpenOrderCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenOrderCache").field("orders", &self.0.len()).finish()
    }
}

//! The orders that changed last, in memory.

use std::sync::Arc;

use orders::{OrderId, OrderRecord};
use quick_cache::sync::Cache;

/// So many orders are kept; one takes a few kilobytes.
const MOST: usize = 4096;

/// The records of the orders that changed last. An order that moves is read several times for each time it is written,
/// and this saves the way through the database.
///
/// Only the writer puts orders in, in the order of its commits, after each commit and before anybody hears of it. So what
/// is found here is what the file holds; a reader never puts in what it has read, because that may be old by then.
pub(super) struct OpenOrderCache(Cache<OrderId, Arc<OrderRecord>>);

impl OpenOrderCache {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self(Cache::new(MOST))
    }

    /// Takes what a commit wrote.
    pub(super) fn put(&self, written: Vec<Arc<OrderRecord>>) {
        for record in written {
            self.0.insert(record.order.id, record);
        }
    }

    /// The order as it is, if it is among those kept.
    pub(super) fn get(&self, id: OrderId) -> Option<OrderRecord> {
        self.0.get(&id).map(|record| OrderRecord::clone(&record))
    }
}

impl std::fmt::Debug for OpenOrderCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recent").field("orders", &self.0.len()).finish()
    }
}

//! Orders at earlier versions, in memory.

use std::sync::Arc;

use orders::{Order, OrderId};
use quick_cache::sync::Cache;

/// How many orders are cached; one takes about three kilobytes.
const CAPACITY: usize = 1_024;

/// Orders as they were at the last event that was replayed.
///
/// A reader of the log goes on where it stopped, and an order that waits for a service has an event for each attempt:
/// without the cache, each page would begin with the whole history of its orders.
pub(super) struct ReplayCache(Cache<OrderId, Arc<Order>>);

impl ReplayCache {
    /// Returns an empty cache.
    pub(super) fn new() -> Self {
        Self(Cache::new(CAPACITY))
    }

    /// Returns an order as it was at some version, if it is cached.
    pub(super) fn get(&self, id: OrderId) -> Option<Arc<Order>> {
        self.0.get(&id)
    }

    /// Inserts an order as it was at the last event that was replayed.
    pub(super) fn put(&self, order: Order) {
        self.0.insert(order.id, Arc::new(order));
    }

    /// Removes all orders.
    #[cfg(test)]
    pub(super) fn clear(&self) {
        self.0.clear();
    }
}

impl std::fmt::Debug for ReplayCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReplayCache").field("orders", &self.0.len()).finish()
    }
}

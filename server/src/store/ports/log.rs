//! The log of events.

use async_trait::async_trait;
use orders::{Order, OrderAccess, OrderId, Owner};

use crate::store::{ReadError, StoredEvent};

/// A set of orders to read or watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// One order.
    Order(OrderId),
    /// All orders of an owner.
    Owner(Owner),
    /// All orders.
    Desk,
}

/// Orders as they were when the log ended at `head`.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The orders, newest first.
    pub orders: Vec<Order>,
    /// The last sequence of the log at that time; 0 for an empty log.
    pub head: u64,
}

/// The log of all events, and the orders at its end.
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// Returns the last sequence; 0 for an empty log.
    async fn head(&self) -> Result<u64, ReadError>;

    /// Returns the first sequence that is still stored; earlier cursors are too old. 1 for a log that was never
    /// pruned.
    async fn first_kept(&self) -> Result<u64, ReadError>;

    /// Returns the events of a topic after a cursor, ascending, at most `limit`.
    async fn events_after(
        &self,
        topic: Topic,
        cursor: u64,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, ReadError>;

    /// Returns the orders of a topic and the head of the log, consistently. For an owner and the desk only orders
    /// that are neither delivered nor cancelled, at most `limit`.
    async fn snapshot(&self, topic: Topic, limit: u32) -> Result<Snapshot, ReadError>;

    /// Returns who may see an order; none when it does not exist.
    async fn access_of(&self, order: OrderId) -> Result<Option<OrderAccess>, ReadError>;
}

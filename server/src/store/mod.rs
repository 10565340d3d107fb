//! Persistence, and the only place with SQL.
//!
//! Each method is one transaction, named for its intent; no transaction type leaves this module. The ports that other
//! modules use are the traits of this file; the stores that implement them are submodules.

pub mod acceptance;
pub mod after_commit;
pub mod change;
pub mod commands;
pub mod mail_job;
pub mod order_job;
pub mod order_stats;
pub mod problems;
pub mod product_write;
pub mod sandbox_ledger;
pub mod sqlite;
pub mod transaction;

use std::sync::Arc;

use async_trait::async_trait;
use orders::{EventData, EventType, Order, OrderAccess, OrderId, Owner, Timestamp};

/// A committed event of the log.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredEvent {
    /// Its position in the log, in commit order.
    pub sequence: u64,
    /// Its order.
    pub order: OrderId,
    /// The owner of the order; none for an order without session or key.
    pub owner: Option<Owner>,
    /// Its kind.
    pub kind: EventType,
    /// The version of the order that it made.
    pub version: u32,
    /// When it happened.
    pub at: Timestamp,
    /// What it changed, with the words about it.
    pub data: Arc<EventData>,
}

impl StoredEvent {
    /// Returns the whole event as JSON text.
    pub fn to_json(&self) -> String {
        let data = change::json(&*self.data);
        orders::Event::envelope(self.kind, self.order, self.version, self.at, self.sequence, &data)
    }
}

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

/// A failed read.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read: {0}")]
pub struct ReadError(pub String);

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

/// A stored API key: a hash, never the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, also the owner of its orders.
    pub id: Owner,
    /// Its name.
    pub name: String,
    /// `orders` or `desk`.
    pub scope: KeyScope,
    /// Its limit of orders a minute; none is unlimited.
    pub orders_per_minute: Option<u32>,
}

/// What an API key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyScope {
    /// Its own orders.
    Orders,
    /// The whole desk.
    Desk,
}

/// The API keys.
#[async_trait]
pub trait KeyRing: Send + Sync + 'static {
    /// Returns the key with this SHA-256, unless it was revoked.
    async fn find_key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, ReadError>;

    /// Stores a new key.
    async fn add_key(&self, key: ApiKey, hash: [u8; 32], at: Timestamp) -> Result<(), ReadError>;
}

/// The callback for committed events, called by the writer after each commit, in sequence order. It must not block.
pub type OnCommit = Box<dyn Fn(Vec<StoredEvent>) + Send + Sync>;

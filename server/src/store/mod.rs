//! What is kept, and the only place that speaks SQL.
//!
//! Each method is one transaction, named for its intent; no transaction type leaves this room. The ports other rooms
//! use are the traits of this file; the stores behind them are in the modules.

pub mod acceptance;
pub mod change;
pub mod mail_job;
pub mod order_job;
pub mod problems;
pub mod product_write;
pub mod sandbox_ledger;
pub mod sqlite;

use async_trait::async_trait;
use orders::{EventType, Order, OrderAccess, OrderId, Owner, Timestamp};

/// One event of the log, as it was committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place in the log, in commit order.
    pub sequence: u64,
    /// The order it tells of.
    pub order: OrderId,
    /// Whose order that is; none for an order without session or key.
    pub owner: Option<Owner>,
    /// What kind of thing happened.
    pub kind: EventType,
    /// The version of the order that it made.
    pub version: u32,
    /// When it happened.
    pub at: Timestamp,
    /// Its `data`, as JSON text; serialised once, when it happened.
    pub data: String,
}

impl StoredEvent {
    /// The whole event as JSON text.
    pub fn to_json(&self) -> String {
        orders::Event::envelope(self.kind, self.order, self.version, self.at, self.sequence, &self.data)
    }
}

/// Which events or orders are meant.
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
    /// The last sequence of the log at that moment; 0 for an empty log.
    pub head: u64,
}

/// Reading did not work.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read: {0}")]
pub struct ReadError(pub String);

/// The log of all events, and the orders at its end.
#[async_trait]
pub trait EventLog: Send + Sync + 'static {
    /// The last sequence; 0 for an empty log.
    async fn head(&self) -> Result<u64, ReadError>;

    /// The first sequence that is still kept; cursors before it are too old. 1 for a log that was never pruned.
    async fn first_kept(&self) -> Result<u64, ReadError>;

    /// The events of a topic after a cursor, ascending, at most `limit`.
    async fn events_after(
        &self,
        topic: Topic,
        cursor: u64,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, ReadError>;

    /// The orders of a topic and the head of the log, read at one moment. For an owner and the desk only orders that are
    /// neither delivered nor cancelled, at most `limit`.
    async fn snapshot(&self, topic: Topic, limit: u32) -> Result<Snapshot, ReadError>;

    /// Who an order may be shown to; none when there is no such order.
    async fn access_of(&self, order: OrderId) -> Result<Option<OrderAccess>, ReadError>;
}

/// An API key as it is kept: a hash, never the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its owner's identity, also the owner of its orders.
    pub id: Owner,
    /// What it is called.
    pub name: String,
    /// `orders` or `desk`.
    pub scope: KeyScope,
    /// Orders a minute; none is no limit.
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
    /// The key with this SHA-256, unless it was revoked.
    async fn find_key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, ReadError>;

    /// Keeps a new key.
    async fn add_key(&self, key: ApiKey, hash: [u8; 32], at: Timestamp) -> Result<(), ReadError>;
}

/// The receiver of committed events, called by the writer after each commit, in sequence order. It must not wait.
pub type OnCommit = Box<dyn Fn(Vec<StoredEvent>) + Send + Sync>;

//! Persistence, and the only place with SQL.
//!
//! Each method is one transaction, named for its intent; no transaction type leaves this module. What other modules use
//! are the traits of [`ports`]; the stores that implement them are submodules, and follow the rules of [`commands`].

pub mod acceptance;
pub mod after_commit;
pub mod change;
pub mod commands;
pub mod engine;
pub mod mail_job;
pub mod order_job;
pub mod order_stats;
pub mod ports;
pub mod postgres;
pub mod problems;
pub mod product_write;
pub mod sandbox_ledger;
pub mod sqlite;
pub mod transaction;

pub use ports::{
    ApiKey, Audit, AuditFilter, Backlog, CarrierReports, Catalogue, Commands, DeskReads, EventLog, Found,
    Health, Installation, Jobs, KeptSecrets, KeyRing, KeyScope, OrderFilter, OrderReads, OrderReport,
    OrderSearch, Recognised, Snapshot, Space, Store, Topic, Wanted,
};

use std::sync::Arc;

use orders::{EventData, EventType, OrderId, Owner, Timestamp};

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

/// A failed read.
#[derive(Debug, thiserror::Error)]
#[error("the store cannot be read: {0}")]
pub struct ReadError(pub String);

/// The callback for committed events, called by the writer after each commit, in sequence order. It must not block.
pub type OnCommit = Box<dyn Fn(Vec<StoredEvent>) + Send + Sync>;

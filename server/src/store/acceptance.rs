//! An order to accept, and the result.

use orders::OrderId;
use queue::NewJob;

use super::change::{NewEvent, OrderRow};

/// Everything that accepting an order writes, in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptance {
    /// Its serial number.
    pub count: u64,
    /// The order.
    pub row: OrderRow,
    /// Hash of caller, route and key.
    pub idempotency: [u8; 16],
    /// Hash of the body.
    pub fingerprint: [u8; 16],
    /// Its first event.
    pub event: NewEvent,
    /// Its first job.
    pub job: NewJob,
}

/// The result of accepting an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// It is stored.
    Stored,
    /// The same key and body were accepted before, as this order.
    Replayed(OrderId),
    /// The same key was used for another body.
    KeyReused,
}

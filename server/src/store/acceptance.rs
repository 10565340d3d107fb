//! An order that is to be accepted, and what became of it.

use orders::OrderId;
use queue::NewJob;

use super::change::{NewEvent, OrderRow};

/// Everything that is written when an order is accepted, in one transaction.
#[derive(Debug, Clone, PartialEq)]
pub struct Acceptance {
    /// Its place in the count of all orders.
    pub count: u64,
    /// The order.
    pub row: OrderRow,
    /// Hash of caller, route and key.
    pub idempotency: [u8; 16],
    /// Hash of the body.
    pub fingerprint: [u8; 16],
    /// The event that tells of it.
    pub event: NewEvent,
    /// The job that begins its work.
    pub job: NewJob,
}

/// What became of an order that was to be accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accept {
    /// It is stored.
    Stored,
    /// The same key and body were accepted before, as this order.
    Replayed(OrderId),
    /// The same key was used for another body.
    KeyReused,
}

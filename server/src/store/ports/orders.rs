//! Reading orders.

use std::time::Duration;

use async_trait::async_trait;
use orders::{Order, OrderId, OrderRecord, Owner, State, Timestamp};

use crate::store::ReadError;
use crate::store::acceptance::Accept;

/// Which orders to list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderFilter {
    /// Only this owner's; none is all orders.
    pub owner: Option<Owner>,
    /// Only in this state.
    pub state: Option<State>,
    /// Only what changed after this.
    pub updated_after: Option<Timestamp>,
    /// Only orders with a smaller serial number: that of the last order of the previous page.
    pub before: Option<u64>,
    /// The page size.
    pub limit: u32,
}

/// The orders. Each method fails when the store cannot be read.
#[async_trait]
pub trait OrderReads: Send + Sync + 'static {
    /// Returns the record of an order.
    async fn order_record(&self, id: OrderId) -> Result<Option<OrderRecord>, ReadError>;

    /// Returns orders with their serial numbers, newest first.
    async fn list_orders(&self, filter: OrderFilter) -> Result<Vec<(u64, Order)>, ReadError>;

    /// Returns what an earlier use of a key means for a request with this fingerprint; none when the key is new.
    async fn accepted_under(
        &self,
        idempotency: [u8; 16],
        fingerprint: [u8; 16],
    ) -> Result<Option<Accept>, ReadError>;

    /// Returns how long the last orders took from acceptance to confirmation, newest first, at most `limit`.
    async fn recent_durations(&self, limit: u32) -> Result<Vec<Duration>, ReadError>;
}

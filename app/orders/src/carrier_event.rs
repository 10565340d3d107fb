//! Events that a carrier reports by webhook, and the port that handles them.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{OrderId, Problem, Timestamp};

/// An event of the carrier, as it is sent. Unknown fields are ignored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierReport {
    /// What happened to the parcel.
    #[serde(rename = "type")]
    pub kind: ShipmentUpdate,
    /// When it happened.
    pub timestamp: Timestamp,
    /// The shipment it is about.
    pub data: Parcel,
}

/// What can happen to a shipment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ShipmentUpdate {
    /// The carrier picked it up.
    #[serde(rename = "shipment.picked_up")]
    PickedUp,
    /// It was delivered.
    #[serde(rename = "shipment.delivered")]
    Delivered,
    /// It was returned to the shop.
    #[serde(rename = "shipment.returned")]
    Returned,
}

/// The shipment that an event is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The carrier's id of the shipment.
    pub shipment_id: String,
    /// The order, as it was named when the shipment was booked.
    pub order_id: OrderId,
    /// The tracking number.
    #[serde(default)]
    pub tracking_number: Option<String>,
}

/// The result of handling an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handled {
    /// The order changed.
    Applied,
    /// The order already was in that state or a later one.
    NothingNew,
    /// An event with this id was handled before.
    Known,
}

/// Handles the carrier's events. The caller has verified their signatures.
#[async_trait]
pub trait CarrierEvents: Send + Sync + 'static {
    /// Handles an event once, however often and in whatever order events arrive.
    ///
    /// Refuses with `not-found` when the order does not exist, and with `wrong-state` when the event cannot be true
    /// in the order's state; the refusal has a `retry_after` when it may become true.
    async fn handle(&self, id: &str, report: &CarrierReport) -> Result<Handled, Problem>;
}

impl ShipmentUpdate {
    /// The name in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PickedUp => "picked_up",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
        }
    }
}

//! What a carrier tells about a parcel, and the port that takes it.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::{OrderId, Problem, Timestamp};

/// A report of the carrier, as it is sent. What else it holds does not matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierReport {
    /// What happened to the parcel.
    #[serde(rename = "type")]
    pub kind: ShipmentUpdate,
    /// When it happened.
    pub timestamp: Timestamp,
    /// To which parcel.
    pub data: Parcel,
}

/// What can happen to a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ShipmentUpdate {
    /// The carrier has it.
    #[serde(rename = "shipment.picked_up")]
    PickedUp,
    /// The customer has it.
    #[serde(rename = "shipment.delivered")]
    Delivered,
    /// It comes back.
    #[serde(rename = "shipment.returned")]
    Returned,
}

/// The parcel that a report is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parcel {
    /// The carrier's name of the shipment.
    pub shipment_id: String,
    /// The order, as we named it when the shipment was booked.
    pub order_id: OrderId,
    /// The number that people follow it by.
    #[serde(default)]
    pub tracking_number: Option<String>,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Handled {
    /// The order changed.
    Applied,
    /// The order was as far already.
    NothingNew,
    /// A report of this id was taken before.
    Known,
}

/// Takes the carrier's reports. Whether they are the carrier's is known before.
#[async_trait]
pub trait CarrierEvents: Send + Sync + 'static {
    /// Takes a report once, however often it comes, and in whatever order they come.
    ///
    /// `not-found` for an order that does not exist, `wrong-state` for one that is not, or not yet, where the report could
    /// be true; the refusal says when to come back if it may be true later.
    async fn handle(&self, id: &str, report: &CarrierReport) -> Result<Handled, Problem>;
}

impl ShipmentUpdate {
    /// The word in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PickedUp => "picked_up",
            Self::Delivered => "delivered",
            Self::Returned => "returned",
        }
    }
}

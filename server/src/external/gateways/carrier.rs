use std::time::Duration;

use orders::{Address, OrderId, ProblemCode, Reason, Service, Shipment};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::json;

use super::{
    Failure, GatewayError, Lookup, answer::Effect, lookup::is_not_offered, service_client::ServiceClient,
};

/// The carrier's API.
#[derive(Clone, Debug)]
pub struct CarrierGateway {
    service: ServiceClient,
}

/// A booked shipment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Booking {
    /// The carrier's id, `shp_…`.
    pub id: String,
    /// Its public part.
    pub shipment: Shipment,
}

/// The outcome of cancelling a booking.
#[must_use]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cancellation {
    /// The booking is cancelled.
    Cancelled,
    /// Too late: the carrier has the parcel.
    AlreadyPickedUp,
}

#[derive(Deserialize)]
struct ShipmentAnswer {
    id: String,
    carrier: String,
    tracking_number: String,
    tracking_url: String,
    status: String,
}

#[derive(Deserialize)]
struct CancelAnswer {
    status: String,
}

#[derive(Deserialize)]
struct ListAnswer {
    shipments: Vec<ShipmentAnswer>,
}

#[derive(Deserialize)]
struct ErrorAnswer {
    error: ErrorCode,
}

#[derive(Deserialize)]
struct ErrorCode {
    code: String,
}

/// The status of a cancelled shipment.
const CANCELLED: &str = "cancelled";

impl CarrierGateway {
    /// `timeout` limits one whole call.
    pub fn new(base_url: &str, key: &str, timeout: Duration) -> Result<CarrierGateway, GatewayError> {
        Ok(CarrierGateway { service: ServiceClient::new(Service::Shipping, base_url, key, timeout)? })
    }

    /// Books a shipment. With the same key it is booked once; a refused address leaves the key unused.
    pub async fn book(&self, order: &OrderId, key: &str, ship_to: &Address) -> Result<Booking, Failure> {
        let body = json!({
            "reference": order.to_string(),
            "ship_to": ship_to,
        });
        let answer =
            self.service.ask(self.service.post("/shipments", key).json(&body), Effect::Write).await?;
        if answer.status.is_success() {
            return answer.read::<ShipmentAnswer>().map(Booking::from);
        }
        if answer.status == StatusCode::UNPROCESSABLE_ENTITY {
            match answer.error::<ErrorAnswer>().as_ref().map(|answer| answer.error.code.as_str()) {
                Some("address_undeliverable") => {
                    return Err(Failure::CustomerCanFix { code: ProblemCode::AddressUndeliverable });
                }
                Some("undeliverable") => return Err(Failure::Permanent { reason: Reason::Undeliverable }),
                _ => {}
            }
        }
        Err(answer.unexpected())
    }

    /// Finds the active shipment of an order by our order id.
    pub async fn find(&self, order: &OrderId) -> Result<Lookup<Booking>, Failure> {
        let request = self.service.get("/shipments").query(&[("reference", order.to_string())]);
        let answer = self.service.ask(request, Effect::Read).await?;
        if is_not_offered(answer.status) {
            return Ok(Lookup::NotOffered);
        }
        if !answer.status.is_success() {
            return Err(answer.unexpected());
        }
        let shipments = answer.read::<ListAnswer>()?.shipments;
        let booked = shipments.into_iter().find(|shipment| shipment.status != CANCELLED);
        Ok(booked.map(Booking::from).into())
    }

    /// Cancels a shipment. Repeating it changes nothing.
    pub async fn cancel(&self, booking_id: &str, key: &str) -> Result<Cancellation, Failure> {
        let request = self.service.post(&format!("/shipments/{booking_id}/cancel"), key);
        let answer = self.service.ask(request, Effect::Write).await?;
        match answer.status {
            status if status.is_success() => match answer.read::<CancelAnswer>()?.status.as_str() {
                CANCELLED => Ok(Cancellation::Cancelled),
                _ => Err(answer.inconclusive()),
            },
            StatusCode::CONFLICT => Ok(Cancellation::AlreadyPickedUp),
            _ => Err(answer.unexpected()),
        }
    }
}

impl From<ShipmentAnswer> for Booking {
    fn from(answer: ShipmentAnswer) -> Booking {
        Booking {
            id: answer.id,
            shipment: Shipment {
                carrier: answer.carrier,
                tracking_number: answer.tracking_number,
                tracking_url: answer.tracking_url,
            },
        }
    }
}

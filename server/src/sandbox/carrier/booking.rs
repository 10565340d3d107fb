use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    sandbox::rfc3339::rfc3339,
    store::sandbox_ledger::{Reply, Shipment, ShipmentStatus},
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BookingRequest {
    /// The shop's name for it: the order id.
    pub reference: String,
    pub ship_to: ShipTo,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShipTo {
    pub name: String,
    pub street: String,
    #[serde(default)]
    pub city: String,
    #[serde(default)]
    pub postcode: String,
    pub country: String,
    #[serde(default)]
    pub company: String,
    #[serde(default)]
    pub line2: String,
    #[serde(default)]
    pub region: String,
}

impl BookingRequest {
    /// Returns why the carrier refuses the shipment, if it does.
    pub fn refusal(&self) -> Option<Reply> {
        match self.ship_to.postcode.trim() {
            "00000" => Some(refused(422, "address_undeliverable", "We do not know this address.")),
            "00001" => Some(refused(422, "undeliverable", "We do not deliver there.")),
            _ => None,
        }
    }

    /// Returns everything that was requested, for the fingerprint. An absent field adds nothing, so older bookings
    /// keep their fingerprint.
    pub fn parts(&self) -> Vec<String> {
        let to = &self.ship_to;
        let always = [&self.reference, &to.name, &to.street, &to.city, &to.postcode, &to.country];
        let more = [("company", &to.company), ("line2", &to.line2), ("region", &to.region)];
        let more = more.into_iter().filter(|(_, value)| !value.is_empty());
        always.into_iter().cloned().chain(more.map(|(name, value)| format!("{name}={value}"))).collect()
    }
}

/// Cancels a shipment that was not picked up. Repeating it changes nothing.
pub fn cancel(shipment: &mut Shipment, host: &str) -> Reply {
    match shipment.status {
        ShipmentStatus::Booked | ShipmentStatus::Cancelled => {
            shipment.status = ShipmentStatus::Cancelled;
            shipment.moves_at = None;
            Reply { status: 200, body: shipment_json(shipment, host).to_string() }
        }
        ShipmentStatus::PickedUp | ShipmentStatus::Delivered => {
            refused(409, "already_picked_up", "The parcel is on its way.")
        }
    }
}

/// Moves a shipment when its time has come.
pub fn advance(shipment: &mut Shipment, pickup: Option<Duration>, delivery: Option<Duration>) {
    let moved_at = shipment.moves_at.take();
    match shipment.status {
        ShipmentStatus::Booked if pickup.is_some() => {
            shipment.status = ShipmentStatus::PickedUp;
            shipment.moves_at = moved_at.and_then(|at| later(at, delivery));
        }
        ShipmentStatus::Booked | ShipmentStatus::PickedUp => shipment.status = ShipmentStatus::Delivered,
        ShipmentStatus::Cancelled | ShipmentStatus::Delivered => {}
    }
}

/// Returns `at` plus the wait, in Unix milliseconds; none without a wait.
pub fn later(at: i64, wait: Option<Duration>) -> Option<i64> {
    let millis = i64::try_from(wait?.as_millis()).unwrap_or(i64::MAX);
    Some(at.saturating_add(millis))
}

/// Returns the shipment as callers see it; `host` is where they reached the carrier.
pub fn shipment_json(shipment: &Shipment, host: &str) -> Value {
    json!({
        "id": shipment.id,
        "reference": shipment.order_id,
        "carrier": "Sandbox Post",
        "tracking_number": shipment.tracking_number,
        "tracking_url": format!("http://{host}/track/{}", shipment.tracking_number),
        "status": shipment.status.as_str(),
        "created_at": rfc3339(shipment.created_at),
    })
}

pub fn refused(status: u16, code: &str, message: &str) -> Reply {
    Reply { status, body: json!({"error": {"code": code, "message": message}}).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PICKUP: Option<Duration> = Some(Duration::from_secs(10));
    const DELIVERY: Option<Duration> = Some(Duration::from_secs(20));

    fn booked(moves_at: i64) -> Shipment {
        Shipment {
            id: "shp_1".to_owned(),
            key: None,
            order_id: "ord_1".to_owned(),
            tracking_number: "SP1".to_owned(),
            status: ShipmentStatus::Booked,
            created_at: 0,
            moves_at: Some(moves_at),
        }
    }

    #[test]
    fn a_parcel_is_picked_up_and_then_delivered() {
        let mut parcel = booked(10_000);
        advance(&mut parcel, PICKUP, DELIVERY);
        assert_eq!((parcel.status, parcel.moves_at), (ShipmentStatus::PickedUp, Some(30_000)));
        advance(&mut parcel, PICKUP, DELIVERY);
        assert_eq!((parcel.status, parcel.moves_at), (ShipmentStatus::Delivered, None));
    }

    #[test]
    fn without_a_pick_up_a_parcel_is_delivered_straight_away() {
        let mut parcel = booked(20_000);
        advance(&mut parcel, None, DELIVERY);
        assert_eq!((parcel.status, parcel.moves_at), (ShipmentStatus::Delivered, None));
    }

    #[test]
    fn without_a_delivery_a_parcel_stays_picked_up() {
        let mut parcel = booked(10_000);
        advance(&mut parcel, PICKUP, None);
        assert_eq!((parcel.status, parcel.moves_at), (ShipmentStatus::PickedUp, None));
    }

    #[test]
    fn a_picked_up_shipment_cannot_be_cancelled() {
        let mut parcel = booked(10_000);
        advance(&mut parcel, PICKUP, DELIVERY);
        assert_eq!(cancel(&mut parcel, "here").status, 409);
        assert_eq!(parcel.status, ShipmentStatus::PickedUp);
    }
}

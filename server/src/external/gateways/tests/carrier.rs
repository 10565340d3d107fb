use orders::{Address, ProblemCode, Reason, Service};
use serde_json::json;

use super::{PATIENCE, order};
use crate::{
    external::gateways::{Cancellation, CarrierGateway, Failure, Lookup},
    sandbox::testing::Running,
};

const KEY: &str = "ord_1:arrange_shipping";

fn gateway(sandbox: &Running) -> CarrierGateway {
    CarrierGateway::new(&sandbox.url, "any", PATIENCE).unwrap()
}

fn address(postcode: &str) -> Address {
    Address {
        name: "Ada".to_owned(),
        street: "1 Main St".to_owned(),
        city: Some("Pavia".to_owned()),
        postcode: Some(postcode.to_owned()),
        country: "IT".to_owned(),
        ..Address::default()
    }
}

#[tokio::test]
async fn a_parcel_is_booked_once_and_can_be_followed() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    let booking = gateway.book(&order(), KEY, &address("27100")).await.unwrap();
    assert_eq!(gateway.book(&order(), KEY, &address("27100")).await.unwrap(), booking);
    assert_eq!(gateway.find(&order()).await, Ok(Lookup::Found(booking.clone())));
    assert!(booking.shipment.tracking_url.ends_with(&booking.shipment.tracking_number));
    let rows = sandbox.ledger("shipments").await;
    assert_eq!(rows.len(), 1);
    assert_eq!((&rows[0]["key"], &rows[0]["order_id"]), (&json!(KEY), &json!(order().to_string())));
}

#[tokio::test]
async fn an_unknown_address_can_be_corrected_under_the_same_key_and_an_undeliverable_one_cannot() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    let wrong = gateway.book(&order(), KEY, &address("00000")).await.unwrap_err();
    assert_eq!(wrong, Failure::CustomerCanFix { code: ProblemCode::AddressUndeliverable });
    let hopeless = gateway.book(&order(), KEY, &address("00001")).await.unwrap_err();
    assert_eq!(hopeless, Failure::Permanent { reason: Reason::Undeliverable });
    gateway.book(&order(), KEY, &address("27100")).await.unwrap();
}

#[tokio::test]
async fn a_shipment_is_booked_with_every_given_address_field() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    let without_city = Address { city: None, postcode: None, ..address("") };
    let booked = gateway.book(&order(), KEY, &without_city).await.unwrap();
    assert_eq!(gateway.book(&order(), KEY, &without_city).await.unwrap(), booked);
    let text = |text: &str| Some(text.to_owned());
    let more =
        Address { line2: text("Floor 2"), company: text("Engines"), region: text("PV"), ..address("27100") };
    assert!(gateway.book(&order(), KEY, &more).await.is_err(), "the key stands for another address");
    gateway.book(&order(), "ord_1:arrange_shipping:2", &more).await.unwrap();
}

#[tokio::test]
async fn a_booking_is_cancelled_once_and_for_all() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    let booking = gateway.book(&order(), KEY, &address("27100")).await.unwrap();
    for _ in 0..2 {
        assert_eq!(gateway.cancel(&booking.id, "cancel").await, Ok(Cancellation::Cancelled));
    }
    assert_eq!(gateway.find(&order()).await, Ok(Lookup::NotFound));
    assert_eq!(sandbox.ledger("shipments").await[0]["status"], "cancelled");
}

#[tokio::test]
async fn a_lost_answer_is_unknown_then_looked_up_and_repeated_without_a_second_parcel() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    sandbox.fault("carrier", json!({"mode": "answer_lost"})).await;
    let unknown = gateway.book(&order(), KEY, &address("27100")).await.unwrap_err();
    assert!(matches!(unknown, Failure::UnknownOutcome { service: Service::Shipping, .. }));
    let found = gateway.find(&order()).await.unwrap().found().unwrap();
    sandbox.mend().await;
    assert_eq!(gateway.book(&order(), KEY, &address("27100")).await.unwrap(), found);
    assert_eq!(sandbox.ledger("shipments").await.len(), 1);
}

#[tokio::test]
async fn every_fault_of_the_carrier_leaves_payment_alone() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    for mode in ["down", "errors", "rate_limited"] {
        sandbox.fault("carrier", json!({"mode": mode})).await;
        let failure = gateway.book(&order(), KEY, &address("27100")).await.unwrap_err();
        let unknown = matches!(failure, Failure::UnknownOutcome { .. });
        assert_eq!(unknown, mode == "down", "{failure:?}");
        assert!(matches!(gateway.find(&order()).await, Err(Failure::Transient { .. })));
        assert!(sandbox.get("/v1/payment_intents/pi_1").await["error"].is_object());
    }
    assert!(sandbox.ledger("shipments").await.is_empty());
}

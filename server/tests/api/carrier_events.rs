//! `POST /carrier-events`: the carrier's webhook.

use queue::{Clock, SystemClock};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use server::identity::webhook_signature::SigningKey;

use crate::app::{CARRIER_SECRET, Placed, TestApp, header, mug, problem};
use crate::house::House;

const OTHER_SECRET: &str = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

fn body(kind: &str, order: &str, shipment: &str) -> String {
    json!({
        "type": format!("shipment.{kind}"),
        "timestamp": "2026-11-23T10:00:00.000Z",
        "data": {"shipment_id": shipment, "order_id": order, "tracking_number": "SP1", "depot": ["Pavia"]},
        "more": ["than", "we", "know"],
    })
    .to_string()
}

fn seconds() -> i64 {
    SystemClock.now().as_millis().div_euclid(1000)
}

fn signed(call: RequestBuilder, secret: &str, id: &str, at: i64, body: String) -> RequestBuilder {
    let signature = SigningKey::of(secret).unwrap().sign(id, at, body.as_bytes());
    call.header("webhook-id", id)
        .header("webhook-timestamp", at)
        .header("webhook-signature", signature)
        .header("content-type", "application/json")
        .body(body)
}

/// A server whose carrier is this test.
async fn house() -> House {
    House::open_with(&[("DOCKET_CARRIER_SECRET", CARRIER_SECRET)]).await
}

async fn report(house: &House, id: &str, kind: &str, placed: &Placed) -> reqwest::Response {
    let shipment = house.shipment_of(&placed.id).await;
    let call = house.client.post(house.url("/carrier-events"));
    signed(call, CARRIER_SECRET, id, seconds(), body(kind, &placed.id, &shipment)).send().await.unwrap()
}

async fn taken(answer: reqwest::Response) -> String {
    let status = answer.status();
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    answer["outcome"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_is_picked_up_and_delivered_and_each_event_is_applied_once() {
    let house = house().await;
    let placed = house.place(&mug()).await;
    house.order_in(&placed, "confirmed").await;
    assert_eq!(taken(report(&house, "msg_1", "picked_up", &placed).await).await, "applied");
    house.order_in(&placed, "shipped").await;
    assert_eq!(taken(report(&house, "msg_1", "picked_up", &placed).await).await, "known");
    assert_eq!(taken(report(&house, "msg_2", "picked_up", &placed).await).await, "nothing_new");
    let still: Value =
        house.client.get(house.url(&placed.path(""))).send().await.unwrap().json().await.unwrap();
    assert_eq!(still["state"], "shipped");
    assert_eq!(taken(report(&house, "msg_3", "delivered", &placed).await).await, "applied");
    house.order_in(&placed, "delivered").await;
    assert_eq!(taken(report(&house, "msg_1", "picked_up", &placed).await).await, "known");
    let refused = problem(report(&house, "msg_4", "returned", &placed).await, 409, "wrong-state").await;
    assert_eq!(refused["state"], "delivered");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_may_be_reported_before_the_pick_up() {
    let house = house().await;
    let placed = house.place(&mug()).await;
    house.order_in(&placed, "confirmed").await;
    assert_eq!(taken(report(&house, "msg_2", "delivered", &placed).await).await, "applied");
    house.order_in(&placed, "delivered").await;
    assert_eq!(taken(report(&house, "msg_1", "picked_up", &placed).await).await, "nothing_new");
    let still: Value =
        house.client.get(house.url(&placed.path(""))).send().await.unwrap().json().await.unwrap();
    assert_eq!(still["state"], "delivered");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_parcel_waits_for_an_operator_and_goes_out_again() {
    let house = house().await;
    let grace = house.operator("Grace").await;
    let placed = house.place(&mug()).await;
    house.order_in(&placed, "confirmed").await;
    assert_eq!(taken(report(&house, "msg_2", "returned", &placed).await).await, "applied");
    let back = house.order_in(&placed, "in_review").await;
    assert_eq!(back["payment"]["state"], "captured");
    assert_eq!(taken(report(&house, "msg_1", "picked_up", &placed).await).await, "nothing_new");
    assert_eq!(taken(report(&house, "msg_2", "returned", &placed).await).await, "known");
    assert_eq!(grace.decide(&placed, "approve").await["state"], "confirmed");
    assert_eq!(taken(report(&house, "msg_3", "picked_up", &placed).await).await, "applied");
    house.order_in(&placed, "shipped").await;
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_impossible_event_is_refused_and_an_early_one_gets_a_retry_after() {
    let house = house().await;
    let mut order = mug();
    order["payment"]["token"] = json!("pm_card_riskLevelElevated");
    let early = house.place(&order).await;
    house.order_in(&early, "in_review").await;
    let send = async |id: &str, body: String| {
        let call = house.client.post(house.url("/carrier-events"));
        signed(call, CARRIER_SECRET, id, seconds(), body).send().await.unwrap()
    };
    let refused = send("msg_1", body("picked_up", &early.id, "shp_1")).await;
    assert!(!header(&refused, "retry-after").is_empty());
    let refused = problem(refused, 409, "wrong-state").await;
    assert_eq!((&refused["state"], &refused["retryable"]), (&json!("in_review"), &json!(true)));

    let placed = house.place(&mug()).await;
    house.order_in(&placed, "confirmed").await;
    let foreign = send("msg_2", body("picked_up", &placed.id, "shp_foreign")).await;
    assert_eq!(header(&foreign, "retry-after"), "");
    problem(foreign, 409, "wrong-state").await;
    assert_eq!(taken(report(&house, "msg_2", "picked_up", &placed).await).await, "applied");
    house.running.stop().await;
}

#[tokio::test]
async fn an_event_without_a_valid_recent_signature_is_refused() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let text = || body("picked_up", &placed.id, "shp_1");
    let call = || app.post("/carrier-events");
    let now = seconds();
    let unsigned = call().header("content-type", "application/json").body(text());
    let tampered =
        signed(call(), CARRIER_SECRET, "msg_1", now, text()).body(text().replace("shp_1", "shp_2"));
    let twice = signed(call(), CARRIER_SECRET, "msg_1", now, text()).header("webhook-id", "msg_2");
    for request in [
        unsigned,
        tampered,
        twice,
        signed(call(), OTHER_SECRET, "msg_1", now, text()),
        signed(call(), CARRIER_SECRET, "msg_1", now - 400, text()),
        signed(call(), CARRIER_SECRET, "msg_1", now + 400, text()),
        signed(call(), CARRIER_SECRET, &"m".repeat(256), now, text()),
    ] {
        problem(request.send().await.unwrap(), 401, "unauthorized").await;
    }
    let believed =
        async |body: String| signed(call(), CARRIER_SECRET, "msg_1", now, body).send().await.unwrap();
    let refused = problem(believed(text()).await, 409, "wrong-state").await;
    assert_eq!(refused["state"], "received");
    let nobody = text().replace(&placed.id, "ord_01K9ZZZZZZZZZZZZZZZZZZZZZZ");
    problem(believed(nobody).await, 404, "not-found").await;
    problem(believed("{".to_owned()).await, 400, "malformed-json").await;
    let unknown =
        problem(believed(text().replace("picked_up", "lost")).await, 422, "validation-failed").await;
    assert_eq!(unknown["errors"][0]["pointer"], "/type");
}

#[tokio::test]
async fn without_a_secret_nothing_is_believed() {
    let app = TestApp::start_with(|config| config.carrier_key = None).await;
    let placed = app.place().await;
    let body = body("picked_up", &placed.id, "shp_1");
    let refused = signed(app.post("/carrier-events"), CARRIER_SECRET, "msg_1", seconds(), body);
    let refused = problem(refused.send().await.unwrap(), 401, "unauthorized").await;
    assert!(refused["detail"].as_str().unwrap().contains("DOCKET_CARRIER_SECRET"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pretend_carrier_takes_an_order_to_its_end_by_itself() {
    let settings = [("DOCKET_SANDBOX_PICKUP_SECONDS", "1"), ("DOCKET_SANDBOX_DELIVERY_SECONDS", "1")];
    let house = House::open_with(&settings).await;
    let placed = house.place(&mug()).await;
    house.order_in(&placed, "shipped").await;
    let delivered = house.order_in(&placed, "delivered").await;
    assert_eq!(delivered["payment"]["state"], "captured");
    house.running.stop().await;
}

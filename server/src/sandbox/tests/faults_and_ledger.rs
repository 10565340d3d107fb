use std::time::Duration;

use serde_json::{Value, json};

use crate::sandbox::testing::Running;

async fn book(sandbox: &Running, reference: &str, postcode: &str) -> reqwest::Response {
    let to =
        json!({"name": "Ada", "street": "1 Main St", "city": "Pavia", "postcode": postcode, "country": "IT"});
    let request = sandbox.client.post(format!("{}/shipments", sandbox.url));
    let request = request.header("Idempotency-Key", format!("{reference}:arrange_shipping"));
    request.json(&json!({"reference": reference, "ship_to": to})).send().await.unwrap()
}

#[tokio::test]
async fn a_fresh_sandbox_has_no_faults() {
    let sandbox = Running::start().await;
    let works = json!({"mode": "ok", "latency_ms": 5000, "rate": 1.0, "for_seconds": null});
    assert_eq!(sandbox.get("/faults").await, json!({"payment": works, "carrier": works}));
}

#[tokio::test]
async fn a_switched_fault_is_shown_until_its_seconds_are_over() {
    let sandbox = Running::start().await;
    let fault = json!({"mode": "errors", "rate": 1, "latency_ms": 10, "for_seconds": 60});
    assert_eq!(sandbox.fault("carrier", fault).await["for_seconds"], 60);
    assert_eq!(book(&sandbox, "ord_1", "27100").await.status(), 500);
    assert_eq!(sandbox.get("/faults").await["payment"]["mode"], "ok");
    sandbox.clock.advance(Duration::from_secs(60));
    assert_eq!(sandbox.get("/faults").await["carrier"]["mode"], "ok");
    assert_eq!(book(&sandbox, "ord_1", "27100").await.status(), 201);
}

#[tokio::test]
async fn faults_that_make_no_sense_are_refused() {
    let sandbox = Running::start().await;
    for (service, fault, status) in [
        ("payment", json!({"mode": "sulking"}), 422),
        ("payment", json!({"mode": "down", "rate": 2}), 422),
        ("payment", json!({"mode": "down", "latency": 5}), 422),
        ("payment", json!({}), 422),
        ("mail", json!({"mode": "down"}), 404),
    ] {
        let request = sandbox.client.put(format!("{}/faults/{service}", sandbox.url)).json(&fault);
        assert_eq!(request.send().await.unwrap().status(), status, "{fault}");
    }
    assert_eq!(sandbox.get("/faults").await["payment"]["mode"], "ok");
}

#[tokio::test]
async fn a_call_that_was_slow_is_done_after_its_caller_has_left() {
    let sandbox = Running::start().await;
    sandbox.fault("carrier", json!({"mode": "slow", "latency_ms": 300})).await;
    let request = sandbox.client.post(format!("{}/shipments", sandbox.url)).json(&json!({
        "reference": "ord_1",
        "ship_to": {"name": "Ada", "street": "1", "city": "Pavia", "postcode": "27100", "country": "IT"},
    }));
    assert!(request.timeout(Duration::from_millis(100)).send().await.unwrap_err().is_timeout());
    // Limited by the test runner's time-out, not by a guess.
    while sandbox.ledger("shipments").await.is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_ledger_is_read_page_by_page_or_all_at_once() {
    let mut sandbox = Running::start().await;
    for number in 0..3 {
        book(&sandbox, &format!("ord_{number}"), "27100").await;
    }
    let first = sandbox.get("/ledger/shipments?page_size=2").await;
    assert_eq!(first["shipments"].as_array().unwrap().len(), 2);
    let token = first["next_page_token"].as_str().unwrap();
    let second = sandbox.get(&format!("/ledger/shipments?page_size=2&page_token={token}")).await;
    assert_eq!(second["shipments"][0]["order_id"], "ord_2");
    assert_eq!(second["next_page_token"], Value::Null);
    let before = sandbox.get("/ledger/shipments?page_size=0").await;
    assert_eq!(before["shipments"].as_array().unwrap().len(), 3);
    sandbox.restart().await;
    assert_eq!(sandbox.get("/ledger/shipments?page_size=0").await, before);
}

#[tokio::test]
async fn a_ledger_row_has_the_effect_the_order_and_the_key() {
    let sandbox = Running::start().await;
    let shipment: Value = book(&sandbox, "ord_1", "27100").await.json().await.unwrap();
    assert_eq!(
        sandbox.ledger("shipments").await,
        [json!({
            "id": shipment["id"],
            "key": "ord_1:arrange_shipping",
            "order_id": "ord_1",
            "status": "booked",
            "created_at": "2025-11-23T10:00:00.000Z",
        })]
    );
}

#[tokio::test]
async fn addresses_the_carrier_does_not_serve_are_refused_and_leave_the_key_unused() {
    let sandbox = Running::start().await;
    for (postcode, code) in [("00000", "address_undeliverable"), ("00001", "undeliverable")] {
        let answer = book(&sandbox, "ord_1", postcode).await;
        assert_eq!(answer.status(), 422);
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], code);
    }
    assert_eq!(book(&sandbox, "ord_1", "27100").await.status(), 201);
    let again = book(&sandbox, "ord_1", "27100").await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(book(&sandbox, "ord_1", "20100").await.status(), 409);
    assert_eq!(sandbox.ledger("shipments").await.len(), 1);
}

#[tokio::test]
async fn a_tracking_link_opens() {
    let sandbox = Running::start().await;
    let shipment: Value = book(&sandbox, "ord_1", "27100").await.json().await.unwrap();
    let link = shipment["tracking_url"].as_str().unwrap();
    let page = sandbox.client.get(link).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains(shipment["tracking_number"].as_str().unwrap()));
    let unknown = sandbox.client.get(format!("{}/track/nothing", sandbox.url)).send().await.unwrap();
    assert_eq!(unknown.status(), 404);
}

#[tokio::test]
async fn an_unknown_address_lists_the_known_ones() {
    let sandbox = Running::start().await;
    let answer = sandbox.client.get(format!("{}/nowhere", sandbox.url)).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert!(answer.text().await.unwrap().contains("/ledger"));
}

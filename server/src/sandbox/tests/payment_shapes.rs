use reqwest::Response;
use serde_json::{Value, json};

use crate::sandbox::testing::Running;

const VISA: [(&str, &str); 6] = [
    ("amount", "2500"),
    ("currency", "eur"),
    ("payment_method", "pm_card_visa"),
    ("capture_method", "manual"),
    ("confirm", "true"),
    ("metadata[order_id]", "ord_1"),
];

async fn post(sandbox: &Running, path: &str, key: &str, form: &[(&str, &str)]) -> Response {
    let request = sandbox.client.post(format!("{}{path}", sandbox.url)).bearer_auth("sk_any");
    request.header("Idempotency-Key", key).form(form).send().await.unwrap()
}

fn with(name: &str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    VISA.into_iter().map(|(known, was)| (known, if known == name { value } else { was })).collect()
}

#[tokio::test]
async fn a_held_payment_reads_as_stripe_writes_it() {
    let sandbox = Running::start().await;
    let answer = post(&sandbox, "/v1/payment_intents", "k1", &VISA).await;
    assert_eq!(answer.status(), 200);
    let intent: Value = answer.json().await.unwrap();
    assert!(intent["id"].as_str().unwrap().starts_with("pi_"));
    assert_eq!(intent["object"], "payment_intent");
    assert_eq!(intent["status"], "requires_capture");
    assert_eq!((&intent["amount"], &intent["amount_capturable"]), (&json!(2500), &json!(2500)));
    assert_eq!(intent["currency"], "eur");
    assert_eq!(intent["metadata"], json!({"order_id": "ord_1"}));
    assert_eq!(intent["created"], 1_763_892_000);
    assert!(intent["latest_charge"].is_string());
    let id = intent["id"].as_str().unwrap();
    let shown = sandbox.get(&format!("/v1/payment_intents/{id}?expand[]=latest_charge")).await;
    assert_eq!(
        shown["latest_charge"]["payment_method_details"]["card"],
        json!({"brand": "visa", "last4": "4242"})
    );
}

#[tokio::test]
async fn the_same_key_and_parameters_are_answered_again_and_other_parameters_are_refused() {
    let sandbox = Running::start().await;
    let first = post(&sandbox, "/v1/payment_intents", "k1", &VISA).await;
    assert!(first.headers().get("idempotent-replayed").is_none());
    let first = first.text().await.unwrap();
    let again = post(&sandbox, "/v1/payment_intents", "k1", &VISA).await;
    assert_eq!(again.headers()["idempotent-replayed"], "true");
    assert_eq!(again.text().await.unwrap(), first);
    let other = post(&sandbox, "/v1/payment_intents", "k1", &with("amount", "1")).await;
    assert_eq!(other.status(), 400);
    assert_eq!(other.json::<Value>().await.unwrap()["error"]["type"], "idempotency_error");
    let id = serde_json::from_str::<Value>(&first).unwrap()["id"].as_str().unwrap().to_owned();
    let elsewhere = post(&sandbox, &format!("/v1/payment_intents/{id}/cancel"), "k1", &[]).await;
    assert_eq!(elsewhere.status(), 400);
    assert_eq!(sandbox.ledger("payments").await.len(), 1);
}

#[tokio::test]
async fn many_callers_with_one_key_at_once_make_one_payment() {
    let sandbox = Running::start().await;
    let calls = (0..40).map(|_| async {
        post(&sandbox, "/v1/payment_intents", "k1", &VISA).await.json::<Value>().await.unwrap()["id"].clone()
    });
    let ids = futures::future::join_all(calls).await;
    assert!(ids.iter().all(|id| *id == ids[0] && id.is_string()));
    assert_eq!(sandbox.ledger("payments").await.len(), 1);
}

#[tokio::test]
async fn every_decline_has_its_codes_and_stays_under_its_key() {
    let sandbox = Running::start().await;
    for (token, code, decline_code) in [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ] {
        for _ in 0..2 {
            let answer = post(&sandbox, "/v1/payment_intents", token, &with("payment_method", token)).await;
            assert_eq!(answer.status(), 402);
            let error = answer.json::<Value>().await.unwrap()["error"].clone();
            assert_eq!((&error["code"], &error["decline_code"]), (&json!(code), &json!(decline_code)));
            assert_eq!(error["type"], "card_error");
            assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
        }
    }
    let rows = sandbox.ledger("payments").await;
    assert_eq!(rows.len(), 4);
    assert!(rows.iter().all(|row| row["status"] == "declined" && row["amount_captured"] == 0));
}

#[tokio::test]
async fn wrong_parameters_are_refused_by_name_and_leave_the_key_unused() {
    let sandbox = Running::start().await;
    for (name, value, code) in [
        ("amount", "0", "parameter_invalid_integer"),
        ("amount", "12.50", "parameter_invalid_integer"),
        ("currency", "euro", "parameter_invalid"),
        ("payment_method", "pm_card_unknown", "resource_missing"),
        ("payment_method", "", "parameter_missing"),
        ("capture_method", "automatic", "parameter_invalid"),
        ("confirm", "false", "parameter_invalid"),
    ] {
        let answer = post(&sandbox, "/v1/payment_intents", "k1", &with(name, value)).await;
        assert_eq!(answer.status(), 400, "{name}={value}");
        let error = answer.json::<Value>().await.unwrap()["error"].clone();
        assert_eq!((&error["param"], &error["code"]), (&json!(name), &json!(code)));
        assert_eq!(error["type"], "invalid_request_error");
    }
    assert_eq!(post(&sandbox, "/v1/payment_intents", "k1", &VISA).await.status(), 200);
    assert_eq!(sandbox.ledger("payments").await.len(), 1);
}

#[tokio::test]
async fn an_unknown_payment_is_not_found() {
    let sandbox = Running::start().await;
    let shown =
        sandbox.client.get(format!("{}/v1/payment_intents/pi_none", sandbox.url)).send().await.unwrap();
    assert_eq!(shown.status(), 404);
    for action in ["capture", "cancel"] {
        let answer = post(&sandbox, &format!("/v1/payment_intents/pi_none/{action}"), action, &[]).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(answer.json::<Value>().await.unwrap()["error"]["code"], "resource_missing");
    }
}

#[tokio::test]
async fn a_search_finds_the_payments_of_an_order_newest_first() {
    let sandbox = Running::start().await;
    post(&sandbox, "/v1/payment_intents", "k1", &with("payment_method", "pm_card_chargeDeclined")).await;
    post(&sandbox, "/v1/payment_intents", "k2", &VISA).await;
    post(&sandbox, "/v1/payment_intents", "k3", &with("metadata[order_id]", "ord_2")).await;
    let found = sandbox.get("/v1/payment_intents/search?query=metadata['order_id']:'ord_1'").await;
    assert_eq!(found["object"], "search_result");
    let states: Vec<&str> =
        found["data"].as_array().unwrap().iter().map(|intent| intent["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["requires_capture", "requires_payment_method"]);
    let wrong = sandbox.client.get(format!("{}/v1/payment_intents/search?query=amount:5", sandbox.url));
    assert_eq!(wrong.send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn a_refund_may_be_in_parts_but_never_more_than_was_captured() {
    let sandbox = Running::start().await;
    let intent: Value = post(&sandbox, "/v1/payment_intents", "k1", &VISA).await.json().await.unwrap();
    let id = intent["id"].as_str().unwrap();
    let refund = async |key: &str, amount: &str| {
        post(&sandbox, "/v1/refunds", key, &[("payment_intent", id), ("amount", amount)]).await
    };
    assert_eq!(refund("early", "100").await.status(), 400);
    post(&sandbox, &format!("/v1/payment_intents/{id}/capture"), "k2", &[]).await;
    assert_eq!(refund("r1", "1000").await.json::<Value>().await.unwrap()["amount"], 1000);
    assert_eq!(refund("r1", "1000").await.headers()["idempotent-replayed"], "true");
    assert_eq!(refund("r2", "1501").await.status(), 400);
    assert_eq!(refund("r3", "1500").await.status(), 200);
    let row = sandbox.ledger("payments").await.remove(0);
    assert_eq!((&row["amount_captured"], &row["amount_refunded"]), (&json!(2500), &json!(2500)));
}

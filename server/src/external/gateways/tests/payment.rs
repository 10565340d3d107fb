use std::time::Duration;

use orders::{Currency, Money, ProblemCode, Reason, Service, StepReason};
use serde_json::json;

use super::{PATIENCE, order};
use crate::{
    external::gateways::{Authorisation, Failure, IntentState, Lookup, PaymentGateway, VoidOutcome},
    sandbox::testing::Running,
};

const TOTAL: Money = Money::new(2500, Currency::EUR);
const KEY: &str = "ord_1:authorise_payment";

fn gateway(sandbox: &Running) -> PaymentGateway {
    PaymentGateway::new(&sandbox.url, "sk_test", PATIENCE).unwrap()
}

async fn hold(gateway: &PaymentGateway, token: &str) -> Result<Authorisation, Failure> {
    gateway.authorise(&order(), KEY, TOTAL, token).await
}

fn is_transient(failure: &Failure) -> bool {
    matches!(failure, Failure::Transient { service: Service::Payment, .. })
}

#[tokio::test]
async fn an_amount_is_held_captured_and_refunded() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    let hold = hold(&gateway, "pm_card_visa").await.unwrap();
    assert_eq!((hold.brand.as_str(), hold.last4.as_str()), ("Visa", "4242"));
    assert_eq!(gateway.retrieve(&hold.intent_id).await.unwrap().state, IntentState::Held);
    gateway.capture(&hold.intent_id, "c1").await.unwrap();
    assert_eq!(gateway.retrieve(&hold.intent_id).await.unwrap().state, IntentState::Captured);
    assert_eq!(gateway.find(&order()).await.unwrap().found().unwrap().state, IntentState::Captured);
    gateway.refund(&hold.intent_id, TOTAL, "r1").await.unwrap();
    assert_eq!(gateway.find(&order()).await.unwrap().found().unwrap().state, IntentState::Refunded);
    let row = sandbox.ledger("payments").await.remove(0);
    assert_eq!(row["key"], KEY);
    assert_eq!(row["order_id"], order().to_string());
    assert_eq!((&row["amount"], &row["currency"]), (&json!(2500), &json!("EUR")));
    assert_eq!((&row["amount_captured"], &row["amount_refunded"]), (&json!(2500), &json!(2500)));
}

#[tokio::test]
async fn the_same_key_holds_money_once() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    let first = hold(&gateway, "pm_card_visa").await.unwrap();
    assert_eq!(hold(&gateway, "pm_card_visa").await.unwrap(), first);
    assert_eq!(sandbox.ledger("payments").await.len(), 1);
}

#[tokio::test]
async fn every_refusal_of_a_card_has_its_class() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    for (token, code) in [
        ("pm_card_chargeDeclined", ProblemCode::CardDeclined),
        ("pm_card_chargeDeclinedInsufficientFunds", ProblemCode::InsufficientFunds),
        ("pm_card_chargeDeclinedExpiredCard", ProblemCode::CardExpired),
        ("pm_nobody_knows", ProblemCode::CardDeclined),
    ] {
        let refused = gateway.authorise(&order(), token, TOTAL, token).await.unwrap_err();
        assert_eq!(refused, Failure::CustomerCanFix { code }, "{token}");
    }
    let token = "pm_card_chargeDeclinedProcessingError";
    let bank = gateway.authorise(&order(), token, TOTAL, token).await.unwrap_err();
    assert!(matches!(bank, Failure::Transient { reason: StepReason::BankFault, .. }), "{bank:?}");
    assert_eq!(bank.service_fault(), None, "the payment service itself works");
    assert_eq!(gateway.find(&order()).await, Ok(Lookup::NotFound));
}

#[tokio::test]
async fn a_risky_payment_is_held_but_suspicious() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    let suspicious = hold(&gateway, "pm_card_riskLevelElevated").await.unwrap_err();
    let found = gateway.find(&order()).await.unwrap().found().unwrap();
    assert!(matches!(suspicious, Failure::Suspicious { held, .. } if held.intent_id == found.id));
    assert!(found.elevated_risk);
    assert_eq!(found.state, IntentState::Held);
}

#[tokio::test]
async fn a_hold_is_released_once_and_for_all() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    let hold = hold(&gateway, "pm_card_visa").await.unwrap();
    assert_eq!(gateway.void(&hold.intent_id, "v1").await, Ok(VoidOutcome::Voided));
    assert_eq!(gateway.void(&hold.intent_id, "v1").await, Ok(VoidOutcome::Voided));
    assert_eq!(gateway.void(&hold.intent_id, "v2").await, Ok(VoidOutcome::Voided));
    let late = gateway.capture(&hold.intent_id, "c1").await;
    assert_eq!(late, Err(Failure::Permanent { reason: Reason::PaymentFailed }));
    assert_eq!(gateway.find(&order()).await.unwrap().found().unwrap().state, IntentState::Voided);
}

#[tokio::test]
async fn captures_and_refunds_that_are_repeated_under_another_key_change_nothing() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    let hold = hold(&gateway, "pm_card_visa").await.unwrap();
    gateway.capture(&hold.intent_id, "c1").await.unwrap();
    gateway.capture(&hold.intent_id, "c2").await.unwrap();
    assert_eq!(gateway.void(&hold.intent_id, "v1").await, Ok(VoidOutcome::AlreadyCaptured));
    gateway.refund(&hold.intent_id, TOTAL, "r1").await.unwrap();
    gateway.refund(&hold.intent_id, TOTAL, "r2").await.unwrap();
    let row = sandbox.ledger("payments").await.remove(0);
    assert_eq!((&row["amount_captured"], &row["amount_refunded"]), (&json!(2500), &json!(2500)));
}

#[tokio::test]
async fn a_held_payment_is_found_before_a_released_one() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    let first = hold(&gateway, "pm_card_visa").await.unwrap();
    let second = gateway.authorise(&order(), "another", TOTAL, "pm_card_amex").await.unwrap();
    assert_eq!(gateway.void(&second.intent_id, "v").await, Ok(VoidOutcome::Voided));
    assert_eq!(gateway.find(&order()).await.unwrap().found().unwrap().id, first.intent_id);
}

#[tokio::test]
async fn a_lost_answer_is_unknown_then_looked_up_and_repeated_without_a_second_hold() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    sandbox.fault("payment", json!({"mode": "answer_lost"})).await;
    let unknown = hold(&gateway, "pm_card_visa").await.unwrap_err();
    assert!(matches!(unknown, Failure::UnknownOutcome { service: Service::Payment, .. }));
    let found = gateway.find(&order()).await.unwrap().found().unwrap();
    assert_eq!(found.state, IntentState::Held);
    let unknown = gateway.capture(&found.id, "c1").await.unwrap_err();
    assert!(matches!(unknown, Failure::UnknownOutcome { .. }));
    sandbox.mend().await;
    assert_eq!(hold(&gateway, "pm_card_visa").await.unwrap().intent_id, found.id);
    gateway.capture(&found.id, "c1").await.unwrap();
    let rows = sandbox.ledger("payments").await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["amount_captured"], 2500);
}

#[tokio::test]
async fn a_service_that_is_down_resets_the_connection_and_does_nothing() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    sandbox.fault("payment", json!({"mode": "down"})).await;
    let reset =
        sandbox.client.get(format!("{}/v1/payment_intents/pi_1", sandbox.url)).send().await.unwrap_err();
    let causes = std::iter::successors(Some(&reset as &dyn std::error::Error), |error| error.source());
    let kinds: Vec<_> =
        causes.filter_map(|error| Some(error.downcast_ref::<std::io::Error>()?.kind())).collect();
    assert!(kinds.contains(&std::io::ErrorKind::ConnectionReset), "{reset:?}");

    assert!(matches!(hold(&gateway, "pm_card_visa").await, Err(Failure::UnknownOutcome { .. })));
    assert!(is_transient(&gateway.find(&order()).await.unwrap_err()));
    assert!(sandbox.ledger("payments").await.is_empty());
    assert!(sandbox.get("/shipments?reference=ord_1").await["shipments"].is_array(), "the carrier goes on");
    sandbox.mend().await;
    hold(&gateway, "pm_card_visa").await.unwrap();
}

#[tokio::test]
async fn a_service_that_cannot_be_reached_is_transient() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let gateway = PaymentGateway::new(&url, "sk_test", PATIENCE).unwrap();
    assert!(is_transient(&hold(&gateway, "pm_card_visa").await.unwrap_err()));
}

#[tokio::test]
async fn errors_and_rate_limits_are_transient_and_say_when_to_come_back() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    for (mode, pause) in [("errors", None), ("rate_limited", Some(Duration::from_secs(1)))] {
        sandbox.fault("payment", json!({"mode": mode})).await;
        match hold(&gateway, "pm_card_visa").await.unwrap_err() {
            Failure::Transient { retry_after, .. } => assert_eq!(retry_after, pause),
            other => panic!("{other:?}"),
        }
    }
    assert!(sandbox.ledger("payments").await.is_empty());
}

#[tokio::test]
async fn a_slow_service_is_waited_for_only_so_long() {
    let sandbox = Running::start().await;
    let gateway = PaymentGateway::new(&sandbox.url, "sk_test", Duration::from_millis(200)).unwrap();
    sandbox.fault("payment", json!({"mode": "slow", "latency_ms": 600_000})).await;
    assert!(matches!(hold(&gateway, "pm_card_visa").await, Err(Failure::UnknownOutcome { .. })));
    assert!(is_transient(&gateway.find(&order()).await.unwrap_err()));
}

#[tokio::test]
async fn half_a_service_still_holds_money_once() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    for mode in ["answer_lost", "errors", "down"] {
        sandbox.fault("payment", json!({"mode": mode, "rate": 0.5})).await;
        let mut tries = 0;
        while hold(&gateway, "pm_card_visa").await.is_err() {
            tries += 1;
            assert!(tries < 100, "half of the calls go through");
        }
    }
    assert_eq!(sandbox.ledger("payments").await.len(), 1);
}

#[tokio::test]
async fn a_restart_keeps_every_payment_and_key() {
    let mut sandbox = Running::start().await;
    let before = hold(&gateway(&sandbox), "pm_card_visa").await.unwrap();
    sandbox.restart().await;
    let gateway = gateway(&sandbox);
    assert_eq!(hold(&gateway, "pm_card_visa").await.unwrap(), before);
    gateway.capture(&before.intent_id, "c1").await.unwrap();
    assert_eq!(sandbox.ledger("payments").await.len(), 1);
}

#[tokio::test]
async fn another_card_under_the_same_key_is_refused_by_the_service() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    hold(&gateway, "pm_card_chargeDeclined").await.unwrap_err();
    assert!(hold(&gateway, "pm_card_visa").await.unwrap_err().refusal().is_some());
    gateway.authorise(&order(), "another", TOTAL, "pm_card_visa").await.unwrap();
}

#[test]
fn an_address_that_is_none_is_refused_at_once() {
    for wrong in ["", "payments", "ftp://payments", "http://"] {
        assert!(PaymentGateway::new(wrong, "sk_test", PATIENCE).is_err(), "{wrong}");
    }
}

#[test]
fn the_secret_key_is_never_printed() {
    let gateway = PaymentGateway::new("https://api.stripe.com", "sk_live_canary", PATIENCE).unwrap();
    assert!(!format!("{gateway:?}").contains("canary"));
}

#[tokio::test]
async fn money_of_every_kind_of_currency_is_held_and_given_back_in_the_units_of_stripe() {
    let sandbox = Running::start().await;
    let gateway = gateway(&sandbox);
    for (amount, currency, sent) in [
        (1250, "JPY", 1250),
        (6250, "KWD", 6250),
        (500_000, "HUF", 500_000),
        (1250, "ISK", 125_000),
        (1_250_000, "UGX", 125_000_000),
        (6_250_000, "MGA", 62_500),
    ] {
        let total = Money::new(amount, currency.parse().unwrap());
        let hold = gateway.authorise(&order(), currency, total, "pm_card_visa").await.unwrap();
        gateway.capture(&hold.intent_id, &format!("{currency}:capture")).await.unwrap();
        gateway.refund(&hold.intent_id, total, &format!("{currency}:refund")).await.unwrap();
        let row =
            sandbox.ledger("payments").await.into_iter().find(|row| row["currency"] == currency).unwrap();
        for field in ["amount", "amount_captured", "amount_refunded"] {
            assert_eq!(row[field], json!(sent), "{currency} {field}");
        }
    }
}

#[tokio::test]
async fn an_amount_that_cannot_be_charged_is_neither_rounded_nor_sent() {
    let sandbox = Running::start().await;
    let total = Money::new(5124, "KWD".parse().unwrap());
    let refused = gateway(&sandbox).authorise(&order(), KEY, total, "pm_card_visa").await;
    assert_eq!(refused, Err(Failure::Permanent { reason: Reason::PaymentFailed }));
    assert!(sandbox.ledger("payments").await.is_empty());
}

//! Services without a look-up: repeating the call under its key prevents a second effect.

use std::time::Duration;

use orders::{OrderService, PaymentRequest, ProblemCode, State, StepName, StepReason, Work};
use queue::Clock;
use serde_json::json;

use super::world::{ADA, World, request, visa};

const SEARCH: &str = "GET /v1/payment_intents/search";

fn without_search(world: &World) {
    world.services.between.refuse("GET", "/v1/payment_intents/search", 404);
    world.services.between.refuse("GET", "/shipments", 400);
}

#[tokio::test]
async fn an_unknown_payment_is_repeated_under_its_key_where_there_is_no_search() {
    let mut world = World::new().await;
    without_search(&world);
    world.sandbox.fault("payment", json!({"mode": "answer_lost"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    assert_eq!(world.payments().await.len(), 1, "it was done, and nobody said so");
    world.sandbox.mend().await;
    let order = world.work_until(id, State::Confirmed).await;
    assert!(world.services.between.calls().iter().any(|call| call == SEARCH));
    assert_eq!(world.payments().await.len(), 1);
    world.assert_paid_once(&order).await;
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn an_unknown_booking_is_repeated_under_its_key_where_there_is_no_list() {
    let mut world = World::new().await;
    without_search(&world);
    world.sandbox.fault("carrier", json!({"mode": "answer_lost"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    world.sandbox.mend().await;
    world.work_until(id, State::Confirmed).await;
    assert_eq!(world.sandbox.ledger("shipments").await.len(), 1);
}

#[tokio::test]
async fn another_card_after_a_declined_one_needs_no_search() {
    let mut world = World::new().await;
    without_search(&world);
    let id = world.order(request("27100", Some("pm_card_chargeDeclined"))).await;
    world.work().await;
    assert_eq!(world.get(id).await.state, State::ActionRequired);
    let visa = PaymentRequest { method: "card".to_owned(), token: Some("pm_card_visa".to_owned()) };
    world.shop.provide_payment(&ADA, id, visa).await.unwrap();
    world.work().await;
    let order = world.get(id).await;
    assert_eq!(order.state, State::Confirmed, "at once");
    assert!(
        !world.services.between.calls().iter().any(|call| call == SEARCH),
        "there was nothing to look up"
    );
    world.assert_paid_once(&order).await;
}

#[tokio::test]
async fn a_refused_attempt_is_repeated_without_a_search() {
    let mut world = World::new().await;
    without_search(&world);
    world.sandbox.fault("payment", json!({"mode": "refuses"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    world.sandbox.mend().await;
    let order = world.work_until(id, State::Confirmed).await;
    assert!(!world.services.between.calls().iter().any(|call| call == SEARCH));
    world.assert_paid_once(&order).await;
}

#[tokio::test]
async fn a_worker_that_dies_between_the_call_and_its_result_leaves_one_payment_where_there_is_no_search() {
    let mut world = World::new().await;
    without_search(&world);
    let id = world.order(visa()).await;
    world.work_up_to(id, Work::Do(StepName::AuthorisePayment)).await;
    // An attempt before its crash: it starts, and the call has its effect.
    let mut record = world.record(id).await;
    let key = record.effect_key(StepName::AuthorisePayment);
    let total = record.order.total;
    let step = StepName::AuthorisePayment;
    world.change(id, |record, now| record.begin(Work::Do(step), now)).await;
    world.gateways().payment.authorise(&id, &key, total, "pm_card_visa").await.unwrap();
    record = world.record(id).await;
    assert_eq!(record.processing.unresolved.unwrap().attempt, 1);
    let order = world.work_until(id, State::Confirmed).await;
    assert!(world.services.between.calls().iter().any(|call| call == SEARCH), "it is looked for first");
    assert_eq!(world.payments().await.len(), 1);
    world.assert_paid_once(&order).await;
}

#[tokio::test]
async fn an_unanswered_charge_is_looked_up_by_its_id_and_needs_no_search() {
    let mut world = World::new().await;
    without_search(&world);
    let id = world.order(visa()).await;
    world.work_up_to(id, Work::Do(StepName::CapturePayment)).await;
    world.sandbox.fault("payment", json!({"mode": "answer_lost"})).await;
    let order = world.work_until(id, State::Confirmed).await;
    assert!(!world.services.between.calls().iter().any(|call| call == SEARCH));
    world.assert_paid_once(&order).await;
}

#[tokio::test]
async fn a_charge_without_an_answer_is_given_back_where_there_is_no_search() {
    let mut world = World::new().await;
    without_search(&world);
    let id = world.order(visa()).await;
    world.work_up_to(id, Work::Do(StepName::CapturePayment)).await;
    world.sandbox.fault("payment", json!({"mode": "answer_lost"})).await;
    world.worker(orders::Service::Payment).tick().await.unwrap();
    world.shop.cancel(&ADA, id).await.unwrap();
    world.sandbox.mend().await;
    world.work_until(id, State::Cancelled).await;
    let payments = world.payments().await;
    assert_eq!(payments[0]["amount_captured"], payments[0]["amount_refunded"], "{payments:?}");
    world.assert_no_money_is_kept().await;
}

#[tokio::test]
async fn a_hold_without_an_answer_is_released_where_there_is_no_search() {
    let mut world = World::new().await;
    without_search(&world);
    world.sandbox.fault("payment", json!({"mode": "answer_lost"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    world.shop.cancel(&ADA, id).await.unwrap();
    world.sandbox.mend().await;
    world.work_until(id, State::Cancelled).await;
    let payments = world.payments().await;
    assert_eq!((payments.len(), &payments[0]["status"]), (1, &json!("canceled")));
}

#[tokio::test]
async fn a_call_is_not_repeated_when_the_service_may_have_forgotten_its_key() {
    let mut world = World::new().await;
    without_search(&world);
    world.sandbox.fault("payment", json!({"mode": "answer_lost"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    world.sandbox.fault("payment", json!({"mode": "down"})).await;
    world.work_until(id, State::InReview).await;
    world.clock.advance(Duration::from_hours(23));
    world.sandbox.mend().await;
    world.services.between.calls();
    world.change(id, orders::OrderRecord::approve).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!(order.state, State::InReview, "a person looks at the payment service itself");
    assert_eq!(order.step(StepName::AuthorisePayment).reason, Some(StepReason::Unresolved));
    assert_eq!(order.problem.map(|problem| problem.code), Some(ProblemCode::PaymentUnresolved));
    let calls = world.services.between.calls();
    assert!(!calls.iter().any(|call| call.starts_with("POST")), "{calls:?}");
    // With a search it is found, however long it took.
    world.services.between.mend();
    world.change(id, orders::OrderRecord::approve).await;
    let order = world.work_until(id, State::Confirmed).await;
    assert_eq!(world.payments().await.len(), 1);
    world.assert_paid_once(&order).await;
    assert!(world.clock.now() > queue::Timestamp::from_millis(0));
}

//! Each class of failure, and its effect on the order.

use std::time::Duration;

use orders::{
    Currency, Money, OrderRecord, OrderService, PaymentState, ProblemCode, Reason, Service, State, StepName,
    StepReason, StepState,
};
use queue::{BreakerState, Clock, JobState};
use serde_json::json;

use super::world::{ADA, STEP_LIMIT, UNKNOWN_LIMIT, World, request, visa};

fn problem(order: &orders::Order) -> Option<ProblemCode> {
    order.problem.as_ref().map(|problem| problem.code)
}

#[tokio::test]
async fn failures_of_a_service_do_not_use_up_the_attempts_of_a_job() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "errors"})).await;
    let id = world.order(visa()).await;
    for _ in 0..30 {
        world.work().await;
        world.clock.set(world.next_due().await.unwrap());
    }
    let waiting = world.jobs(JobState::Available).await;
    assert_eq!((waiting.len(), waiting[0].attempts), (1, 0));
    assert!(waiting[0].last_error.is_some(), "those who look at the job read why");
    world.sandbox.mend().await;
    let order = world.work_until(id, State::Confirmed).await;
    world.assert_paid_once(&order).await;
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn a_service_that_names_its_time_is_not_called_before() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "rate_limited"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    let step = world.get(id).await.step(StepName::AuthorisePayment).clone();
    assert_eq!((step.state, step.reason), (StepState::Retrying, Some(StepReason::ServiceBusy)));
    assert!(step.next_attempt_at.unwrap().since(world.now()) >= Duration::from_secs(1));
    assert_eq!(world.record(id).await.processing.unresolved, None, "nothing was done");
    world.sandbox.mend().await;
    world.work_until(id, State::Confirmed).await;
}

#[tokio::test]
async fn the_waits_grow_with_the_attempts_at_the_step() {
    let mut world = World::new().await;
    let id = world.order(visa()).await;
    world.sandbox.fault("payment", json!({"mode": "errors"})).await;
    let mut longest = Duration::ZERO;
    for _ in 0..12 {
        world.work().await;
        let due = world.next_due().await.unwrap();
        longest = longest.max(due.since(world.clock.now()));
        world.clock.set(due);
    }
    assert!(longest > Duration::from_secs(4), "{longest:?}");
    assert!(world.get(id).await.delayed);
}

#[tokio::test]
async fn a_hold_that_came_after_we_stopped_waiting_is_found_and_not_repeated() {
    let mut world = World::waiting_for_answers(Duration::from_millis(300)).await;
    world.sandbox.fault("payment", json!({"mode": "slow", "latency_ms": 700})).await;
    let id = world.order(visa()).await;
    world.work().await;
    let step = world.get(id).await.step(StepName::AuthorisePayment).clone();
    assert_eq!((step.state, step.reason), (StepState::Retrying, Some(StepReason::NoAnswer)));
    while world.payments().await.is_empty() {
        tokio::task::yield_now().await;
    }
    world.sandbox.mend().await;
    let order = world.work_until(id, State::Confirmed).await;
    assert_eq!(world.payments().await.len(), 1);
    world.assert_paid_once(&order).await;
}

/// A payment whose answer was lost, at a service that then stops answering.
async fn unresolved(service: &str) -> (World, orders::OrderId) {
    let mut world = World::new().await;
    world.sandbox.fault(service, json!({"mode": "answer_lost"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    world.sandbox.fault(service, json!({"mode": "down"})).await;
    (world, id)
}

#[tokio::test]
async fn a_payment_that_stays_unknown_waits_for_a_person_and_is_found_when_that_person_lets_it_go_on() {
    let (world, id) = unresolved("payment").await;
    let since = world.record(id).await.processing.unknown_since.unwrap();
    let order = world.work_until(id, State::InReview).await;
    let waited = world.now().since(since);
    assert!(waited >= UNKNOWN_LIMIT && waited < UNKNOWN_LIMIT + Duration::from_mins(3), "{waited:?}");
    assert_eq!(problem(&order), Some(ProblemCode::PaymentUnresolved));
    assert!(order.message.body.contains("may be held on your card"), "{}", order.message.body);
    assert_eq!(world.next_due().await, None, "nobody goes on without a person");

    world.sandbox.mend().await;
    world.change(id, OrderRecord::approve).await;
    let order = world.work_until(id, State::Confirmed).await;
    assert_eq!(world.payments().await.len(), 1);
    world.assert_paid_once(&order).await;
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn a_booking_that_stays_unknown_waits_for_a_person_and_is_called_off_with_the_order() {
    let (world, id) = unresolved("carrier").await;
    let order = world.work_until(id, State::InReview).await;
    assert_eq!(problem(&order), Some(ProblemCode::DeliveryUnresolved));
    assert!(order.message.body.contains("not charged"), "{}", order.message.body);
    world.sandbox.mend().await;
    world.shop.cancel(&ADA, id).await.unwrap();
    world.work_until(id, State::Cancelled).await;
    let shipments = world.sandbox.ledger("shipments").await;
    assert_eq!((shipments.len(), &shipments[0]["status"]), (1, &json!("cancelled")));
    world.assert_no_money_is_kept().await;
}

#[tokio::test]
async fn a_step_that_has_not_worked_for_a_day_waits_for_a_person() {
    let mut world = World::new().await;
    world.sandbox.fault("carrier", json!({"mode": "errors"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    assert_eq!(world.get(id).await.state, State::Processing);
    world.clock.advance(STEP_LIMIT);
    world.work().await;
    let order = world.get(id).await;
    assert_eq!((order.state, problem(&order)), (State::InReview, Some(ProblemCode::OrderStalled)));
    assert_eq!(order.step(StepName::ArrangeShipping).reason, Some(StepReason::Overdue));
    world.sandbox.mend().await;
    world.change(id, OrderRecord::approve).await;
    let order = world.work_until(id, State::Confirmed).await;
    world.assert_paid_once(&order).await;
    assert_eq!(world.sandbox.ledger("shipments").await.len(), 1);
}

#[tokio::test]
async fn an_individually_refused_order_does_not_affect_others_and_has_a_limit() {
    let mut world = World::new().await;
    world.order(visa()).await;
    world.work().await;
    let id = world.order(visa()).await;
    // The key was used for something else, which the service refuses with 400.
    let key = world.record(id).await.effect_key(StepName::AuthorisePayment);
    let other = orders::OrderId::new(world.now(), [9; 10]);
    let gateways = world.gateways();
    gateways.payment.authorise(&other, &key, Money::new(1, Currency::EUR), "pm_card_visa").await.unwrap();
    for _ in 0..8 {
        world.work().await;
        world.clock.set(world.next_due().await.unwrap());
    }
    let step = world.get(id).await.step(StepName::AuthorisePayment).clone();
    assert_eq!((step.state, step.reason), (StepState::Retrying, Some(StepReason::ServiceRefusesUs)));
    let breaker = world.breakers.view(Service::Payment, world.clock.now()).unwrap();
    assert_eq!((breaker.state, breaker.failures_in_a_row), (BreakerState::Closed, 0));
    world.clock.advance(STEP_LIMIT);
    world.work().await;
    assert_eq!(problem(&world.get(id).await), Some(ProblemCode::OrderStalled));
}

#[tokio::test]
async fn a_payment_that_the_bank_could_not_process_is_retried_under_another_key() {
    let mut world = World::new().await;
    let id = world.order(request("27100", Some("pm_card_chargeDeclinedProcessingError"))).await;
    for _ in 0..6 {
        world.work().await;
        world.clock.set(world.next_due().await.unwrap());
    }
    let order = world.get(id).await;
    assert_eq!(order.step(StepName::AuthorisePayment).reason, Some(StepReason::BankFault));
    let payments = world.payments().await;
    let mut keys: Vec<_> = payments.iter().map(|payment| payment["key"].to_string()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!((keys.len(), payments.len()), (6, 6));
    assert!(payments.iter().all(|payment| payment["status"] == "declined"));
    let breaker = world.breakers.view(Service::Payment, world.clock.now()).unwrap();
    assert_eq!(breaker.failures_in_a_row, 0, "the payment service itself works");
}

#[tokio::test]
async fn a_card_that_its_bank_cannot_work_on_for_some_minutes_is_to_be_another_one() {
    let mut world = World::new().await;
    let id = world.order(request("27100", Some("pm_card_chargeDeclinedProcessingError"))).await;
    let began = world.now();
    let order = world.work_until(id, State::ActionRequired).await;
    assert_eq!(problem(&order), Some(ProblemCode::CardDeclined));
    assert_eq!(order.step(StepName::AuthorisePayment).reason, Some(StepReason::BankFault));
    assert_eq!(world.payments().await.len(), 10);
    assert!(world.now().since(began) < UNKNOWN_LIMIT, "nobody else is asked before");

    let card = orders::PaymentRequest { method: "card".to_owned(), token: Some("pm_card_visa".to_owned()) };
    world.shop.provide_payment(&ADA, id, card).await.unwrap();
    let order = world.work_until(id, State::Confirmed).await;
    world.assert_paid_once(&order).await;
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn a_risky_payment_that_is_approved_goes_on_with_the_hold_it_has() {
    let mut world = World::new().await;
    let id = world.order(request("27100", Some("pm_card_riskLevelElevated"))).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!((order.state, order.payment.state), (State::InReview, PaymentState::Authorised));
    assert!(order.message.body.contains("held on your card and not charged"), "{}", order.message.body);
    world.change(id, OrderRecord::approve).await;
    let order = world.work_until(id, State::Confirmed).await;
    assert_eq!(world.payments().await.len(), 1);
    world.assert_paid_once(&order).await;
}

#[tokio::test]
async fn a_risky_payment_that_is_not_approved_is_released() {
    let mut world = World::new().await;
    let before = world.stock("mug-blue").await;
    let id = world.order(request("27100", Some("pm_card_riskLevelElevated"))).await;
    world.work().await;
    world.change(id, |record, now| Ok(record.order.cancel(Reason::SuspectedFraud, now)?.unwrap())).await;
    let order = world.work_until(id, State::Cancelled).await;
    assert_eq!((order.reason, order.payment.state), (Some(Reason::SuspectedFraud), PaymentState::Voided));
    assert_eq!(world.stock("mug-blue").await, before);
    world.assert_no_money_is_kept().await;
}

//! A service that refuses our calls: orders wait for it, and a single call now and then tests it.

use std::time::Duration;

use crate::store::DeskReads as _;
use orders::{OrderId, OrderService, PaymentState, Service, State, StepName, StepReason, StepState};
use queue::{BreakerState, Clock, JobState};
use serde_json::json;

use super::world::{ADA, STEP_LIMIT, UNKNOWN_LIMIT, World, request, visa};
use crate::platform::telemetry::testing::Log;

const CAP: Duration = Duration::from_secs(60);

fn calls_that_hold(world: &World) -> usize {
    world.services.between.calls().iter().filter(|call| *call == "POST /v1/payment_intents").count()
}

/// Some orders, the first of which is processed before the others arrive.
async fn one_and_then_others(world: &mut World, others: usize) -> Vec<OrderId> {
    let mut orders = vec![world.order(visa()).await];
    world.work().await;
    for _ in 0..others {
        orders.push(world.order(visa()).await);
    }
    world.work().await;
    orders
}

async fn service_refused(world: &World, service: Service) -> bool {
    world.breakers.view(service, world.clock.now()).unwrap().state == BreakerState::Refused
}

#[tokio::test]
async fn a_wrong_key_delays_orders_is_logged_once_is_probed_once_per_cap_and_resumes_when_corrected() {
    let (log, _guard) = Log::capture();
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "refuses"})).await;
    let orders = one_and_then_others(&mut world, 7).await;
    assert_eq!(calls_that_hold(&world), 1, "the first refusal is enough");
    assert!(service_refused(&world, Service::Payment).await);
    for _ in 0..30 {
        world.clock.advance(CAP + Duration::from_secs(1));
        world.work().await;
        assert_eq!(calls_that_hold(&world), 1, "one probe in each interval");
    }
    for id in &orders {
        let order = world.get(*id).await;
        assert_eq!((order.state, order.delayed), (State::Processing, true));
        let step = order.step(StepName::AuthorisePayment);
        assert_eq!((step.state, step.reason), (StepState::Retrying, Some(StepReason::ServiceRefusesUs)));
        assert!(order.message.body.contains("Nothing was charged."), "{}", order.message.body);
        assert!(order.version < 80, "waiting writes nothing: version {}", order.version);
    }
    assert_eq!(world.store.refused_orders().await.unwrap(), [(Service::Payment, 8)]);
    assert!(world.jobs(JobState::Available).await.iter().all(|job| job.attempts == 0));
    assert_eq!(world.get(orders[0]).await.refused_by(), Some(Service::Payment));

    world.sandbox.mend().await;
    world.clock.advance(CAP + Duration::from_secs(1));
    world.work().await;
    for id in &orders {
        let order = world.get(*id).await;
        assert_eq!((order.state, order.payment.state), (State::Confirmed, PaymentState::Captured));
        world.assert_log_agrees(*id).await;
    }
    assert_eq!(world.payments().await.len(), 8, "one payment an order");
    assert!(world.store.refused_orders().await.unwrap().is_empty());
    let errors = log.lines("ERROR");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].contains("DOCKET_PAYMENT_KEY") && errors[0].contains("status=401"), "{}", errors[0]);
    let mended =
        log.lines("INFO").into_iter().filter(|line| line.contains("accepts our calls again")).count();
    assert_eq!(mended, 1);
}

#[tokio::test]
async fn waiting_for_a_refusing_service_does_not_use_up_the_limit_of_a_step() {
    let mut world = World::new().await;
    world.sandbox.fault("carrier", json!({"mode": "refuses"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    for _ in 0..3 {
        world.clock.advance(STEP_LIMIT);
        world.work().await;
        assert_eq!(world.get(id).await.state, State::Processing, "nobody has to decide anything");
    }
    world.sandbox.fault("carrier", json!({"mode": "errors"})).await;
    world.clock.advance(CAP * 2);
    world.work().await;
    let step = world.get(id).await.step(StepName::ArrangeShipping).clone();
    assert_eq!(step.reason, Some(StepReason::ServiceFault));
    world.clock.advance(STEP_LIMIT / 2);
    world.work().await;
    assert_eq!(world.get(id).await.state, State::Processing, "the limit counts from the end of the refusal");
    world.clock.advance(STEP_LIMIT);
    world.work().await;
    assert_eq!(world.get(id).await.state, State::InReview);
}

#[tokio::test]
async fn a_wrong_service_address_is_logged_once_and_probed_once_for_any_number_of_orders() {
    let (log, _guard) = Log::capture();
    let mut world = World::new().await;
    world.services.between.refuse("POST", "/v1/payment_intents", 404);
    let orders = one_and_then_others(&mut world, 4).await;
    assert_eq!(calls_that_hold(&world), 1);
    for _ in 0..5 {
        world.clock.advance(CAP + Duration::from_secs(1));
        world.work().await;
        assert_eq!(calls_that_hold(&world), 1);
    }
    assert_eq!(log.lines("ERROR").len(), 1, "{:#?}", log.lines("ERROR"));
    world.services.between.mend();
    world.clock.advance(CAP + Duration::from_secs(1));
    world.work().await;
    for id in orders {
        assert_eq!(world.get(id).await.state, State::Confirmed);
    }
}

#[tokio::test]
async fn one_order_that_is_refused_for_its_own_sake_does_not_keep_the_others_waiting() {
    let (log, _guard) = Log::capture();
    let mut world = World::new().await;
    let first = world.order(visa()).await;
    world.work().await;
    assert_eq!(world.get(first).await.state, State::Confirmed);
    world.services.between.refuse("POST", "/shipments", 400);
    let refused = world.order(visa()).await;
    world.work().await;
    let order = world.get(refused).await;
    assert_eq!(order.step(StepName::ArrangeShipping).reason, Some(StepReason::ServiceRefusesUs));
    assert!(!service_refused(&world, Service::Shipping).await, "it took the order before");
    world.services.between.mend();
    let other = world.order(visa()).await;
    world.work().await;
    assert_eq!(world.get(other).await.state, State::Confirmed);
    let errors = log.lines("ERROR");
    assert_eq!(errors.len(), 1, "{errors:#?}");
    assert!(errors[0].contains(&refused.to_string()), "{}", errors[0]);
    assert_eq!(world.get(refused).await.state, State::Processing, "it has its own time");
    world.clock.advance(CAP + Duration::from_secs(1));
    world.work().await;
    assert_eq!(world.get(refused).await.state, State::Confirmed);
    assert_eq!(world.sandbox.ledger("shipments").await.len(), 3);
}

#[tokio::test]
async fn an_order_that_was_definitely_refused_is_cancelled_without_asking_the_service_that_refuses() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "refuses"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    world.shop.cancel(&ADA, id).await.unwrap();
    world.work().await;
    world.clock.advance(CAP + Duration::from_secs(1));
    world.work().await;
    assert_eq!(world.get(id).await.state, State::Cancelled);
    assert!(world.payments().await.is_empty());
}

#[tokio::test]
async fn a_hold_is_released_when_a_service_that_refused_us_takes_our_calls_again() {
    let mut world = World::new().await;
    world.sandbox.fault("carrier", json!({"mode": "refuses"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    world.sandbox.fault("payment", json!({"mode": "refuses"})).await;
    world.shop.cancel(&ADA, id).await.unwrap();
    world.work().await;
    for _ in 0..3 {
        world.clock.advance(CAP + Duration::from_secs(1));
        world.work().await;
    }
    let order = world.get(id).await;
    assert_eq!((order.state, order.refused_by()), (State::Cancelling, Some(Service::Payment)));
    world.sandbox.mend().await;
    world.work_until(id, State::Cancelled).await;
    world.assert_no_money_is_kept().await;
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn an_unresolved_payment_waits_for_an_operator_even_while_the_service_refuses_us() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "answer_lost"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    world.sandbox.fault("payment", json!({"mode": "refuses"})).await;
    let since = world.now();
    let order = world.work_until(id, State::InReview).await;
    assert!(world.now().since(since) < UNKNOWN_LIMIT + CAP * 3);
    assert_eq!(order.step(StepName::AuthorisePayment).reason, Some(StepReason::Unresolved));
    world.sandbox.mend().await;
    world.clock.advance(CAP * 2);
    world.change(id, orders::OrderRecord::approve).await;
    let order = world.work_until(id, State::Confirmed).await;
    assert_eq!(world.payments().await.len(), 1);
    world.assert_paid_once(&order).await;
}

#[tokio::test]
async fn an_invoice_does_not_wait_for_a_payment_service_that_refuses_us() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "refuses"})).await;
    world.order(visa()).await;
    let invoice = world.order(request("27100", None)).await;
    world.work().await;
    assert_eq!(world.get(invoice).await.state, State::Confirmed);
}

#[tokio::test]
async fn calls_running_when_the_first_was_refused_change_nothing() {
    let (log, _guard) = Log::capture();
    let mut world = World::new().await;
    world.services.between.refuse("POST", "/v1/payment_intents", 404);
    for _ in 0..6 {
        world.order(visa()).await;
    }
    world.work().await;
    assert!(calls_that_hold(&world) > 1, "they were claimed together");
    assert_eq!(log.lines("ERROR").len(), 1, "{:#?}", log.lines("ERROR"));
    world.clock.advance(CAP + Duration::from_secs(1));
    world.work().await;
    assert_eq!(calls_that_hold(&world), 1);
}

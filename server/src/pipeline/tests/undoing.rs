//! Cancelled orders: whatever a service does, no effect is left.

use std::time::Duration;

use orders::{OrderService, PaymentState, Service, State, StepName, StepState, Work};
use serde_json::json;

use super::world::{ADA, World, visa};

#[tokio::test]
async fn an_undo_goes_on_until_the_service_is_back_and_shows_that_it_is_late() {
    let mut world = World::new().await;
    let before = world.stock("mug-blue").await;
    let id = world.order(visa()).await;
    world.work().await;
    world.sandbox.fault("payment", json!({"mode": "errors"})).await;
    world.shop.cancel(&ADA, id).await.unwrap();
    // Longer than any limit of a step.
    for _ in 0..40 {
        world.work().await;
        world.clock.set(world.next_due().await.unwrap());
    }
    world.clock.advance(Duration::from_hours(72));
    world.work().await;
    let order = world.get(id).await;
    assert_eq!((order.state, order.delayed), (State::Cancelling, true));
    assert!(order.message.body.contains("We try again by ourselves"), "{}", order.message.body);
    assert_eq!(order.step(StepName::CapturePayment).state, StepState::Undoing);
    world.sandbox.mend().await;
    let order = world.work_until(id, State::Cancelled).await;
    assert_eq!(order.payment.state, PaymentState::Refunded);
    assert_eq!(world.stock("mug-blue").await, before);
    world.assert_no_money_is_kept().await;
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn an_undo_with_a_lost_answer_has_one_effect() {
    let mut world = World::new().await;
    let id = world.order(visa()).await;
    world.work().await;
    for service in ["payment", "carrier"] {
        world.sandbox.fault(service, json!({"mode": "answer_lost"})).await;
    }
    world.shop.cancel(&ADA, id).await.unwrap();
    world.work().await;
    let payment = world.payments().await.remove(0);
    assert_eq!(payment["amount_refunded"], payment["amount_captured"], "it went back, and nobody said so");
    assert_eq!(world.get(id).await.state, State::Cancelling);
    world.sandbox.fault("payment", json!({"mode": "ok"})).await;
    for _ in 0..3 {
        world.work().await;
        world.clock.set(world.next_due().await.unwrap());
    }
    world.sandbox.mend().await;
    let order = world.work_until(id, State::Cancelled).await;
    assert_eq!(order.payment.state, PaymentState::Refunded);
    assert_eq!(world.payments().await, [payment]);
    assert_eq!(world.sandbox.ledger("shipments").await[0]["status"], "cancelled");
}

#[tokio::test]
async fn a_hold_without_an_answer_is_released_when_the_order_is_cancelled() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "answer_lost"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    assert_eq!(world.get(id).await.payment.state, PaymentState::None, "we do not know of it");
    world.sandbox.fault("payment", json!({"mode": "down"})).await;
    world.shop.cancel(&ADA, id).await.unwrap();
    world.work().await;
    assert_eq!(world.get(id).await.state, State::Cancelling);
    world.sandbox.mend().await;
    world.work_until(id, State::Cancelled).await;
    assert_eq!(world.payments().await[0]["status"], "canceled");
}

#[tokio::test]
async fn a_hold_made_while_the_order_is_cancelled_is_released_too() {
    let mut world = World::waiting_for_answers(Duration::from_millis(300)).await;
    // The call is still running when the customer cancels, and when the shop looks for its effect.
    world.sandbox.fault("payment", json!({"mode": "slow", "latency_ms": 600_000})).await;
    let id = world.order(visa()).await;
    world.work().await;
    world.sandbox.mend().await;
    assert!(world.payments().await.is_empty(), "there is nothing to be found so far");
    world.shop.cancel(&ADA, id).await.unwrap();
    world.work_until(id, State::Cancelled).await;
    let payments = world.payments().await;
    assert_eq!((payments.len(), &payments[0]["status"]), (1, &json!("canceled")), "under its own key");
}

#[tokio::test]
async fn a_cancel_that_races_a_charge_ends_with_the_money_back() {
    let mut world = World::new().await;
    let before = world.stock("mug-blue").await;
    let id = world.order(visa()).await;
    world.work_up_to(id, Work::Do(StepName::CapturePayment)).await;
    world.sandbox.fault("payment", json!({"mode": "slow", "latency_ms": 400})).await;
    let cancel_meanwhile = async {
        while world.get(id).await.step(StepName::CapturePayment).state != StepState::Running {
            tokio::task::yield_now().await;
        }
        world.shop.cancel(&ADA, id).await.unwrap()
    };
    let (worked, cancelled) = tokio::join!(world.worker(Service::Payment).tick(), cancel_meanwhile);
    assert_eq!(worked.unwrap().len(), 1);
    assert_eq!(cancelled.state, State::Cancelling);
    let order = world.get(id).await;
    assert_eq!((order.state, order.payment.state), (State::Cancelling, PaymentState::Captured));
    world.sandbox.mend().await;
    let order = world.work_until(id, State::Cancelled).await;
    assert_eq!(order.payment.state, PaymentState::Refunded);
    assert_eq!(world.payments().await[0]["amount_refunded"], order.total.amount);
    assert_eq!(world.stock("mug-blue").await, before);
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn a_cancel_after_the_carrier_has_it_is_answered_with_the_state() {
    let mut world = World::new().await;
    let id = world.order(visa()).await;
    world.work().await;
    world.change(id, |record, now| record.order.hand_over(now)).await;
    let refused = world.shop.cancel(&ADA, id).await.unwrap_err();
    assert_eq!((refused.status, refused.state), (409, Some(State::Shipped)));
}

#[tokio::test]
async fn a_returned_parcel_is_refunded_or_goes_out_again() {
    let mut world = World::new().await;
    let (back, again) = (world.order(visa()).await, world.order(visa()).await);
    world.work().await;
    for id in [back, again] {
        world.change(id, |record, now| record.order.hand_over(now)).await;
        let order = world.change(id, |record, now| record.order.returned(now)).await;
        assert_eq!(order.state, State::InReview);
    }
    world.shop.cancel(&ADA, back).await.unwrap();
    let order = world.work_until(back, State::Cancelled).await;
    assert_eq!(order.payment.state, PaymentState::Refunded);
    let order = world.change(again, orders::OrderRecord::approve).await;
    assert_eq!((order.state, order.payment.state), (State::Confirmed, PaymentState::Captured));
    assert_eq!(world.next_due().await, None);
}

#[tokio::test]
async fn a_cancel_while_a_service_is_left_alone_does_not_wait_for_it_without_need() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "errors"})).await;
    for _ in 0..5 {
        world.order(visa()).await;
    }
    world.work().await;
    // The breaker is open now, so this one is never called.
    let id = world.order(visa()).await;
    world.work().await;
    assert_eq!(world.get(id).await.step(StepName::AuthorisePayment).attempts, 0);
    world.shop.cancel(&ADA, id).await.unwrap();
    world.work().await;
    assert_eq!(world.get(id).await.state, State::Cancelled);
}

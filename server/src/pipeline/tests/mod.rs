//! Orders in the real store and with the real gateways, against a listening sandbox.

mod between;
mod failures;
mod isolation;
mod look_ups;
mod mails;
mod refusals;
mod refused_mails;
mod steps;
mod undoing;
mod world;

use std::time::Duration;

use orders::request::LineRequest;
use orders::{
    OrderRequest, OrderService, PaymentRequest, PaymentState, Reason, Service, State, StepName, StepState,
};
use queue::{Clock, Store};
use serde_json::json;

use self::world::{ADA, World, address, request, visa};
use crate::store::order_job::queue_of;

#[tokio::test]
async fn an_order_walks_all_five_steps_and_is_paid_once() {
    let mut world = World::new().await;
    let before = world.stock("mug-blue").await;
    let id = world.order(visa()).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!(order.state, State::Confirmed);
    assert!(order.steps.iter().all(|step| step.state == StepState::Succeeded && step.attempts == 1));
    assert_eq!(order.payment.state, PaymentState::Captured);
    assert_eq!(order.payment.summary.as_deref(), Some("Visa ••42"));
    assert!(order.shipment.is_some());
    assert_eq!(world.stock("mug-blue").await, before - 2);
    let payments = world.payments().await;
    assert_eq!(payments.len(), 1);
    assert_eq!(payments[0]["amount_captured"], order.total.amount);
    let mails: Vec<_> = std::fs::read_dir(world.folder.path().join("mail")).unwrap().collect();
    assert_eq!(mails.len(), 1);
    let mail = std::fs::read_to_string(mails[0].as_ref().unwrap().path()).unwrap();
    assert!(mail.contains(&order.number.to_string()) && mail.contains(&format!("/orders/{id}")));
    world.assert_log_agrees(id).await;
    assert_eq!(world.next_due().await, None, "nothing is left to do");
}

#[tokio::test]
async fn an_invoice_holds_and_captures_nothing() {
    let mut world = World::new().await;
    let id = world.order(request("27100", None)).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!(order.state, State::Confirmed);
    assert_eq!(order.payment.state, PaymentState::None);
    for step in [StepName::AuthorisePayment, StepName::CapturePayment] {
        assert_eq!(order.step(step).state, StepState::Skipped);
    }
    assert!(world.payments().await.is_empty());
}

#[tokio::test]
async fn an_unavailable_payment_service_only_delays_an_order() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "down"})).await;
    let id = world.order(visa()).await;
    let mut delayed = false;
    for _ in 0..8 {
        world.work().await;
        let order = world.get(id).await;
        assert_eq!(order.state, State::Processing);
        assert_eq!(order.step(StepName::AuthorisePayment).state, StepState::Retrying);
        if order.delayed {
            delayed = true;
            assert!(
                order.message.body.contains("payment service is not answering"),
                "{}",
                order.message.body
            );
            assert!(order.message.body.contains("not be charged twice"));
        }
        world.clock.set(world.next_due().await.unwrap());
    }
    assert!(delayed);
    world.sandbox.mend().await;
    let order = world.work_until(id, State::Confirmed).await;
    assert!(!order.delayed);
    assert_eq!(world.payments().await.len(), 1);
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn an_answer_that_was_lost_after_the_effect_charges_nobody_twice() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "answer_lost"})).await;
    world.sandbox.fault("carrier", json!({"mode": "answer_lost"})).await;
    let id = world.order(visa()).await;
    // It never answers, so the outcome is looked up each time.
    let order = world.work_until(id, State::Confirmed).await;
    let payments = world.payments().await;
    assert_eq!(payments.len(), 1);
    assert_eq!(payments[0]["amount_captured"], order.total.amount);
    assert_eq!(world.sandbox.ledger("shipments").await.len(), 1);
}

#[tokio::test]
async fn a_declined_card_waits_for_another_one_and_the_order_stays_the_same() {
    let mut world = World::new().await;
    let id = world.order(request("27100", Some("pm_card_chargeDeclined"))).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!(order.state, State::ActionRequired);
    assert_eq!(order.reason, Some(Reason::AskCardDeclined));
    let problem = order.problem.clone().unwrap();
    assert_eq!(problem.kind, "https://shop.example/problems/card-declined");
    assert!(order.respond_by.is_some());
    assert_eq!(order.actions[0].name, "payment");
    let visa = PaymentRequest { method: "card".to_owned(), token: Some("pm_card_visa".to_owned()) };
    world.shop.provide_payment(&ADA, id, visa).await.unwrap();
    let order = world.work_until(id, State::Confirmed).await;
    assert_eq!(order.reason, None);
    let succeeded: Vec<_> =
        world.payments().await.into_iter().filter(|payment| payment["status"] == "succeeded").collect();
    assert_eq!(succeeded.len(), 1);
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn an_unanswered_question_cancels_the_order_and_releases_the_items() {
    let mut world = World::new().await;
    let before = world.stock("mug-blue").await;
    let id = world.order(request("27100", Some("pm_card_chargeDeclinedExpiredCard"))).await;
    world.work().await;
    assert_eq!(world.get(id).await.reason, Some(Reason::AskCardExpired));
    assert_eq!(world.stock("mug-blue").await, before - 2);
    let order = world.work_until(id, State::Cancelled).await;
    assert_eq!(order.reason, Some(Reason::PaymentExpired));
    assert_eq!(world.stock("mug-blue").await, before);
}

#[tokio::test]
async fn an_unknown_address_is_corrected_in_place() {
    let mut world = World::new().await;
    let id = world.order(request("00000", Some("pm_card_visa"))).await;
    world.work().await;
    let order = world.get(id).await;
    assert_eq!((order.state, order.reason), (State::ActionRequired, Some(Reason::AskAddress)));
    assert_eq!(order.payment.state, PaymentState::Authorised);
    world.shop.correct_address(&ADA, id, address("27100")).await.unwrap();
    let order = world.work_until(id, State::Confirmed).await;
    assert_eq!(order.ship_to.postcode.as_deref(), Some("27100"));
}

#[tokio::test]
async fn an_undeliverable_address_undoes_everything_in_reverse() {
    let mut world = World::new().await;
    let before = world.stock("mug-blue").await;
    let id = world.order(request("00001", Some("pm_card_visa"))).await;
    let order = world.work_until(id, State::Cancelled).await;
    assert_eq!(order.reason, Some(Reason::Undeliverable));
    assert_eq!(order.payment.state, PaymentState::Voided);
    assert_eq!(world.stock("mug-blue").await, before);
    assert_eq!(world.payments().await[0]["status"], "canceled");
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn a_sold_out_item_cancels_the_order_without_a_charge() {
    let mut world = World::new().await;
    let stock = world.stock("desk-lamp").await;
    let lamps = |quantity: u32| OrderRequest {
        lines: vec![LineRequest { sku: "desk-lamp".to_owned(), quantity: quantity.into() }],
        ..visa()
    };
    let first = world.order(lamps(stock)).await;
    world.work().await;
    assert_eq!(world.get(first).await.state, State::Confirmed);
    let second = world.order(lamps(1)).await;
    world.work().await;
    let order = world.get(second).await;
    assert_eq!((order.state, order.reason), (State::Cancelled, Some(Reason::SoldOut)));
    assert_eq!(order.payment.state, PaymentState::None);
    assert_eq!(world.stock("desk-lamp").await, 0);
}

#[tokio::test]
async fn a_confirmed_order_that_is_cancelled_is_paid_back() {
    let mut world = World::new().await;
    let before = world.stock("mug-blue").await;
    let id = world.order(visa()).await;
    world.work().await;
    let order = world.shop.cancel(&ADA, id).await.unwrap();
    assert_eq!(order.state, State::Cancelling);
    let order = world.work_until(id, State::Cancelled).await;
    assert_eq!((order.reason, order.payment.state), (Some(Reason::Customer), PaymentState::Refunded));
    assert_eq!(world.payments().await[0]["amount_refunded"], order.total.amount);
    assert_eq!(world.sandbox.ledger("shipments").await[0]["status"], "cancelled");
    assert_eq!(world.stock("mug-blue").await, before);
    let again = world.shop.cancel(&ADA, id).await.unwrap();
    assert_eq!(again.version, order.version, "cancelling again changes nothing");
    world.assert_log_agrees(id).await;
}

#[tokio::test]
async fn a_cancel_at_any_moment_leaves_no_money_and_no_stock_behind() {
    // Each round cancels one tick later than the round before.
    for looks in 0..6 {
        let mut world = World::new().await;
        let before = world.stock("mug-blue").await;
        let id = world.order(visa()).await;
        for worker in world.workers.iter().cycle().take(looks) {
            worker.tick().await.unwrap();
        }
        world.shop.cancel(&ADA, id).await.unwrap();
        let order = world.work_until(id, State::Cancelled).await;
        assert_eq!(world.stock("mug-blue").await, before, "after {looks} looks");
        for payment in world.payments().await {
            assert_eq!(payment["amount_captured"], payment["amount_refunded"], "after {looks} looks");
            assert_ne!(payment["status"], "requires_capture", "after {looks} looks");
        }
        assert!(order.steps.iter().all(|step| !step.may_have_effect()));
        world.assert_log_agrees(id).await;
    }
}

#[tokio::test]
async fn a_cancelled_order_does_not_wait_for_the_next_attempt() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "errors"})).await;
    let id = world.order(visa()).await;
    world.work().await;
    world.shop.cancel(&ADA, id).await.unwrap();
    world.sandbox.mend().await;
    world.work().await;
    assert_eq!(world.get(id).await.state, State::Cancelled);
    assert!(world.payments().await.iter().all(|payment| payment["status"] == "canceled"));
}

#[tokio::test]
async fn a_risky_payment_waits_for_a_person_and_can_still_be_cancelled() {
    let mut world = World::new().await;
    let id = world.order(request("27100", Some("pm_card_riskLevelElevated"))).await;
    world.work().await;
    assert_eq!(world.get(id).await.state, State::InReview);
    assert_eq!(world.next_due().await, None);
    world.shop.cancel(&ADA, id).await.unwrap();
    world.work_until(id, State::Cancelled).await;
    assert_eq!(world.payments().await[0]["status"], "canceled");
}

#[tokio::test]
async fn the_work_of_a_worker_that_died_is_done_by_its_successor_once() {
    let mut world = World::new().await;
    let id = world.order(visa()).await;
    world.workers[0].tick().await.unwrap();
    // The payment is held, and the worker dies before it can record that.
    let claim = queue::Claim {
        queue: queue_of(Service::Payment),
        worker: "test".into(),
        limit: 1,
        now: world.clock.now(),
        lease_for: Duration::from_secs(10),
    };
    assert_eq!(world.store.claim(claim).await.unwrap().len(), 1);
    assert_eq!(world.store.rescue_worker(&"test".into(), world.clock.now()).await, Ok(1));
    let order = world.work_until(id, State::Confirmed).await;
    assert_eq!(order.payment.state, PaymentState::Captured);
    assert_eq!(world.payments().await.len(), 1);
}

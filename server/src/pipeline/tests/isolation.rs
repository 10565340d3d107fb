//! A fault in one place does not spread.

use std::time::Duration;

use orders::{OrderRecord, ProblemCode, Service, State, StepName, StepReason, StepState, Work};
use queue::{BreakerState, Claim, Clock, Intervention, JobState, Store};
use serde_json::json;

use super::world::{World, request, visa};
use crate::store::order_job::queue_of;

/// Advances the clock from one due time to the next until a probe is answered.
async fn work_until_closed(world: &World) {
    while world.breakers.view(Service::Payment, world.clock.now()).unwrap().state != BreakerState::Closed {
        world.clock.set(world.next_due().await.unwrap());
        world.tick().await;
    }
}

#[tokio::test]
async fn a_service_that_does_not_work_is_left_alone_and_everything_goes_on_when_it_is_back() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "errors"})).await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(world.order(visa()).await);
    }
    world.work().await;
    let view = world.breakers.view(Service::Payment, world.clock.now()).unwrap();
    assert_eq!(view.state, BreakerState::Open);
    let late = world.order(visa()).await;
    world.work().await;
    let step = world.get(late).await.step(StepName::AuthorisePayment).clone();
    assert_eq!((step.state, step.attempts), (StepState::Retrying, 0), "it is not even tried");
    assert_eq!(step.reason, Some(StepReason::ServiceFault));
    assert!(step.next_attempt_at >= view.until.map(crate::store::order_job::to_order_time));
    // An invoice needs no bank.
    let invoice = world.order(request("27100", None)).await;
    world.work().await;
    assert_eq!(world.get(invoice).await.state, State::Confirmed);

    ids.push(late);
    world.sandbox.mend().await;
    work_until_closed(&world).await;
    // Those that were refused during the probe become due a moment later.
    world.work().await;
    world.clock.advance(Duration::from_secs(3));
    world.work().await;
    for id in ids {
        assert_eq!(world.get(id).await.state, State::Confirmed);
    }
}

#[tokio::test]
async fn a_recovered_service_gets_its_waiting_jobs_at_once() {
    let mut world = World::new().await;
    world.sandbox.fault("payment", json!({"mode": "errors"})).await;
    let first = world.order(visa()).await;
    // One order alone fails until the breaker is open with its longest wait.
    for _ in 0..14 {
        world.work().await;
        world.clock.set(world.next_due().await.unwrap());
    }
    let second = world.order(visa()).await;
    world.work().await;
    world.sandbox.mend().await;
    work_until_closed(&world).await;
    world.work().await;
    for id in [first, second] {
        assert_eq!(world.get(id).await.state, State::Confirmed, "without another moment passing");
    }
}

#[tokio::test]
async fn a_slow_carrier_does_not_slow_payment() {
    let mut world = World::new().await;
    let slow = world.order(visa()).await;
    world.work_up_to(slow, Work::Do(StepName::ArrangeShipping)).await;
    world.sandbox.fault("carrier", json!({"mode": "slow", "latency_ms": 600_000})).await;
    let other = world.order(visa()).await;
    tokio::select! {
        biased;
        _ = world.worker(Service::Shipping).tick() => panic!("the carrier is slow"),
        () = world.work_up_to(other, Work::Do(StepName::ArrangeShipping)) => {}
    }
    assert_eq!(world.get(slow).await.step(StepName::ArrangeShipping).state, StepState::Running);
}

#[tokio::test]
async fn poison_is_put_aside_after_its_attempts_and_fails_no_order() {
    let mut world = World::with_poisonous_receipts().await;
    let id = world.order(visa()).await;
    world.work_until_nothing_is_due().await;
    let order = world.get(id).await;
    assert_eq!(order.state, State::Confirmed);
    let receipt = order.step(StepName::Notify);
    assert_eq!((receipt.state, receipt.reason), (StepState::Failed, Some(StepReason::Broken)));
    let quarantined = world.jobs(JobState::Quarantined).await;
    assert_eq!((quarantined.len(), quarantined[0].attempts), (1, 20));
    assert!(quarantined[0].last_error.as_deref().is_some_and(|error| error.contains("poison")));
    world.assert_log_agrees(id).await;
}

/// The work of an order kills its worker until nobody retries it.
async fn kill_workers(world: &World, service: Service) {
    for _ in 0..20 {
        let claim = Claim {
            queue: queue_of(service),
            worker: "test".into(),
            limit: 1,
            now: world.clock.now(),
            lease_for: Duration::from_secs(10),
        };
        assert_eq!(world.store.claim(claim).await.unwrap().len(), 1);
        assert_eq!(world.store.rescue_worker(&"test".into(), world.clock.now()).await, Ok(1));
        world.clock.set(world.next_due().await.unwrap());
    }
    world.worker(service).tick().await.unwrap();
}

#[tokio::test]
async fn an_order_that_kills_its_workers_waits_for_a_person_together_with_its_job() {
    let mut world = World::new().await;
    let id = world.order(visa()).await;
    world.work_up_to(id, Work::Do(StepName::AuthorisePayment)).await;
    kill_workers(&world, Service::Payment).await;
    let order = world.get(id).await;
    assert_eq!(order.state, State::InReview);
    assert_eq!(order.problem.as_ref().map(|problem| problem.code), Some(ProblemCode::OrderStalled));
    let quarantined = world.jobs(JobState::Quarantined).await;
    assert_eq!(quarantined.len(), 1);
    assert_eq!(world.next_due().await, None);

    world.store.discard(quarantined[0].id, world.clock.now()).await.unwrap();
    world.change(id, OrderRecord::approve).await;
    let order = world.work_until(id, State::Confirmed).await;
    world.assert_paid_once(&order).await;
}

#[tokio::test]
async fn an_undo_that_kills_its_workers_stays_an_undo_and_goes_on_when_it_is_tried_again() {
    let mut world = World::new().await;
    let id = world.order(visa()).await;
    world.work_up_to(id, Work::Do(StepName::ArrangeShipping)).await;
    orders::OrderService::cancel(&world.shop, &super::ADA, id).await.unwrap();
    kill_workers(&world, Service::Payment).await;
    let order = world.get(id).await;
    assert_eq!((order.state, order.delayed), (State::Cancelling, true));
    assert!(order.message.body.contains("a person sees to it"), "{}", order.message.body);
    let quarantined = world.jobs(JobState::Quarantined).await;
    let again = world.store.retry(quarantined[0].id, world.clock.now()).await;
    assert_eq!(again, Ok(Intervention::Done));
    world.work_until(id, State::Cancelled).await;
    world.assert_no_money_is_kept().await;
}

#[tokio::test]
async fn the_jobs_of_one_customer_share_the_queue_fairly() {
    let mut world = World::new().await;
    world.order(visa()).await;
    world.order(visa()).await;
    let shares: Vec<_> =
        world.jobs(JobState::Available).await.into_iter().map(|job| job.fairness_key).collect();
    assert_eq!(shares.len(), 2);
    assert!(shares[0].is_some() && shares[0] == shares[1]);
}

//! Each step alone: run again it has one effect, undone it leaves none, undone again nothing changes.

use std::path::Path;

use orders::{
    CommandContext, OrderId, OrderRecord, Reason, StepName, StepOutcome, StockMove, Work, WorkResult,
};
use serde_json::Value;

use super::world::{World, visa};
use crate::steps::{run, undo};

/// Returns everything outside the store.
async fn outside_world(world: &World) -> (Vec<Value>, Vec<Value>, usize) {
    let mails = std::fs::read_dir(Path::new(world.folder.path()).join("mail")).unwrap().count();
    (world.payments().await, world.sandbox.ledger("shipments").await, mails)
}

fn moment(world: &World) -> CommandContext<'static> {
    CommandContext { at: world.now(), public_url: "https://shop.example" }
}

/// An order whose step has started and had its effect once, and the outcome.
async fn done(step: StepName) -> (World, OrderRecord, StepOutcome) {
    let mut world = World::new().await;
    let id: OrderId = world.order(visa()).await;
    world.work_up_to(id, Work::Do(step)).await;
    let mut record = world.record(id).await;
    record.begin(Work::Do(step), moment(&world)).unwrap();
    let outcome = run(step, &record, &world.gateways(), world.now()).await.unwrap();
    (world, record, outcome)
}

/// The same, undone once.
async fn undone(step: StepName) -> (World, OrderRecord, StepOutcome) {
    let (world, mut record, outcome) = done(step).await;
    let now = moment(&world);
    record.apply_result(Work::Do(step), &WorkResult::Done(outcome), Default::default(), now).unwrap();
    record.order.cancel(Reason::Customer, now).unwrap();
    if record.order.next_work() == Work::Undo(step) {
        record.begin(Work::Undo(step), now).unwrap();
    }
    let outcome = undo(step, &record, &world.gateways(), world.now()).await.unwrap();
    (world, record, outcome)
}

#[tokio::test]
async fn a_repeated_step_has_one_effect_and_the_same_outcome() {
    for step in StepName::ALL {
        let (world, mut record, first) = done(step).await;
        let after_first = outside_world(&world).await;
        // The worker died before it could record that.
        record.begin(Work::Do(step), moment(&world)).unwrap();
        let second = run(step, &record, &world.gateways(), world.now()).await.unwrap();
        assert_eq!(second, first, "{step:?}");
        assert_eq!(outside_world(&world).await, after_first, "{step:?}");
    }
}

#[tokio::test]
async fn a_step_that_is_undone_leaves_nothing_outside() {
    for step in StepName::ALL {
        let (world, _, outcome) = undone(step).await;
        match step {
            StepName::ReserveStock => assert_eq!(outcome.stock, StockMove::Release),
            StepName::AuthorisePayment => assert_eq!(world.payments().await[0]["status"], "canceled"),
            StepName::ArrangeShipping => {
                assert_eq!(world.sandbox.ledger("shipments").await[0]["status"], "cancelled");
            }
            StepName::CapturePayment => world.assert_no_money_is_kept().await,
            StepName::Notify => assert_eq!(outcome, StepOutcome::default(), "a mail cannot be unsent"),
        }
    }
}

#[tokio::test]
async fn a_step_that_is_undone_again_stays_undone() {
    for step in StepName::ALL {
        let (world, record, first) = undone(step).await;
        let after_first = outside_world(&world).await;
        let second = undo(step, &record, &world.gateways(), world.now()).await.unwrap();
        assert_eq!(second, first, "{step:?}");
        assert_eq!(outside_world(&world).await, after_first, "{step:?}");
    }
}

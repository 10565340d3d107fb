//! Each step by itself: done again it is done once, undone it leaves nothing, undone again it stays undone.

use std::path::Path;

use orders::{Dossier, Moment, OrderId, Reason, StepName, StepOutcome, StockMove, Work, WorkResult};
use serde_json::Value;

use super::world::{World, visa};
use crate::steps::{run, undo};

/// Everything that is outside of the house.
async fn outside_world(world: &World) -> (Vec<Value>, Vec<Value>, usize) {
    let mails = std::fs::read_dir(Path::new(world.folder.path()).join("mail")).unwrap().count();
    (world.payments().await, world.sandbox.ledger("shipments").await, mails)
}

fn moment(world: &World) -> Moment<'static> {
    Moment { at: world.now(), public_url: "https://shop.example" }
}

/// An order whose step has begun and was done once, and what that brought.
async fn done(step: StepName) -> (World, Dossier, StepOutcome) {
    let mut world = World::new().await;
    let id: OrderId = world.order(visa()).await;
    world.work_up_to(id, Work::Do(step)).await;
    let mut dossier = world.dossier(id).await;
    dossier.begin(Work::Do(step), moment(&world)).unwrap();
    let outcome = run(step, &dossier, &world.outside(), world.now()).await.unwrap();
    (world, dossier, outcome)
}

/// The same, undone once.
async fn undone(step: StepName) -> (World, Dossier, StepOutcome) {
    let (world, mut dossier, outcome) = done(step).await;
    let now = moment(&world);
    dossier.record(Work::Do(step), &WorkResult::Done(outcome), Default::default(), now).unwrap();
    dossier.order.cancel(Reason::Customer, now).unwrap();
    if dossier.order.next_work() == Work::Undo(step) {
        dossier.begin(Work::Undo(step), now).unwrap();
    }
    let outcome = undo(step, &dossier, &world.outside(), world.now()).await.unwrap();
    (world, dossier, outcome)
}

#[tokio::test]
async fn a_step_that_is_done_again_is_done_once_and_says_the_same() {
    for step in StepName::ALL {
        let (world, mut dossier, first) = done(step).await;
        let after_first = outside_world(&world).await;
        // The worker died before it could say so.
        dossier.begin(Work::Do(step), moment(&world)).unwrap();
        let second = run(step, &dossier, &world.outside(), world.now()).await.unwrap();
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
        let (world, dossier, first) = undone(step).await;
        let after_first = outside_world(&world).await;
        let second = undo(step, &dossier, &world.outside(), world.now()).await.unwrap();
        assert_eq!(second, first, "{step:?}");
        assert_eq!(outside_world(&world).await, after_first, "{step:?}");
    }
}

//! An order that ends: what was done is undone, last step first, until nothing is left.

use std::time::Duration;

use crate::testing::{ENDINGS, PATIENCE, Story, asking_stories, at, happy_stories};
use crate::{
    EventType, PaymentMethod, PaymentState, Reason, State, Step, StepName, StepReason, StepState, Work,
    WorkResult,
};

const METHODS: [PaymentMethod; 2] = [PaymentMethod::Card, PaymentMethod::Invoice];

/// The steps that are undone one after the other until the order rests.
fn undone(story: &mut Story) -> Vec<StepName> {
    let mut steps = Vec::new();
    while let Work::Undo(step) = story.order().next_work() {
        steps.push(step);
        story.advance();
    }
    steps
}

fn rests_in_peace(story: &Story) {
    let order = story.order();
    assert_eq!(order.state, State::Cancelled);
    assert!(!order.delayed);
    assert!(!order.steps.iter().any(Step::may_have_effect), "{:?}", order.steps);
    assert!(!order.payment.holds_money(), "{:?}", order.payment);
    assert_eq!(order.shipment, None, "a shipment that was called off is no shipment");
    assert!(order.actions.is_empty());
    let busy = |step: &&Step| {
        !matches!(
            step.state,
            StepState::Undone | StepState::Skipped | StepState::Failed | StepState::Succeeded
        )
    };
    assert_eq!(order.steps.iter().find(busy), None);
    assert!(order.steps.iter().all(|step| step.next_attempt_at.is_none()));
}

#[test]
fn cancelling_at_any_point_undoes_every_effect() {
    for method in METHODS {
        let mut stories = happy_stories(method, None);
        stories.extend(asking_stories(method));
        for story in stories {
            for reason in ENDINGS {
                let mut story = story.clone();
                story.cancel(reason);
                let steps = undone(&mut story);
                assert!(steps.is_sorted_by(|a, b| a > b), "last step first: {steps:?}");
                rests_in_peace(&story);
                assert_eq!(story.order().reason, Some(reason));
                assert_eq!(story.versions.last().map(|(event, _)| event.kind), Some(EventType::Finished));
            }
        }
    }
}

#[test]
fn an_order_without_effects_is_cancelled_at_once() {
    let mut story = Story::of(PaymentMethod::Card);
    story.cancel(Reason::Customer);
    rests_in_peace(&story);
    assert_eq!(story.order().version, 2);
    assert_eq!(story.order().message.heading, "Order cancelled");
    assert_eq!(story.order().message.body, "You cancelled it. Nothing was charged.");
}

#[test]
fn a_confirmed_order_is_undone_in_reverse_and_refunded() {
    let mut story = Story::of(PaymentMethod::Card);
    story.rest().cancel(Reason::Customer);
    assert_eq!(
        undone(&mut story),
        [
            StepName::CapturePayment,
            StepName::ArrangeShipping,
            StepName::AuthorisePayment,
            StepName::ReserveStock
        ]
    );
    assert_eq!(story.order().payment.state, PaymentState::Refunded);
    assert_eq!(story.order().message.body, "You cancelled it. €25.00 goes back to your card in 5–10 days.");
}

#[test]
fn sold_out_and_undeliverable_undo_what_was_done_and_say_why() {
    let fail = |step: StepName, why: StepReason, reason: Reason| {
        Story::of(PaymentMethod::Card).until(step).begin().record(&WorkResult::Fail { why, reason }).clone()
    };
    let mut sold_out = fail(StepName::ReserveStock, StepReason::SoldOut, Reason::SoldOut);
    assert_eq!(undone(&mut sold_out), []);
    rests_in_peace(&sold_out);
    assert_eq!(sold_out.order().reason, Some(Reason::SoldOut));
    assert_eq!(sold_out.order().step(StepName::ReserveStock).state, StepState::Failed);
    assert_eq!(sold_out.order().message.heading, "We could not complete your order");

    let mut unreachable = fail(StepName::ArrangeShipping, StepReason::Undeliverable, Reason::Undeliverable);
    assert_eq!(unreachable.order().state, State::Cancelling);
    assert_eq!(undone(&mut unreachable), [StepName::AuthorisePayment, StepName::ReserveStock]);
    rests_in_peace(&unreachable);
    assert_eq!(unreachable.order().reason, Some(Reason::Undeliverable));
    assert_eq!(unreachable.order().payment.state, PaymentState::Voided);
}

#[test]
fn a_cancel_that_races_a_running_capture_ends_with_a_refund() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::CapturePayment).begin().cancel(Reason::Customer);
    assert_eq!(story.order().message.body, "Giving back the €25.00 on your card.");
    story.succeed();
    assert_eq!(story.order().state, State::Cancelling, "it is not confirmed any more");
    assert_eq!(story.order().payment.state, PaymentState::Captured);
    assert_eq!(undone(&mut story)[0], StepName::CapturePayment);
    rests_in_peace(&story);
    assert_eq!(story.order().payment.state, PaymentState::Refunded);
}

#[test]
fn an_order_cancelled_during_a_step_ends_whatever_the_result_is() {
    let reason = StepReason::ServiceFault;
    let respond_by = at(9_999).at;
    for step in StepName::ALL {
        for method in METHODS {
            let mut story = Story::of(method);
            story.until(step).begin().cancel(Reason::Customer);
            let outcome = story.outcome();
            for result in [
                WorkResult::Broken,
                WorkResult::Done(outcome.clone()),
                WorkResult::Retry { reason, next: at(999).at },
                WorkResult::AskCustomer { reason, respond_by },
                WorkResult::AskOperator { reason, outcome },
                WorkResult::Fail { why: reason, reason: Reason::SoldOut },
            ] {
                let mut story = story.clone();
                story.record(&result);
                undone(&mut story);
                rests_in_peace(&story);
                assert_eq!(story.order().reason, Some(Reason::Customer), "the first reason stands");
            }
        }
    }
}

#[test]
fn a_skipped_step_has_nothing_to_undo() {
    let mut story = Story::of(PaymentMethod::Card);
    story.begin().cancel(Reason::Customer);
    story.record(&WorkResult::Done(crate::StepOutcome { skipped: true, ..Default::default() }));
    rests_in_peace(&story);
}

#[test]
fn an_attempt_without_a_known_result_is_undone_as_if_it_had_succeeded() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment).begin().cancel(Reason::Customer);
    assert_eq!(undone(&mut story), [StepName::AuthorisePayment, StepName::ReserveStock]);
}

#[test]
fn cancelling_again_makes_no_event_and_keeps_the_first_reason() {
    let mut story = Story::of(PaymentMethod::Card);
    story.rest().cancel(Reason::Customer);
    loop {
        let before = story.order().clone();
        let again = story.command(|record, now| record.order.cancel(Reason::Operator, now));
        assert_eq!(again, Ok(false));
        assert_eq!(*story.order(), before);
        if story.order().next_work() == Work::Nothing {
            break;
        }
        story.advance();
    }
    assert_eq!(story.order().reason, Some(Reason::Customer));
}

#[test]
fn an_undo_is_repeated_until_it_is_done_and_says_what_it_waits_for() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::ArrangeShipping).cancel(Reason::Customer).begin();
    for _ in 0..3 {
        story.retry(StepReason::ServiceDown, Duration::from_mins(1));
        assert!(story.order().delayed);
        assert_eq!(
            story.order().message.body,
            format!(
                "Releasing the €25.00 held on your card. The payment service is not answering. We try again by \
                 ourselves at {}.",
                at(story.seconds + 60).at.clock()
            )
        );
        assert_eq!(story.order().next_work(), Work::Undo(StepName::AuthorisePayment));
        story.begin();
        assert!(story.order().message.body.contains("not answering. We are trying again right now."));
    }
    story.succeed();
    assert!(!story.order().delayed);
    undone(&mut story);
    rests_in_peace(&story);
}

#[test]
fn an_undo_never_ends_in_a_question_or_a_failure() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::ArrangeShipping).cancel(Reason::Customer).begin();
    let before = story.record.clone();
    let reason = StepReason::ServiceFault;
    for result in [
        WorkResult::Fail { why: reason, reason: Reason::Operator },
        WorkResult::AskCustomer { reason, respond_by: at(99).at },
        WorkResult::AskOperator { reason, outcome: Default::default() },
    ] {
        let work = Work::Undo(StepName::AuthorisePayment);
        assert!(story.record.apply_result(work, &result, PATIENCE, at(50)).is_err());
        assert_eq!(story.record, before);
    }
}

#[test]
fn no_mail_is_sent_for_an_order_that_has_ended() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::Notify).begin().retry(StepReason::ServiceDown, Duration::from_mins(1));
    story.cancel(Reason::Customer);
    assert_eq!(story.order().step(StepName::Notify).state, StepState::Skipped);

    let mut running = Story::of(PaymentMethod::Card);
    running.until(StepName::Notify).begin().cancel(Reason::Customer);
    assert_eq!(running.order().step(StepName::Notify).state, StepState::Running, "it may be out by now");
    undone(&mut running);
    rests_in_peace(&running);
    let late = running.record.order.finish_step(StepName::Notify, &Default::default(), at(99));
    assert!(late.is_err(), "nothing comes after the end");
}

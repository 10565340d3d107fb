//! A service that refuses our calls: the order waits without a limit, and what is known of its effects stays correct.

use std::time::Duration;

use crate::testing::{PATIENCE, Story, at};
use crate::{
    PaymentMethod, Service, StepName, StepOutcome, StepReason, StepState, Work, WorkResult, wording,
};

const STEP: StepName = StepName::AuthorisePayment;
const HOUR: Duration = Duration::from_hours(1);

fn begun() -> Story {
    Story::of(PaymentMethod::Card).until(STEP).begin().clone()
}

#[test]
fn the_step_reason_of_a_refusing_service_is_the_documented_one() {
    assert_eq!(serde_json::to_value(StepReason::ServiceRefusesUs).unwrap(), "service_refuses_us");
    assert_eq!(serde_json::to_value(StepReason::MailRefused).unwrap(), "mail_refused");
}

#[test]
fn an_order_whose_service_refuses_us_is_delayed_says_that_nothing_was_charged_and_shows_no_time() {
    let mut story = begun();
    story.refuse(HOUR);
    let order = story.order();
    assert_eq!(order.step(STEP).reason, Some(StepReason::ServiceRefusesUs));
    assert_eq!(order.refused_by(), Some(Service::Payment));
    assert!(order.delayed);
    assert_eq!(
        order.message.body,
        "Our connection to the payment service needs mending on our side. We know of it, and your order goes on by itself \
         as soon as it is mended. Nothing was charged."
    );
}

#[test]
fn an_order_that_waits_for_a_refusing_service_shows_no_next_attempt() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(STEP).postpone(StepReason::ServiceRefusesUs, HOUR);
    let step = story.order().step(STEP);
    assert_eq!((step.state, step.attempts, step.next_attempt_at), (StepState::Retrying, 0, None));
    story.cancel(crate::Reason::Customer);
    assert_eq!(story.order().refused_by(), None, "there is nothing to undo at that service");
}

#[test]
fn a_refused_attempt_leaves_no_unresolved_effect_but_an_earlier_unanswered_one_does() {
    let mut refused = begun();
    refused.refuse(HOUR).begin();
    assert_eq!(refused.record.possible_effect(STEP), None, "it was definitely answered");
    let mut unknown = begun();
    let asked_at = unknown.order().updated_at;
    unknown.retry(StepReason::NoAnswer, HOUR).begin().refuse(HOUR).begin();
    let effect = unknown.record.possible_effect(STEP).unwrap();
    assert_eq!((effect.attempt, effect.since()), (1, asked_at));
}

#[test]
fn an_attempt_interrupted_by_a_crash_may_have_left_its_effect() {
    let mut story = begun();
    assert_eq!(story.record.possible_effect(STEP), None, "it is the first");
    story.begin();
    assert!(story.record.possible_effect(STEP).is_some(), "the one before has no result");
}

#[test]
fn an_attempt_with_a_definite_answer_needs_no_look_up() {
    for reason in
        [StepReason::BankFault, StepReason::ServiceBusy, StepReason::ServiceDown, StepReason::NotTaken]
    {
        let mut story = begun();
        story.retry(reason, HOUR).begin();
        assert_eq!(story.record.possible_effect(STEP), None, "{reason:?}");
    }
    let mut declined = begun();
    declined.ask(StepReason::CardDeclined).pay_with("pm_card_other").begin();
    assert_eq!(declined.record.possible_effect(STEP), None);
    for reason in [StepReason::NoAnswer, StepReason::Interrupted, StepReason::ServiceFault] {
        let mut story = begun();
        story.retry(reason, HOUR).begin();
        assert!(story.record.possible_effect(STEP).is_some(), "{reason:?}");
    }
}

#[test]
fn the_time_limit_of_a_step_starts_with_the_first_attempt_after_a_refusal_ends() {
    let mut story = begun();
    let began = story.order().updated_at;
    assert_eq!(story.record.limit_counts_from(STEP), Some(began));
    story.refuse(HOUR).begin();
    let again = story.order().updated_at;
    assert_eq!(story.record.limit_counts_from(STEP), Some(again));
    story.retry(StepReason::ServiceDown, HOUR).begin();
    assert_eq!(story.record.limit_counts_from(STEP), Some(again), "an outage is no refusal");
}

#[test]
fn an_order_that_alone_is_refused_has_the_usual_time_limit() {
    let mut story = begun();
    let began = story.order().updated_at;
    let next = at(story.seconds).at.plus(HOUR);
    story.record(&WorkResult::Refused { next, alone: true }).begin();
    assert_eq!(story.record.limit_counts_from(STEP), Some(began));
}

#[test]
fn an_undo_that_is_refused_waits_and_goes_on() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::CapturePayment).cancel(crate::Reason::Customer).advance();
    assert_eq!(story.order().next_work(), Work::Undo(STEP));
    story.begin().refuse(HOUR);
    assert_eq!(story.order().refused_by(), Some(Service::Payment));
    assert!(
        story.order().message.body.contains("needs mending on our side"),
        "{}",
        story.order().message.body
    );
    let asked = WorkResult::AskOperator { reason: StepReason::Unresolved, outcome: StepOutcome::default() };
    let work = story.order().next_work();
    assert!(
        story.record.clone().apply_result(work, &asked, PATIENCE, at(99)).is_err(),
        "an undo asks nobody"
    );
    story.rest();
    assert_eq!(story.order().state, crate::State::Cancelled);
    assert_eq!(story.order().refused_by(), None);
}

#[test]
fn an_unresolved_effect_of_an_earlier_version_is_readable() {
    let old = r#"{"payment_token":"pm_1","doubt":{"attempt":2,"asked_at":"2026-11-23T10:00:00.000Z"}}"#;
    let processing: crate::ProcessingState = serde_json::from_str(old).unwrap();
    let doubt = processing.unresolved.unwrap();
    assert_eq!((doubt.attempt, doubt.since()), (2, crate::testing::START));
    assert!(!processing.service_refuses_us);
}

#[test]
fn every_service_has_its_own_words_for_a_refusal() {
    for (service, word) in
        [(Service::Payment, "payment"), (Service::Shipping, "carrier"), (Service::Mail, "mail")]
    {
        assert!(wording::step_reason(service, StepReason::ServiceRefusesUs).contains(word));
    }
}

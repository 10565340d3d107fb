//! From received to confirmed, with and without delays.

use std::time::Duration;

use crate::testing::{PATIENCE, Story, at};
use crate::{
    EventType, PaymentMethod, PaymentState, Reason, Service, State, StepName, StepOutcome, StepReason,
    StepState, Work, WorkResult,
};

fn kinds(story: &Story) -> Vec<EventType> {
    story.versions.iter().map(|(event, _)| event.kind).collect()
}

#[test]
fn a_received_order_waits_for_its_first_step() {
    let story = Story::of(PaymentMethod::Card);
    let order = story.order();
    assert_eq!((order.state, order.version), (State::Received, 1));
    assert_eq!(order.payment.state, PaymentState::None);
    assert!(order.steps.iter().all(|step| step.state == StepState::Waiting && step.attempts == 0));
    assert_eq!(order.next_work(), Work::Do(StepName::ReserveStock));
    assert_eq!(order.next_work().service(), Some(Service::Stock));
}

#[test]
fn the_happy_path_walks_all_five_steps() {
    use EventType::{StateChanged, StepChanged};
    let mut story = Story::of(PaymentMethod::Card);
    for step in StepName::ALL {
        assert_eq!(story.order().next_work(), Work::Do(step));
        story.begin();
        let running = story.order().step(step);
        assert_eq!((running.state, running.attempts), (StepState::Running, 1));
        assert_eq!(story.order().current_step().map(|step| step.name), Some(step));
        story.succeed();
        assert_eq!(story.order().step(step).state, StepState::Succeeded);
        assert!(story.order().step(step).finished_at > story.order().step(step).started_at);
    }
    let order = story.order();
    assert_eq!((order.state, order.version), (State::Confirmed, 11));
    assert_eq!(order.payment.state, PaymentState::Captured);
    assert_eq!(order.payment.summary.as_deref(), Some("Visa ••42"));
    assert_eq!(order.shipment.as_ref().map(|parcel| parcel.tracking_number.as_str()), Some("PP123"));
    assert_eq!(order.next_work(), Work::Nothing);
    assert_eq!(story.record.processing.payment_intent.as_deref(), Some("pi_1"));
    assert_eq!(story.record.processing.shipment_id.as_deref(), Some("sh_1"));
    let mut expected = [StepChanged; 10];
    (expected[0], expected[7]) = (StateChanged, StateChanged);
    assert_eq!(kinds(&story), expected, "it changes state when it begins and when it is confirmed");
}

#[test]
fn an_order_is_confirmed_before_its_mail_is_sent() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::Notify);
    assert_eq!(story.order().state, State::Confirmed);
}

#[test]
fn an_invoice_order_skips_what_moves_money_and_is_confirmed() {
    let mut story = Story::of(PaymentMethod::Invoice);
    story.rest();
    let order = story.order();
    assert_eq!(order.state, State::Confirmed);
    assert_eq!(order.payment.state, PaymentState::None);
    for step in [StepName::AuthorisePayment, StepName::CapturePayment] {
        assert_eq!(order.step(step).state, StepState::Skipped);
    }
    story.cancel(Reason::Customer);
    assert_eq!(story.order().next_work(), Work::Undo(StepName::ArrangeShipping));
    story.advance();
    assert_eq!(story.order().next_work(), Work::Undo(StepName::ReserveStock), "no money is to be given back");
}

#[test]
fn an_order_is_delayed_only_after_patience() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment).begin();
    story.retry(StepReason::ServiceDown, Duration::from_secs(1));
    assert!(!story.order().delayed);
    let step = story.order().step(StepName::AuthorisePayment);
    assert_eq!((step.state, step.reason), (StepState::Retrying, Some(StepReason::ServiceDown)));
    assert!(step.next_attempt_at.is_some());

    story.begin().retry(StepReason::ServiceDown, PATIENCE);
    assert!(story.order().delayed);
    assert_eq!(story.versions.last().map(|(event, _)| event.kind), Some(EventType::Delayed));
    assert_eq!(story.order().step(StepName::AuthorisePayment).attempts, 2);
}

#[test]
fn a_delayed_order_resumes_when_its_step_succeeds() {
    let mut story = Story::of(PaymentMethod::Card);
    story.begin().retry(StepReason::ServiceBusy, Duration::from_mins(1));
    story.begin();
    assert!(story.order().delayed, "another attempt is no success");
    story.succeed();
    assert!(!story.order().delayed);
    assert_eq!(story.versions.last().map(|(event, _)| event.kind), Some(EventType::Resumed));
    assert_eq!(story.order().step(StepName::ReserveStock).reason, None);
}

#[test]
fn a_delayed_order_says_why_while_its_step_is_retried() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment).begin();
    story.retry(StepReason::ServiceBusy, Duration::from_mins(1));
    let waiting = story.order().message.body.clone();
    assert_eq!(
        waiting,
        "The payment service is busy. We try again by ourselves at 10:01 UTC. You will not be charged twice."
    );
    let trying = &story.begin().order().message.body;
    assert_eq!(
        trying,
        "The payment service is busy. We are trying again right now. You will not be charged twice."
    );
}

#[test]
fn a_charge_with_an_unknown_outcome_is_not_denied() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::CapturePayment).begin().retry(StepReason::NoAnswer, Duration::ZERO);
    let said = &story.order().message.body;
    assert!(!said.contains("not charged") && said.contains("charged only once"), "{said}");
}

#[test]
fn a_lost_attempt_is_started_again_and_counted() {
    let mut story = Story::of(PaymentMethod::Card);
    story.begin().begin();
    assert_eq!(story.order().step(StepName::ReserveStock).attempts, 2);
}

#[test]
fn a_late_or_failed_mail_does_not_change_the_order() {
    let mut late = Story::of(PaymentMethod::Card);
    late.until(StepName::Notify).begin().retry(StepReason::ServiceDown, Duration::from_hours(1));
    assert!(!late.order().delayed);

    let reason = StepReason::ServiceFault;
    for result in [
        WorkResult::Fail { why: reason, reason: Reason::Operator },
        WorkResult::AskCustomer { reason, respond_by: at(99).at },
        WorkResult::AskOperator { reason, outcome: StepOutcome::default() },
    ] {
        let mut story = Story::of(PaymentMethod::Card);
        story.until(StepName::Notify).begin().record(&result);
        assert_eq!(story.order().state, State::Confirmed, "{result:?}");
        assert_eq!(story.order().step(StepName::Notify).state, StepState::Failed);
        assert_eq!(story.order().next_work(), Work::Nothing, "it is not tried for ever");
    }
}

#[test]
fn a_result_without_an_attempt_is_refused() {
    let mut story = Story::of(PaymentMethod::Card);
    let done =
        WorkResult::Done(StepOutcome { payment_intent: Some("pi_9".to_owned()), ..Default::default() });
    for work in [Work::Do(StepName::AuthorisePayment), Work::Undo(StepName::ReserveStock), Work::Nothing] {
        let before = story.record.clone();
        let refused = story.record.apply_result(work, &done, PATIENCE, at(5));
        assert!(refused.is_err(), "{work:?}");
        assert_eq!(story.record, before, "what is refused leaves nothing behind");
    }
}

#[test]
fn the_key_of_an_effect_is_the_same_over_all_attempts() {
    let mut story = Story::of(PaymentMethod::Card);
    let key = |story: &Story| story.record.effect_key(StepName::AuthorisePayment);
    let first = key(&story);
    assert_eq!(first, format!("{}:authorise_payment", story.order().id));
    story.until(StepName::AuthorisePayment).begin().retry(StepReason::NoAnswer, PATIENCE).begin();
    assert_eq!(key(&story), first);
}

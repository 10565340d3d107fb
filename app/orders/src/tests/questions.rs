//! Questions to the customer and to operators.

use std::time::Duration;

use crate::testing::{Story, at};
use crate::{
    Address, EventType, PaymentMethod, PaymentState, ProblemCode, Reason, State, StepName, StepOutcome,
    StepReason, StepState, Work, WorkResult,
};

fn declined() -> Story {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment).begin().ask(StepReason::CardDeclined).clone()
}

fn undeliverable() -> Story {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::ArrangeShipping).begin().ask(StepReason::AddressUndeliverable).clone()
}

fn action_names(story: &Story) -> Vec<&str> {
    story.order().actions.iter().map(|action| action.name.as_str()).collect()
}

fn elsewhere() -> Address {
    let field = |text: &str| text.to_owned();
    Address {
        name: field("Ada"),
        street: field("2 Side St"),
        city: Some(field("Pavia")),
        postcode: Some(field("27100")),
        country: field("IT"),
        ..Address::default()
    }
}

#[test]
fn a_declined_card_asks_the_customer_until_a_deadline() {
    let story = declined();
    let order = story.order();
    assert_eq!((order.state, order.reason), (State::ActionRequired, Some(Reason::AskCardDeclined)));
    assert_eq!(order.step(StepName::AuthorisePayment).state, StepState::NeedsCustomer);
    assert_eq!(order.problem.as_ref().map(|problem| problem.code), Some(ProblemCode::CardDeclined));
    assert_eq!(order.message.body, "Nothing was charged. Your items are held until Tue 10:00 UTC.");
    assert_eq!(order.next_work(), Work::ExpireAt(order.respond_by.expect("there is a deadline")));
    assert_eq!(action_names(&story), ["payment", "cancel"]);
    assert_eq!(story.versions.last().map(|(event, _)| event.kind), Some(EventType::ActionRequired));
}

#[test]
fn each_card_problem_has_its_own_code() {
    for (reason, asked, code) in [
        (StepReason::CardDeclined, Reason::AskCardDeclined, ProblemCode::CardDeclined),
        (StepReason::BankFault, Reason::AskCardDeclined, ProblemCode::CardDeclined),
        (StepReason::InsufficientFunds, Reason::AskInsufficientFunds, ProblemCode::InsufficientFunds),
        (StepReason::CardExpired, Reason::AskCardExpired, ProblemCode::CardExpired),
    ] {
        let mut story = Story::of(PaymentMethod::Card);
        story.until(StepName::AuthorisePayment).begin().ask(reason);
        assert_eq!(story.order().reason, Some(asked));
        assert_eq!(story.order().problem.as_ref().map(|problem| problem.code), Some(code));
    }
}

#[test]
fn another_card_has_another_effect_key() {
    let mut story = declined();
    let keys = |story: &Story| {
        [StepName::AuthorisePayment, StepName::CapturePayment].map(|step| story.record.effect_key(step))
    };
    let first = keys(&story);
    story.pay_with("pm_card_other");
    assert_eq!(story.order().state, State::Processing);
    assert_eq!((story.order().reason, story.order().respond_by), (None, None));
    assert_eq!(story.order().problem, None);
    assert_eq!(story.versions.last().map(|(event, _)| event.kind), Some(EventType::Resumed));
    assert_eq!(story.record.processing.payment_token.as_deref(), Some("pm_card_other"));
    assert_eq!(keys(&story), first.map(|key| format!("{key}:2")));
    assert_eq!(story.order().next_work(), Work::Do(StepName::AuthorisePayment));
    story.rest();
    assert_eq!(story.order().state, State::Confirmed);
    let step = story.order().step(StepName::AuthorisePayment);
    assert_eq!((step.attempts, step.tries(), step.was_mended()), (2, 1, true), "this card worked at once");
}

#[test]
fn patience_restarts_with_another_card() {
    let mut story = declined();
    story.seconds += 3_600;
    story.pay_with("pm_card_other").begin().retry(StepReason::ServiceBusy, Duration::from_secs(1));
    assert!(!story.order().delayed, "the customer's time is not ours");
}

#[test]
fn a_corrected_address_gets_another_shipment_and_keeps_the_payment() {
    let mut story = undeliverable();
    assert_eq!(story.order().reason, Some(Reason::AskAddress));
    assert_eq!(action_names(&story), ["address", "cancel"]);
    let payment = story.record.effect_key(StepName::AuthorisePayment);
    let shipment = story.record.effect_key(StepName::ArrangeShipping);
    story
        .command(|record, now| record.correct_address(elsewhere(), now).map(Some))
        .expect("an address was asked for");
    assert_eq!(story.order().ship_to, elsewhere());
    assert_eq!(story.record.effect_key(StepName::AuthorisePayment), payment);
    assert_eq!(story.record.effect_key(StepName::ArrangeShipping), format!("{shipment}:2"));
    story.rest();
    assert_eq!(story.order().state, State::Confirmed);
}

#[test]
fn an_answer_to_another_question_is_refused() {
    let mut no_card = undeliverable();
    let payment = no_card.order().payment.clone();
    assert!(no_card.record.order.provide_payment(payment.clone(), at(99)).is_err());
    let mut no_address = declined();
    assert!(no_address.record.order.correct_address(elsewhere(), at(99)).is_err());
    let mut unasked = Story::of(PaymentMethod::Card);
    assert!(unasked.record.order.provide_payment(payment, at(99)).is_err());
    assert_eq!(unasked.record.processing.payment_round, 0);
}

#[test]
fn an_order_ends_at_the_deadline_and_not_before() {
    for (mut story, reason) in
        [(declined(), Reason::PaymentExpired), (undeliverable(), Reason::Undeliverable)]
    {
        let deadline = story.order().respond_by.expect("there is a deadline");
        let expire = |story: &mut Story| story.command(|record, now| record.order.expire(now).map(Some));
        story.seconds = deadline.since(at(0).at).as_secs() - 2;
        assert!(expire(&mut story).is_err(), "there is still a second");
        expire(&mut story).expect("the time is over");
        assert_eq!((story.order().state, story.order().reason), (State::Cancelling, Some(reason)));
        assert_eq!(story.order().respond_by, None);
        assert!(expire(&mut story).is_err(), "an order expires once");
        story.rest();
        assert_eq!((story.order().state, story.order().reason), (State::Cancelled, Some(reason)));
    }
}

#[test]
fn an_old_deadline_does_not_cancel_an_answered_order() {
    let mut story = declined();
    let deadline = story.order().respond_by.expect("there is a deadline");
    story.pay_with("pm_card_other");
    story.seconds = deadline.since(at(0).at).as_secs() + 1;
    assert!(story.command(|record, now| record.order.expire(now).map(Some)).is_err());
}

#[test]
fn a_failure_that_the_customer_cannot_correct_cancels_the_order() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::CapturePayment).begin().ask(StepReason::CardDeclined);
    assert_eq!((story.order().state, story.order().reason), (State::Cancelling, Some(Reason::PaymentFailed)));
    story.rest();
    assert_eq!(story.order().payment.state, PaymentState::Voided);
}

#[test]
fn a_suspicious_payment_waits_for_an_operator_with_its_hold() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment).begin();
    let outcome = story.outcome();
    story.record(&WorkResult::AskOperator { reason: StepReason::SuspectedFraud, outcome });
    let order = story.order();
    assert_eq!((order.state, order.payment.state), (State::InReview, PaymentState::Authorised));
    assert_eq!(order.problem.as_ref().map(|problem| problem.code), Some(ProblemCode::SuspectedFraud));
    assert_eq!(order.next_work(), Work::Nothing);
    assert_eq!(story.record.processing.payment_intent.as_deref(), Some("pi_1"));
    story.cancel(Reason::Customer);
    assert_eq!(story.order().next_work(), Work::Undo(StepName::AuthorisePayment), "the hold is released");
}

#[test]
fn a_payment_with_an_unknown_outcome_is_not_called_fraud() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::CapturePayment).begin();
    story
        .record(&WorkResult::AskOperator { reason: StepReason::Unresolved, outcome: StepOutcome::default() });
    let order = story.order();
    assert_eq!(order.problem.as_ref().map(|problem| problem.code), Some(ProblemCode::PaymentUnresolved));
    assert!(!order.message.body.contains("not charged"), "{}", order.message.body);
}

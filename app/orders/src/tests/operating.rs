//! Decisions of operators and events of the carrier.

use std::time::Duration;

use crate::testing::{PATIENCE, Story, at};
use crate::{
    EventType, Order, PaymentMethod, PaymentState, ProblemCode, Reason, State, StepName, StepOutcome,
    StepReason, StepState, Work, WorkResult,
};

fn reviewed(step: StepName, reason: StepReason) -> Story {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(step).begin();
    let suspicious = reason == StepReason::SuspectedFraud;
    let outcome = if suspicious { story.outcome() } else { StepOutcome::default() };
    story.record(&WorkResult::AskOperator { reason, outcome }).clone()
}

fn on_its_way() -> Story {
    let mut story = Story::of(PaymentMethod::Card);
    story.rest().tell(Order::hand_over).clone()
}

fn problem(story: &Story) -> Option<ProblemCode> {
    story.order().problem.as_ref().map(|problem| problem.code)
}

fn last_event(story: &Story) -> Option<EventType> {
    story.versions.last().map(|(event, _)| event.kind)
}

#[test]
fn an_approved_payment_keeps_its_hold_and_is_not_held_twice() {
    let mut story = reviewed(StepName::AuthorisePayment, StepReason::SuspectedFraud);
    story.approve();
    let order = story.order();
    assert_eq!((order.state, order.payment.state), (State::Processing, PaymentState::Authorised));
    assert_eq!(order.step(StepName::AuthorisePayment).state, StepState::Succeeded);
    assert_eq!(order.next_work(), Work::Do(StepName::ArrangeShipping));
    assert_eq!((last_event(&story), problem(&story)), (Some(EventType::Resumed), None));
    story.rest();
    assert_eq!(story.order().state, State::Confirmed);
    assert_eq!(story.order().step(StepName::AuthorisePayment).attempts, 1);
}

#[test]
fn an_approved_step_starts_again_with_its_full_time_limit() {
    for reason in [StepReason::Unresolved, StepReason::Overdue, StepReason::Broken] {
        for step in [StepName::AuthorisePayment, StepName::ArrangeShipping, StepName::CapturePayment] {
            let mut story = reviewed(step, reason);
            let keys = story.record.effect_key(step);
            story.seconds += 90_000;
            story.approve();
            assert_eq!(story.order().next_work(), Work::Do(step));
            assert_eq!(story.record.effect_key(step), keys, "it is the same effect");
            story.begin().retry(StepReason::ServiceBusy, Duration::from_secs(1));
            let now = story.order().step(step);
            assert_eq!(now.attempts, 2, "the attempts before count: they may have left something");
            assert!(now.started_at > Some(at(90_000).at), "its clock is fresh");
            assert!(!story.order().delayed);
            story.rest();
            assert_eq!(story.order().state, State::Confirmed);
        }
    }
}

#[test]
fn an_order_approved_and_then_cancelled_undoes_possible_effects() {
    let mut story = reviewed(StepName::AuthorisePayment, StepReason::Unresolved);
    story.approve().cancel(Reason::Customer);
    assert_eq!(story.order().next_work(), Work::Undo(StepName::AuthorisePayment));
}

#[test]
fn only_an_order_that_needs_a_decision_can_be_approved() {
    let mut confirmed = Story::of(PaymentMethod::Card);
    let confirmed = confirmed.rest();
    let mut asking = Story::of(PaymentMethod::Card);
    let asking = asking.until(StepName::AuthorisePayment).begin().ask(StepReason::CardDeclined);
    let mut cancelled = Story::of(PaymentMethod::Card);
    let cancelled = cancelled.cancel(Reason::Customer);
    for story in [confirmed, asking, cancelled, &mut Story::of(PaymentMethod::Card)] {
        let before = story.order().clone();
        assert_eq!(story.record.approve(at(99)).map_err(|refused| refused.from), Err(before.state));
        assert_eq!(*story.order(), before);
    }
}

#[test]
fn each_question_to_an_operator_has_its_own_problem_code() {
    for (step, reason, code) in [
        (StepName::AuthorisePayment, StepReason::SuspectedFraud, ProblemCode::SuspectedFraud),
        (StepName::AuthorisePayment, StepReason::Unresolved, ProblemCode::PaymentUnresolved),
        (StepName::CapturePayment, StepReason::Unresolved, ProblemCode::PaymentUnresolved),
        (StepName::ArrangeShipping, StepReason::Unresolved, ProblemCode::DeliveryUnresolved),
        (StepName::AuthorisePayment, StepReason::Overdue, ProblemCode::OrderStalled),
        (StepName::ArrangeShipping, StepReason::Overdue, ProblemCode::OrderStalled),
    ] {
        assert_eq!(problem(&reviewed(step, reason)), Some(code));
    }
}

#[test]
fn a_review_says_only_what_is_known_about_the_money() {
    let body = |step, reason| reviewed(step, reason).order().message.body.clone();
    assert_eq!(
        body(StepName::AuthorisePayment, StepReason::SuspectedFraud),
        "This happens on some orders. Your items are set aside. €25.00 is held on your card and not charged so far."
    );
    assert_eq!(
        body(StepName::AuthorisePayment, StepReason::Unresolved),
        "The payment service has not told us what became of your payment. Your items are set aside. Nothing was \
         charged; €25.00 may be held on your card."
    );
    assert_eq!(
        body(StepName::CapturePayment, StepReason::Unresolved),
        "The payment service has not told us what became of your payment. Your items are set aside. €25.00 is held \
         on your card and charged only once."
    );
    assert_eq!(
        body(StepName::ArrangeShipping, StepReason::Overdue),
        "The carrier has kept us waiting for too long. Your items are set aside. €25.00 is held on your card and not \
         charged so far."
    );
    assert_eq!(
        body(StepName::ReserveStock, StepReason::Broken),
        "Something on our side got in its way. Nothing was charged."
    );
    let returned = on_its_way().tell(Order::returned).order().message.clone();
    assert_eq!(returned.heading, "Your parcel came back to us");
    assert_eq!(returned.body, "The carrier could not hand it over. €25.00 paid with Visa ••42.");
}

#[test]
fn a_parcel_goes_to_the_carrier_and_to_the_customer() {
    let mut story = on_its_way();
    assert_eq!(story.order().state, State::Shipped);
    assert!(!story.order().can_be_cancelled());
    story.tell(Order::deliver);
    assert_eq!(story.order().state, State::Delivered);
    assert_eq!(last_event(&story), Some(EventType::Finished));
    assert_eq!(story.order().next_work(), Work::Nothing);
}

#[test]
fn a_delivery_may_be_reported_before_the_pick_up_and_the_late_pick_up_is_refused() {
    let mut story = Story::of(PaymentMethod::Card);
    story.rest().tell(Order::deliver);
    let before = story.order().clone();
    assert!(story.record.order.hand_over(at(99)).is_err());
    assert!(story.record.order.deliver(at(99)).is_err());
    assert!(story.record.order.returned(at(99)).is_err());
    assert_eq!(*story.order(), before);
}

#[test]
fn an_unsent_receipt_does_not_delay_the_shipment() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::Notify).begin().retry(StepReason::ServiceDown, Duration::from_mins(1));
    story.tell(Order::hand_over);
    assert_eq!(story.order().next_work(), Work::Do(StepName::Notify));
    story.rest();
    assert_eq!(story.order().state, State::Shipped);
}

#[test]
fn a_returned_parcel_goes_out_again_or_is_refunded() {
    let mut again = on_its_way();
    again.tell(Order::returned);
    assert_eq!((again.order().state, again.order().next_work()), (State::InReview, Work::Nothing));
    assert_eq!(again.order().reason, None);
    let shipment = again.order().shipment.clone();
    again.approve();
    assert_eq!((again.order().state, again.order().next_work()), (State::Confirmed, Work::Nothing));
    assert_eq!(last_event(&again), Some(EventType::Resumed));
    assert!(shipment.is_some() && again.order().shipment == shipment);
    again.tell(Order::hand_over).tell(Order::deliver);

    let mut back = on_its_way();
    back.tell(Order::returned).cancel(Reason::Operator).rest();
    assert_eq!((back.order().state, back.order().payment.state), (State::Cancelled, PaymentState::Refunded));
}

#[test]
fn a_postponed_step_has_no_attempt() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment).postpone(StepReason::ServiceDown, Duration::from_secs(2));
    let step = story.order().step(StepName::AuthorisePayment).clone();
    assert_eq!((step.state, step.attempts), (StepState::Retrying, 0));
    assert!(!story.order().delayed, "two seconds are not long");
    story.postpone(StepReason::ServiceDown, Duration::from_mins(1));
    assert!(story.order().delayed);
    assert!(story.order().message.body.contains("The payment service is not answering. We try again"));
    let mut cancelled = story.clone();
    cancelled.cancel(Reason::Customer);
    assert_eq!(
        cancelled.order().next_work(),
        Work::Undo(StepName::ReserveStock),
        "there is no hold to look for"
    );
    story.rest();
    assert_eq!(story.order().state, State::Confirmed);
    assert_eq!(story.order().step(StepName::AuthorisePayment).attempts, 1);
}

#[test]
fn a_postponed_undo_is_running_and_delayed() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::ArrangeShipping).cancel(Reason::Customer);
    story.postpone(StepReason::ServiceDown, Duration::from_mins(1));
    assert_eq!(story.order().step(StepName::AuthorisePayment).state, StepState::Undoing);
    assert!(story.order().delayed && story.order().message.body.contains("We try again by ourselves"));
    story.rest();
    assert_eq!(story.order().state, State::Cancelled);
}

#[test]
fn a_job_that_exhausts_its_attempts_puts_the_order_in_review() {
    let broken = |step: StepName| {
        Story::of(PaymentMethod::Card).until(step).begin().record(&WorkResult::Broken).clone()
    };
    assert_eq!(broken(StepName::ReserveStock).order().state, State::InReview);
    assert_eq!(problem(&broken(StepName::CapturePayment)), Some(ProblemCode::OrderStalled));

    let mut receipt = broken(StepName::Notify);
    assert_eq!(receipt.order().state, State::Confirmed, "a receipt fails no order");
    assert_eq!(receipt.order().next_work(), Work::Nothing);
    receipt.approve();
    assert_eq!(receipt.order().next_work(), Work::Do(StepName::Notify));
    receipt.rest();
    assert_eq!(receipt.order().step(StepName::Notify).state, StepState::Succeeded);
}

#[test]
fn an_undo_that_crashes_too_often_waits_for_an_operator() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::ArrangeShipping).cancel(Reason::Customer).begin().record(&WorkResult::Broken);
    let order = story.order();
    assert_eq!((order.state, order.delayed), (State::Cancelling, true));
    assert_eq!(
        order.message.body,
        "Releasing the €25.00 held on your card. We could not finish it by ourselves, so a person sees to it."
    );
    // An operator restarted it.
    story.begin();
    assert!(story.order().message.body.ends_with("We are trying again right now."));
    story.succeed().rest();
    assert_eq!(story.order().state, State::Cancelled);
}

#[test]
fn the_time_since_an_outcome_is_unknown_is_kept_until_it_is_known() {
    let mut story = Story::of(PaymentMethod::Card);
    let unknown = |story: &Story| story.record.processing.unknown_since;
    story.until(StepName::AuthorisePayment).begin().retry(StepReason::ServiceDown, Duration::from_secs(1));
    assert_eq!(unknown(&story), None, "nothing was asked for");
    story.begin().retry(StepReason::NoAnswer, Duration::from_secs(1));
    let since = Some(at(story.seconds).at);
    assert_eq!(unknown(&story), since);
    story.begin().retry(StepReason::ServiceDown, Duration::from_secs(1));
    story.begin().retry(StepReason::NoAnswer, Duration::from_secs(1));
    story.postpone(StepReason::ServiceDown, Duration::from_secs(1));
    assert_eq!(unknown(&story), since, "the first time counts");

    let mut known = story.clone();
    known.advance();
    assert_eq!(unknown(&known), None);
    let mut declined = story.clone();
    declined.begin().ask(StepReason::CardDeclined);
    assert_eq!(unknown(&declined), None);
    let (reason, outcome) = (StepReason::Unresolved, StepOutcome::default());
    story.begin().record(&WorkResult::AskOperator { reason, outcome }).approve();
    assert_eq!(unknown(&story), None, "the time begins anew");
}

#[test]
fn a_retry_that_the_bank_asks_for_has_another_key() {
    let mut story = Story::of(PaymentMethod::Card);
    story.until(StepName::AuthorisePayment);
    let key = |story: &Story| story.record.effect_key(StepName::AuthorisePayment);
    let first = key(&story);
    story.begin().retry(StepReason::NoAnswer, Duration::from_secs(1));
    assert_eq!(key(&story), first, "it may have been done under that key");
    story.begin().retry(StepReason::BankFault, Duration::from_secs(1));
    assert_eq!(key(&story), format!("{first}:2"));
    assert_eq!(story.record.processing.unknown_since, None);
    assert_eq!(story.record.processing.bank_faults, 1);
    let message = story.begin().ask(StepReason::BankFault).order().message.clone();
    assert_eq!(message.heading, "Your bank cannot check this card");
    assert!(message.body.starts_with("We asked several times. Nothing was charged."), "{}", message.body);
    story.pay_with("pm_card_other");
    assert_eq!(story.record.processing.bank_faults, 0, "it is another bank's turn");
}

#[test]
fn only_due_work_can_be_postponed() {
    let mut story = Story::of(PaymentMethod::Card);
    story.begin().cancel(Reason::Customer);
    let result = WorkResult::Postpone { reason: StepReason::ServiceDown, next: at(99).at };
    let before = story.record.clone();
    for work in [Work::Do(StepName::ReserveStock), Work::Undo(StepName::CapturePayment), Work::Nothing] {
        assert!(story.record.apply_result(work, &result, PATIENCE, at(9)).is_err());
        assert_eq!(story.record, before);
    }
}

#[test]
fn an_effect_is_unresolved_from_the_start_of_an_attempt_until_its_answer() {
    let mut story = Story::of(PaymentMethod::Card);
    let unresolved =
        |story: &Story| story.record.processing.unresolved.map(|effect| (effect.attempt, effect.asked_at));
    let now = |story: &Story| at(story.seconds).at;
    story.until(StepName::AuthorisePayment).begin();
    assert_eq!(unresolved(&story), Some((1, now(&story))), "a crash may happen now");
    story.retry(StepReason::ServiceDown, Duration::from_secs(1));
    assert_eq!(unresolved(&story), None, "nothing was asked for");
    story.begin().retry(StepReason::ServiceFault, Duration::from_secs(1)).begin();
    let asked = Some((2, now(&story)));
    story.retry(StepReason::ServiceDown, Duration::from_secs(1));
    assert_eq!(unresolved(&story), asked, "what an earlier attempt did is still unknown");
    story.begin();
    let (reason, outcome) = (StepReason::Overdue, StepOutcome::default());
    story.record(&WorkResult::AskOperator { reason, outcome }).approve();
    assert!(unresolved(&story).is_some(), "an operator does not know it either");
    let mut ended = story.clone();
    ended.cancel(Reason::Customer).begin();
    assert_eq!(ended.record.processing.undo_attempts, 1);
    assert!(unresolved(&ended).is_some());
    ended.succeed();
    assert_eq!((unresolved(&ended), ended.record.processing.undo_attempts), (None, 0));
    story.rest();
    assert_eq!(unresolved(&story), None);
}

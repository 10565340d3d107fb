//! The reducer: applying the events to the first snapshot gives the server's order, whatever happens to it.

use std::time::Duration;

use proptest::prelude::*;

use crate::facts::{EventFacts, LineOverflow, OrderDetails, OrderProgress};
use crate::testing::{ENDINGS, PATIENCE, SHOP, Story, at};
use crate::{
    Address, Applied, Event, EventType, Order, OrderRecord, PaymentMethod, Reason, State, StepName,
    StepOutcome, StepReason, ValidPayment, Work, WorkResult,
};

/// An operation on an order, allowed or not.
#[derive(Debug, Clone)]
enum Act {
    /// Start the work that is due.
    Begin,
    /// The running attempt succeeds.
    Succeed,
    /// The running attempt has its effect, and an operator must decide about it.
    UnresolvedEffect(StepReason),
    /// Start some work, due or not.
    BeginOther(Work),
    /// Some result of the running attempt.
    Record(WorkResult),
    Cancel(Reason),
    Pay,
    Move(String),
    Expire(u32),
    /// Postpone the work that is due.
    Postpone(StepReason, u64),
    Approve,
    HandOver,
    Deliver,
    Returned,
    ReplaceLink,
}

fn reason() -> impl Strategy<Value = StepReason> {
    prop::sample::select(StepReason::ALL.to_vec())
}

fn result() -> impl Strategy<Value = WorkResult> {
    let later = (0_u64..100_000).prop_map(|seconds| at(seconds).at);
    let ending = prop::sample::select(ENDINGS.to_vec());
    prop_oneof![
        (reason(), later.clone()).prop_map(|(reason, next)| WorkResult::Retry { reason, next }),
        (reason(), later).prop_map(|(reason, respond_by)| WorkResult::AskCustomer { reason, respond_by }),
        reason().prop_map(|reason| WorkResult::AskOperator { reason, outcome: StepOutcome::default() }),
        (reason(), ending).prop_map(|(why, reason)| WorkResult::Fail { why, reason }),
        Just(WorkResult::Broken),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let step = || prop::sample::select(StepName::ALL.to_vec());
    prop_oneof![
        12 => Just(Act::Begin),
        10 => Just(Act::Succeed),
        1 => step().prop_map(|step| Act::BeginOther(Work::Do(step))),
        1 => step().prop_map(|step| Act::BeginOther(Work::Undo(step))),
        1 => reason().prop_map(Act::UnresolvedEffect),
        4 => result().prop_map(Act::Record),
        1 => prop::sample::select(ENDINGS.to_vec()).prop_map(Act::Cancel),
        2 => Just(Act::Pay),
        2 => "[a-zA-Z0-9 äß]{1,40}".prop_map(Act::Move),
        1 => (0_u32..100_000).prop_map(Act::Expire),
        2 => (reason(), 0_u64..100_000).prop_map(|(reason, seconds)| Act::Postpone(reason, seconds)),
        3 => Just(Act::Approve),
        1 => Just(Act::HandOver),
        1 => Just(Act::Deliver),
        1 => Just(Act::Returned),
        1 => Just(Act::ReplaceLink),
    ]
}

impl Act {
    /// Applies it; a refusal is a valid outcome.
    fn on(self, story: &mut Story) {
        let before = story.record.clone();
        let card = ValidPayment { method: PaymentMethod::Card, token: Some("pm_card_other".to_owned()) };
        let replaces_link = matches!(self, Self::ReplaceLink);
        let answer = match self {
            Self::Begin => story.try_begin(before.order.next_work()),
            Self::BeginOther(work) => story.try_begin(work),
            Self::Succeed => story.try_succeed(),
            Self::UnresolvedEffect(reason) => {
                let outcome = story.outcome();
                story.try_record(&WorkResult::AskOperator { reason, outcome })
            }
            Self::Record(result) => story.try_record(&result),
            Self::Cancel(reason) => story.command(|record, now| record.order.cancel(reason, now)),
            Self::Pay => story.command(|record, now| record.provide_payment(&card, now).map(Some)),
            Self::Move(street) => {
                let ship_to = Address { street, ..before.order.ship_to.clone() };
                story.command(|record, now| record.correct_address(ship_to, now).map(Some))
            }
            Self::Expire(seconds) => {
                story.seconds += u64::from(seconds);
                story.command(|record, now| record.order.expire(now).map(Some))
            }
            Self::Postpone(reason, seconds) => {
                let (work, next) = (before.order.next_work(), at(seconds).at);
                let result = WorkResult::Postpone { reason, next };
                story.command(|record, now| record.apply_result(work, &result, PATIENCE, now).map(Some))
            }
            Self::Approve => story.command(|record, now| record.approve(now).map(Some)),
            Self::HandOver => story.command(|record, now| record.order.hand_over(now).map(Some)),
            Self::Deliver => story.command(|record, now| record.order.deliver(now).map(Some)),
            Self::Returned => story.command(|record, now| record.order.returned(now).map(Some)),
            Self::ReplaceLink => story.command(|record, now| Ok(Some(record.order.replace_link(now)))),
        };
        if answer != Ok(true) {
            assert_eq!(story.record, before, "what is refused leaves nothing behind");
        }
        let ended = before.order.state.is_final();
        assert!(
            !ended || replaces_link || answer != Ok(true),
            "only the link of an order that ended changes: {story:?}"
        );
        assert!(!ended || story.order().state == before.order.state, "a final state stays final: {story:?}");
    }
}

fn story() -> impl Strategy<Value = Story> {
    let method = prop::sample::select(vec![PaymentMethod::Card, PaymentMethod::Invoice]);
    (method, prop::collection::vec(act(), 0..60)).prop_map(|(method, acts)| {
        let mut story = Story::of(method);
        acts.into_iter().for_each(|act| act.on(&mut story));
        story
    })
}

/// Serialises and deserialises a value.
fn over_the_wire<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    over_the_wire_as(value)
}

/// Serialises a value and deserialises it as another type.
fn over_the_wire_as<T: serde::de::DeserializeOwned>(value: &impl serde::Serialize) -> T {
    let text = serde_json::to_string(value).expect("it can be written");
    serde_json::from_str(&text).expect("and read")
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(100) })]

    #[test]
    fn the_events_alone_give_every_version_and_each_is_one_allowed_change(story in story()) {
        let received = &story.received;
        let end = story.versions.last().map_or(received, |(_, order)| order);
        // The first event carries only what changes with every version.
        let mut folded = Order {
            version: 1,
            message: received.message.clone(),
            actions: received.actions.clone(),
            ..end.before_its_events()
        };
        for (event, _) in &story.versions {
            let before = folded.state;
            prop_assert_eq!(folded.apply(event), Applied::Changed);
            prop_assert!(before.may_become(folded.state), "{:?} became {:?}", before, folded.state);
        }
        prop_assert_eq!(&folded, end);
    }

    #[test]
    fn applying_the_events_gives_the_order_at_each_version(story in story()) {
        let mut folded: Order = over_the_wire(&story.received);
        prop_assert_eq!(&folded, &story.received);
        for (event, order) in &story.versions {
            let event: Event = over_the_wire(event);
            prop_assert_eq!(folded.apply(&event), Applied::Changed);
            prop_assert_eq!(&folded, order);
        }
    }

    #[test]
    fn the_stored_facts_give_the_order_again(story in story()) {
        let record = &story.record;
        let details: OrderDetails<'static> = over_the_wire_as(&record.details());
        let progress: OrderProgress<'static> = over_the_wire_as(&record.progress());
        let read = OrderRecord::from_facts(record.head(), details, progress, SHOP);
        prop_assert_eq!(read.as_ref(), Ok(record));
    }

    #[test]
    fn a_stored_line_whose_total_is_no_amount_cannot_be_read(story in story()) {
        let record = &story.record;
        let mut details = record.details();
        details.lines[0].unit_price = i64::MAX;
        details.lines[0].quantity = 2;
        let read = OrderRecord::from_facts(record.head(), details, record.progress(), SHOP);
        prop_assert_eq!(read, Err(LineOverflow));
    }

    #[test]
    fn the_stored_facts_of_events_give_each_event_again_with_its_words(story in story()) {
        let mut folded = story.order().before_its_events();
        let first = Event::first(&story.received);
        let facts: EventFacts<'static> = over_the_wire_as(&EventFacts::of(&first.data));
        prop_assert_eq!(folded.replay(first.time, facts, SHOP), first.data);
        for (event, order) in &story.versions {
            let facts: EventFacts<'static> = over_the_wire_as(&EventFacts::of(&event.data));
            prop_assert_eq!(&folded.replay(event.time, facts, SHOP), &event.data);
            // Earlier versions stored all of it.
            let stored_before: EventFacts<'static> = over_the_wire_as(&event.data);
            prop_assert_eq!(stored_before, EventFacts::of(&event.data));
            prop_assert_eq!(folded.version, order.version);
        }
        prop_assert_eq!(&folded, story.order());
    }

    #[test]
    fn versions_rise_by_one_and_nothing_comes_after_the_end_but_another_link(story in story()) {
        let mut before = &story.received;
        for (event, order) in &story.versions {
            prop_assert_eq!(order.version, before.version + 1);
            prop_assert_eq!(event.id.version, order.version);
            prop_assert_eq!(event.data.version, order.version);
            prop_assert!(!before.state.is_final() || event.kind == EventType::LinkReplaced);
            before = order;
        }
    }

    #[test]
    fn a_known_event_changes_nothing_and_one_that_skips_a_version_is_a_gap(story in story(), from in 0_usize..40) {
        let mut folded = story.versions.get(from).map_or(&story.received, |(_, order)| order).clone();
        let held = folded.clone();
        for (event, _) in &story.versions {
            if event.data.version == held.version + 1 {
                continue;
            }
            let expected = if event.data.version <= held.version { Applied::Known } else { Applied::Gap };
            prop_assert_eq!(folded.apply(event), expected);
            prop_assert_eq!(&folded, &held);
        }
    }

    #[test]
    fn a_snapshot_closes_a_gap_and_an_older_one_changes_nothing(story in story(), from in 0_usize..40) {
        let old = story.versions.get(from).map_or(&story.received, |(_, order)| order);
        let mut behind = old.clone();
        let expected =
            if story.order().version > old.version { Applied::Changed } else { Applied::Known };
        prop_assert_eq!(behind.apply(&over_the_wire(&Event::snapshot(story.order().clone()))), expected);
        prop_assert_eq!(&behind, story.order());
        prop_assert_eq!(behind.apply(&Event::snapshot(old.clone())), Applied::Known);
        prop_assert_eq!(&behind, story.order());
    }

    #[test]
    fn an_order_never_gets_stuck(mut story in story()) {
        for (_, order) in &story.versions {
            if order.state.is_moving() {
                prop_assert!(matches!(order.next_work(), Work::Do(_) | Work::Undo(_)));
            }
        }
        story.rest();
        let state = story.order().state;
        let at_rest = !matches!(state, State::Received | State::Processing | State::Cancelling);
        prop_assert!(at_rest, "{state:?} is no place to rest");
        if state == State::Cancelled {
            prop_assert!(!story.order().payment.holds_money());
        }
    }

    #[test]
    fn a_step_change_is_a_small_event(story in story()) {
        for (event, order) in &story.versions {
            let size = serde_json::to_string(&event.data).expect("it can be written").len();
            let limit = if order.problem.is_some() { 2_048 } else { 1_024 };
            prop_assert!(size < limit, "{size} bytes: {:?}", event.data);
        }
    }
}

#[test]
fn an_event_of_another_order_changes_nothing() {
    let mut other = Story::of(PaymentMethod::Card);
    let mut stranger = other.received.clone();
    stranger.id = crate::OrderId::new(at(1).at, [8; 10]);
    let before = stranger.clone();
    let (event, _) = other.begin().versions[0].clone();
    assert_eq!(stranger.apply(&event), Applied::Known);
    assert_eq!(stranger.apply(&Event::snapshot(other.order().clone())), Applied::Known);
    assert_eq!(stranger, before);
}

#[test]
fn a_delay_beyond_the_latest_time_is_clamped() {
    let mut story = Story::of(PaymentMethod::Card);
    story.begin().retry(StepReason::ServiceBusy, Duration::MAX);
    let (event, order) = &story.versions[1];
    assert_eq!(over_the_wire(event), *event);
    assert_eq!(over_the_wire(order), *order);
}

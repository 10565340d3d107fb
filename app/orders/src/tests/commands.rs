//! Every command in every state: refused without a trace, or one event and one version.

use crate::testing::{ENDINGS, PATIENCE, at, every_order};
use crate::{
    Applied, Event, EventType, Order, PrivateLink, Refused, State, Step, StepName, StepOutcome, StepReason,
    Transition, Work,
};

type Answer = Result<Option<Event>, Refused>;
type Command = Box<dyn Fn(&mut Order) -> Answer>;

const LATER: u64 = 1_000_000;

/// All commands there are, with their names.
fn commands() -> Vec<(String, Command)> {
    fn one(command: impl Fn(&mut Order) -> Result<Event, Refused> + 'static) -> Command {
        Box::new(move |order| command(order).map(Some))
    }
    let reason = StepReason::ServiceFault;
    let mut commands: Vec<(String, Command)> = Vec::new();
    let now = at(LATER);
    for step in StepName::ALL {
        let skipped = StepOutcome { skipped: true, ..StepOutcome::default() };
        let of_step: [(&str, Command); 13] = [
            ("start", one(move |order| order.start_step(step, now))),
            ("finish", one(move |order| order.finish_step(step, &StepOutcome::default(), now))),
            ("skip", one(move |order| order.finish_step(step, &skipped, now))),
            ("retry", one(move |order| order.retry_step(step, reason, now.at, PATIENCE, now))),
            ("ask customer", one(move |order| order.ask_customer(step, reason, now.at, now))),
            ("ask operator", one(move |order| order.ask_operator(step, reason, None, now))),
            ("fail", one(move |order| order.fail_step(step, reason, ENDINGS[1], now))),
            ("postpone", one(move |order| order.postpone_step(step, reason, now.at, PATIENCE, now))),
            ("postpone undo", one(move |order| order.postpone_undo(step, reason, now.at, now))),
            ("stall undo", one(move |order| order.stall_undo(step, now))),
            ("start undo", one(move |order| order.start_undo(step, now))),
            ("retry undo", one(move |order| order.retry_undo(step, reason, now.at, now))),
            ("finish undo", one(move |order| order.finish_undo(step, None, now))),
        ];
        commands.extend(
            of_step.into_iter().map(|(name, command)| (format!("{name} {}", step.as_str()), command)),
        );
    }
    for reason in ENDINGS {
        commands.push((format!("cancel {reason:?}"), Box::new(move |order| order.cancel(reason, now))));
    }
    let pay = move |order: &mut Order| order.provide_payment(order.payment.clone(), now);
    let move_house = move |order: &mut Order| order.correct_address(order.ship_to.clone(), now);
    commands.push(("provide payment".to_owned(), one(pay)));
    commands.push(("correct address".to_owned(), one(move_house)));
    commands.push(("expire".to_owned(), one(move |order| order.expire(now))));
    commands.push(("approve".to_owned(), one(move |order| order.approve(now))));
    commands.push(("hand over".to_owned(), one(move |order| order.hand_over(now))));
    commands.push(("deliver".to_owned(), one(move |order| order.deliver(now))));
    commands.push(("returned".to_owned(), one(move |order| order.returned(now))));
    commands
}

fn may_follow(before: State, after: State) -> bool {
    use Transition as T;
    let drawn = [
        T::Begin,
        T::Ask,
        T::Review,
        T::Resume,
        T::Confirm,
        T::HandOver,
        T::Deliver,
        T::Cancel,
        T::FinishCancel,
    ];
    let cancelled_at_once = before.after(T::Cancel).is_ok() && after == State::Cancelled;
    before == after || cancelled_at_once || drawn.into_iter().any(|t| before.after(t) == Ok(after))
}

/// Whoever has to move next can: an order never gets stuck.
fn somebody_can_go_on(order: &Order) -> bool {
    match order.state {
        State::Received | State::Processing => matches!(order.next_work(), Work::Do(_)),
        State::Cancelling => matches!(order.next_work(), Work::Undo(_)),
        State::ActionRequired => {
            (order.wants_payment() != order.wants_address()) && matches!(order.next_work(), Work::ExpireAt(_))
        }
        State::Confirmed | State::Shipped => {
            matches!(order.next_work(), Work::Nothing | Work::Do(StepName::Notify))
        }
        State::InReview => order.next_work() == Work::Nothing && order.clone().approve(at(LATER)).is_ok(),
        State::Delivered | State::Cancelled => order.next_work() == Work::Nothing,
    }
}

#[test]
fn every_command_in_every_state_is_refused_or_makes_exactly_one_version() {
    let commands = commands();
    let (mut made, mut refused) = (0, 0);
    for before in every_order() {
        assert!(somebody_can_go_on(&before), "{:?} {:?}", before.state, before.steps);
        for (name, command) in &commands {
            let mut order = before.clone();
            let what = || format!("{name} in {:?} {:?}", before.state, before.steps);
            match command(&mut order) {
                Ok(Some(event)) => {
                    made += 1;
                    assert!(!before.state.is_final(), "{}", what());
                    assert_eq!(order.version, before.version + 1);
                    assert_eq!((event.data.version, event.data.state), (order.version, order.state));
                    assert_eq!((event.time, order.updated_at), (at(LATER).at, at(LATER).at));
                    assert!(may_follow(before.state, order.state), "{} → {:?}", what(), order.state);
                    assert!(somebody_can_go_on(&order), "{} → {:?}", what(), order.steps);
                    let mut folded = before.clone();
                    assert_eq!(folded.apply(&event), Applied::Changed);
                    assert_eq!(folded, order, "{}", what());
                }
                answer => {
                    refused += 1;
                    assert_eq!(order, before, "{} leaves a trace", what());
                    let ends = matches!(before.state, State::Cancelling | State::Cancelled);
                    assert_eq!(answer.is_ok(), ends && name.starts_with("cancel"), "{}", what());
                }
            }
        }
    }
    assert!(made > 1_000 && refused > made, "{made} made, {refused} refused");
}

#[test]
fn the_private_link_is_replaced_in_every_state_and_nothing_else_changes() {
    for before in every_order() {
        let mut order = before.clone();
        for generation in 1..=2 {
            let event = order.replace_link(at(LATER));
            assert_eq!((event.kind, event.data.link_generation), (EventType::LinkReplaced, Some(generation)));
            assert_eq!(order.private_link(), PrivateLink { order: before.id, generation });
        }
        assert_eq!((order.version, order.updated_at), (before.version + 2, at(LATER).at));
        // The words may name how long something takes from now on.
        let words_apart = |order: Order| Order {
            version: before.version,
            updated_at: before.updated_at,
            link_generation: 0,
            message: before.message.clone(),
            problem: before.problem.clone(),
            ..order
        };
        assert_eq!(words_apart(order), before);
    }
}

#[test]
fn a_refusal_names_the_state_that_refused() {
    for mut order in every_order().into_iter().filter(|order| order.state == State::Shipped) {
        let refused = order.cancel(ENDINGS[0], at(LATER)).expect_err("the carrier has it");
        assert_eq!(refused, Refused { from: State::Shipped, transition: Transition::Cancel });
        assert!(!order.can_be_cancelled() && order.actions.iter().all(|action| action.name == "email"));
    }
}

#[test]
fn only_the_step_that_is_due_can_begin() {
    for order in every_order() {
        for step in StepName::ALL {
            let begins = order.clone().start_step(step, at(LATER)).is_ok();
            assert_eq!(begins, order.next_work() == Work::Do(step));
            let undoes = order.clone().start_undo(step, at(LATER)).is_ok();
            assert_eq!(undoes, order.next_work() == Work::Undo(step));
        }
    }
}

#[test]
fn the_steps_of_one_order_never_run_concurrently() {
    for order in every_order() {
        let busy = order.steps.iter().filter(|step| {
            step.name.has_undo() && (step.state != crate::StepState::Succeeded) && step.may_have_effect()
        });
        assert!(busy.count() <= 1, "{:?}", order.steps);
        let order_of_steps: Vec<&Step> = order.steps.iter().collect();
        assert!(order_of_steps.iter().map(|step| step.name).eq(StepName::ALL));
    }
}

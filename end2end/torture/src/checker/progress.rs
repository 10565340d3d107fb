//! Invariant 8: every order has ended, or visibly waits for a person; and an order that can be confirmed is.

use orders::{Order, State, StepName, StepState};

use super::violations::{Evidence, Invariant, Violations};

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    for order in &evidence.final_state.orders {
        if let Err(why) = rests(order) {
            violations.breaks(Invariant::NothingIsStuck, format_args!("{} {why}", order.id));
        }
        if let Some(why) = unexpected(evidence, order) {
            violations.breaks(Invariant::NothingIsStuck, format_args!("{} {why}", order.id));
        }
    }
    for what in &evidence.operations.wrong_answers {
        violations.breaks(Invariant::NothingIsStuck, what);
    }
}

/// Whether an order changes only by somebody's action.
///
/// # Errors
/// With what it still waits for.
pub fn rests(order: &Order) -> Result<(), String> {
    match order.state {
        State::Received | State::Processing | State::Cancelling => {
            Err(format!("is still {}", order.state.as_str()))
        }
        State::Confirmed | State::Shipped | State::Delivered => {
            let receipt = order.step(StepName::Notify).state;
            match receipt {
                StepState::Succeeded | StepState::Skipped | StepState::Failed => Ok(()),
                open => Err(format!("waits with its receipt, which is {open:?}")),
            }
        }
        State::ActionRequired if order.respond_by.is_none() || order.problem.is_none() => {
            Err("asks for something without a deadline or without saying what".to_owned())
        }
        State::InReview if order.problem.is_none() => Err("is in review without saying why".to_owned()),
        State::ActionRequired | State::InReview | State::Cancelled => Ok(()),
    }
}

/// Returns what its customer would not expect.
fn unexpected(evidence: &Evidence, order: &Order) -> Option<String> {
    let key = order.note.as_deref()?;
    let plan = &evidence.operations.submissions.get(key)?.plan;
    let is_confirmed = matches!(order.state, State::Confirmed | State::Shipped | State::Delivered);
    let state = order.state.as_str();
    let cancellation = evidence.operations.cancellations.get(&order.id);
    if plan.is_confirmable() && !is_confirmed && cancellation.is_none() {
        return Some(format!("has nothing against it and is {state}"));
    }
    match cancellation {
        Some(Some(true)) if order.state != State::Cancelled => {
            Some(format!("was cancelled, which was acknowledged, and is {state}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{broken, order};
    use super::*;

    #[test]
    fn an_order_that_stops_in_a_transient_state_is_stuck() {
        for state in [State::Received, State::Processing, State::Cancelling] {
            let broken = broken(|evidence| evidence.final_state.orders[0].state = state);
            assert!(broken.contains(&Invariant::NothingIsStuck), "{state:?}");
        }
    }

    #[test]
    fn an_order_that_waits_for_its_receipt_for_ever_is_stuck() {
        let broken = broken(|evidence| evidence.final_state.orders[0].steps[4].state = StepState::Retrying);
        assert!(broken.contains(&Invariant::NothingIsStuck));
    }

    #[test]
    fn a_question_without_a_deadline_is_stuck() {
        assert!(rests(&Order { state: State::ActionRequired, ..order(1) }).is_err());
        assert!(rests(&Order { state: State::InReview, ..order(1) }).is_err());
    }

    #[test]
    fn an_order_that_could_be_confirmed_and_is_not_is_found() {
        let broken = broken(|evidence| evidence.final_state.orders[0].state = State::Cancelled);
        assert!(broken.contains(&Invariant::NothingIsStuck));
    }

    #[test]
    fn a_cancellation_that_was_acknowledged_and_forgotten_is_found() {
        let broken = broken(|evidence| {
            let id = evidence.final_state.orders[0].id;
            evidence.operations.cancellations.insert(id, Some(true));
        });
        assert_eq!(broken, [Invariant::NothingIsStuck]);
    }

    #[test]
    fn a_wrong_answer_is_found() {
        let broken = broken(|evidence| evidence.operations.wrong_answers.push("500".to_owned()));
        assert_eq!(broken, [Invariant::NothingIsStuck]);
    }
}

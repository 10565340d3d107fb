//! Invariant 8: every order has ended or visibly waits for a person, and every order that can be confirmed is.

use orders::{Order, State, StepName, StepState};

use super::violations::{Evidence, Invariant, Violations};

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    for order in &evidence.final_state.orders {
        if let Err(reason) = check_settled(order) {
            violations.add(Invariant::NothingIsStuck, format_args!("{} {reason}", order.id));
        }
        if let Some(reason) = broken_promise(evidence, order) {
            violations.add(Invariant::NothingIsStuck, format_args!("{} {reason}", order.id));
        }
    }
    for wrong_answer in &evidence.operations.wrong_answers {
        violations.add(Invariant::NothingIsStuck, wrong_answer);
    }
}

/// Checks that an order has ended or waits for a person.
///
/// # Errors
/// With what it waits for instead.
pub fn check_settled(order: &Order) -> Result<(), String> {
    match order.state {
        State::Received | State::Processing | State::Cancelling => {
            Err(format!("is still {}", order.state.as_str()))
        }
        State::Confirmed | State::Shipped | State::Delivered => {
            let receipt = order.step(StepName::Notify).state;
            match receipt {
                StepState::Succeeded | StepState::Skipped | StepState::Failed => Ok(()),
                state => Err(format!("has not sent its receipt, which is {state:?}")),
            }
        }
        State::ActionRequired if order.respond_by.is_none() || order.problem.is_none() => {
            Err("waits for its customer without a deadline or without a problem".to_owned())
        }
        State::InReview if order.problem.is_none() => Err("is in review without a problem".to_owned()),
        State::ActionRequired | State::InReview | State::Cancelled => Ok(()),
    }
}

/// Returns what contradicts the customer's plan or an acknowledged cancellation, if anything.
fn broken_promise(evidence: &Evidence, order: &Order) -> Option<String> {
    let key = order.note.as_deref()?;
    let plan = &evidence.operations.submissions.get(key)?.plan;
    let is_confirmed = matches!(order.state, State::Confirmed | State::Shipped | State::Delivered);
    let state = order.state.as_str();
    let cancellation = evidence.operations.cancellations.get(&order.id);
    if plan.is_confirmable() && !is_confirmed && cancellation.is_none() {
        return Some(format!("could be confirmed and is {state}"));
    }
    match cancellation {
        Some(Some(true)) if order.state != State::Cancelled => {
            Some(format!("has an acknowledged cancellation and is {state}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{order, violated_after};
    use super::*;

    #[test]
    fn an_order_that_stops_in_a_transient_state_is_stuck() {
        for state in [State::Received, State::Processing, State::Cancelling] {
            let violated = violated_after(|evidence| evidence.final_state.orders[0].state = state);
            assert!(violated.contains(&Invariant::NothingIsStuck), "{state:?}");
        }
    }

    #[test]
    fn an_order_that_waits_for_its_receipt_for_ever_is_stuck() {
        let violated =
            violated_after(|evidence| evidence.final_state.orders[0].steps[4].state = StepState::Retrying);
        assert!(violated.contains(&Invariant::NothingIsStuck));
    }

    #[test]
    fn an_order_that_waits_for_a_person_without_saying_why_is_stuck() {
        assert!(check_settled(&Order { state: State::ActionRequired, ..order(1) }).is_err());
        assert!(check_settled(&Order { state: State::InReview, ..order(1) }).is_err());
    }

    #[test]
    fn an_order_that_could_be_confirmed_and_is_not_is_found() {
        let violated = violated_after(|evidence| evidence.final_state.orders[0].state = State::Cancelled);
        assert!(violated.contains(&Invariant::NothingIsStuck));
    }

    #[test]
    fn an_acknowledged_cancellation_that_did_not_happen_is_found() {
        let violated = violated_after(|evidence| {
            let id = evidence.final_state.orders[0].id;
            evidence.operations.cancellations.insert(id, Some(true));
        });
        assert_eq!(violated, [Invariant::NothingIsStuck]);
    }

    #[test]
    fn a_wrong_answer_is_found() {
        let violated = violated_after(|evidence| evidence.operations.wrong_answers.push("500".to_owned()));
        assert_eq!(violated, [Invariant::NothingIsStuck]);
    }
}

//! Invariant 8: every order has ended, or visibly waits for a person; and an order that can be confirmed is.

use orders::{Order, State, StepName, StepState};

use super::verdict::{Evidence, Invariant, Verdict};

pub fn judge(evidence: &Evidence, verdict: &mut Verdict) {
    for order in &evidence.found.orders {
        if let Err(why) = rests(order) {
            verdict.breaks(Invariant::NothingIsStuck, format_args!("{} {why}", order.id));
        }
        if let Some(why) = unexpected(evidence, order) {
            verdict.breaks(Invariant::NothingIsStuck, format_args!("{} {why}", order.id));
        }
    }
    for what in &evidence.asked.wrong_answers {
        verdict.breaks(Invariant::NothingIsStuck, what);
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
    let wish = &evidence.asked.submissions.get(key)?.wish;
    let is_confirmed = matches!(order.state, State::Confirmed | State::Shipped | State::Delivered);
    let state = order.state.as_str();
    let cancellation = evidence.asked.cancellations.get(&order.id);
    if wish.is_plain() && !is_confirmed && cancellation.is_none() {
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
    use super::super::sample::{broken, order};
    use super::*;

    #[test]
    fn an_order_that_moves_no_more_is_stuck() {
        for state in [State::Received, State::Processing, State::Cancelling] {
            let broken = broken(|evidence| evidence.found.orders[0].state = state);
            assert!(broken.contains(&Invariant::NothingIsStuck), "{state:?}");
        }
    }

    #[test]
    fn an_order_that_waits_for_its_receipt_for_ever_is_stuck() {
        let broken = broken(|evidence| evidence.found.orders[0].steps[4].state = StepState::Retrying);
        assert!(broken.contains(&Invariant::NothingIsStuck));
    }

    #[test]
    fn a_question_without_a_deadline_is_stuck() {
        assert!(rests(&Order { state: State::ActionRequired, ..order(1) }).is_err());
        assert!(rests(&Order { state: State::InReview, ..order(1) }).is_err());
    }

    #[test]
    fn an_order_that_could_be_confirmed_and_is_not_is_found() {
        let broken = broken(|evidence| evidence.found.orders[0].state = State::Cancelled);
        assert!(broken.contains(&Invariant::NothingIsStuck));
    }

    #[test]
    fn a_cancellation_that_was_acknowledged_and_forgotten_is_found() {
        let broken = broken(|evidence| {
            let id = evidence.found.orders[0].id;
            evidence.asked.cancellations.insert(id, Some(true));
        });
        assert_eq!(broken, [Invariant::NothingIsStuck]);
    }

    #[test]
    fn an_answer_that_nobody_should_get_is_found() {
        let broken = broken(|evidence| evidence.asked.wrong_answers.push("500".to_owned()));
        assert_eq!(broken, [Invariant::NothingIsStuck]);
    }
}

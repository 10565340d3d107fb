//! Invariant 9: the log of every order goes from its first version to its last without a gap, by legal transitions
//! only.

use orders::{State, Transition};

use super::violations::{Evidence, Invariant, Violations};
use crate::final_state::Entry;

const TRANSITIONS: [Transition; 9] = [
    Transition::Begin,
    Transition::Ask,
    Transition::Review,
    Transition::Resume,
    Transition::Confirm,
    Transition::HandOver,
    Transition::Deliver,
    Transition::Cancel,
    Transition::FinishCancel,
];

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    for fault in &evidence.final_state.log_faults {
        violations.add(Invariant::OnlyLegalTransitions, fault);
    }
    for order in &evidence.final_state.orders {
        let log = evidence.final_state.logs.get(&order.id).map_or(&[][..], Vec::as_slice);
        if let Err(fault) = check_log(log) {
            violations.add(Invariant::OnlyLegalTransitions, format_args!("{} {fault}", order.id));
        }
        let last = log.last().map(|entry| (entry.version, entry.state));
        if last != Some((order.version, order.state)) {
            let now = (order.version, order.state);
            violations.add(
                Invariant::OnlyLegalTransitions,
                format_args!("{} is {now:?}, its log ends with {last:?}", order.id),
            );
        }
    }
    let by_id = evidence.final_state.by_id();
    for id in evidence.final_state.logs.keys().filter(|id| !by_id.contains_key(id)) {
        violations.add(Invariant::OnlyLegalTransitions, format_args!("{id} has events and does not exist"));
    }
}

/// Checks the log of one order.
fn check_log(log: &[Entry]) -> Result<(), String> {
    if log.first().is_some_and(|first| first.state != State::Received) {
        return Err("does not begin as received".to_owned());
    }
    for (index, entry) in log.iter().enumerate() {
        if entry.version as usize != index + 1 {
            return Err(format!("has v{} instead of v{}", entry.version, index + 1));
        }
    }
    for pair in log.windows(2) {
        if !may_follow(pair[0].state, pair[1].state) {
            return Err(format!("went from {:?} to {:?}", pair[0].state, pair[1].state));
        }
    }
    Ok(())
}

/// Whether one event may lead from one state to the other. Cancelling an order with nothing to undo ends it at once.
fn may_follow(from: State, to: State) -> bool {
    let successors =
        |from: State| TRANSITIONS.into_iter().filter_map(move |transition| from.after(transition).ok());
    from == to
        || successors(from).any(|next| next == to)
        || (to == State::Cancelled && successors(from).any(|next| next == State::Cancelling))
}

#[cfg(test)]
mod tests {
    use orders::EventType;

    use super::super::fixtures::{order, violated_after};
    use super::*;

    #[test]
    fn a_gap_a_missing_start_and_a_missing_end_are_found() {
        let id = order(1).id;
        for index in [0, 3, 10] {
            let violated = violated_after(|evidence| {
                evidence.final_state.logs.get_mut(&id).unwrap().remove(index);
            });
            assert_eq!(violated, [Invariant::OnlyLegalTransitions], "without event {index}");
        }
    }

    #[test]
    fn a_transition_that_does_not_exist_is_found() {
        assert!(may_follow(State::Processing, State::Cancelled));
        assert!(!may_follow(State::Cancelled, State::Processing));
        assert!(!may_follow(State::Received, State::Confirmed));
        let violated = violated_after(|evidence| {
            let log = evidence.final_state.logs.get_mut(&order(1).id).unwrap();
            log[2].state = State::Shipped;
        });
        assert_eq!(violated, [Invariant::OnlyLegalTransitions]);
    }

    #[test]
    fn events_without_an_order_are_found() {
        let violated = violated_after(|evidence| {
            let entry = Entry { version: 1, state: State::Received, kind: EventType::Received };
            evidence.final_state.logs.insert(order(9).id, vec![entry]);
        });
        assert_eq!(violated, [Invariant::OnlyLegalTransitions]);
    }

    #[test]
    fn a_repeated_sequence_in_the_log_is_found() {
        let violated = violated_after(|evidence| evidence.final_state.log_faults.push("twice".to_owned()));
        assert_eq!(violated, [Invariant::OnlyLegalTransitions]);
    }
}

//! Invariants 1 to 4: acknowledged, unknown and refused submissions against the orders at the end.

use std::collections::BTreeMap;

use orders::Order;

use super::violations::{Evidence, Invariant, Violations};
use crate::history::SubmissionState;

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let by_id = evidence.final_state.by_id();
    let mut by_key: BTreeMap<&str, Vec<&Order>> = BTreeMap::new();
    for order in &evidence.final_state.orders {
        // The driver writes the key of an order into its note.
        by_key.entry(order.note.as_deref().unwrap_or_default()).or_default().push(order);
    }
    for (key, submission) in &evidence.operations.submissions {
        let Some(first) = submission.replies.first() else { continue };
        for reply in &submission.replies {
            match by_id.get(&reply.id) {
                None => violations.add(
                    Invariant::NothingAcknowledgedIsLost,
                    format_args!("{} of {key} does not exist", reply.id),
                ),
                Some(order) if order.number != reply.number || order.total != reply.total => violations.add(
                    Invariant::OneOrderPerKey,
                    format_args!("{} differs from the reply for {key}", reply.id),
                ),
                Some(_) => {}
            }
            if reply != first {
                violations.add(
                    Invariant::OneOrderPerKey,
                    format_args!("{key} was answered with {} and {}", first.id, reply.id),
                );
            }
        }
    }
    for (key, orders) in by_key {
        let state = evidence.operations.submissions.get(key).map(|submission| submission.state());
        match state {
            None => violations.add(
                Invariant::NoPhantoms,
                format_args!("{} has the key {key:?}, which was never submitted", orders[0].id),
            ),
            Some(SubmissionState::Refused | SubmissionState::NeverSent) => violations.add(
                Invariant::NothingRefusedIsKept,
                format_args!(
                    "{} of {key} exists, although every request was refused or not sent",
                    orders[0].id
                ),
            ),
            Some(SubmissionState::Acknowledged | SubmissionState::Unknown) => {}
        }
        if orders.len() > 1 {
            let ids: Vec<_> = orders.iter().map(|order| order.id.to_string()).collect();
            violations.add(Invariant::OneOrderPerKey, format_args!("{key} made {}", ids.join(" and ")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{key, order, violated_after};
    use super::*;
    use crate::history::Submission;
    use crate::workload::OrderPlan;

    #[test]
    fn an_acknowledged_order_that_is_not_found_is_lost() {
        let violated = violated_after(|evidence| drop(evidence.final_state.orders.remove(0)));
        assert!(violated.contains(&Invariant::NothingAcknowledgedIsLost));
    }

    #[test]
    fn an_order_that_was_never_submitted_is_a_phantom() {
        let violated = violated_after(|evidence| drop(evidence.operations.submissions.remove(&key(1))));
        assert!(violated.contains(&Invariant::NoPhantoms));
    }

    #[test]
    fn an_order_that_was_refused_must_not_be_found() {
        let violated = violated_after(|evidence| {
            let refused = Submission { refused: 1, ..Submission::of(OrderPlan::default()) };
            evidence.operations.submissions.insert(key(1), refused);
        });
        assert_eq!(violated, [Invariant::NothingRefusedIsKept]);
    }

    #[test]
    fn an_order_of_a_submission_without_an_answer_may_be_found() {
        let violated = violated_after(|evidence| {
            let unknown = Submission { unknown: 1, ..Submission::of(OrderPlan::default()) };
            evidence.operations.submissions.insert(key(1), unknown);
        });
        assert_eq!(violated, []);
    }

    #[test]
    fn a_key_with_two_orders_or_with_replies_that_differ_is_doubled() {
        let doubled = violated_after(|evidence| {
            let twin = Order { id: order(9).id, ..evidence.final_state.orders[0].clone() };
            evidence.final_state.orders.push(twin);
        });
        assert!(doubled.contains(&Invariant::OneOrderPerKey));
        let differing = violated_after(|evidence| {
            let replies = &mut evidence.operations.submissions.get_mut(&key(1)).unwrap().replies;
            let mut other = replies[0].clone();
            other.total.amount += 1;
            replies.push(other);
        });
        assert_eq!(differing, [Invariant::OneOrderPerKey]);
    }
}

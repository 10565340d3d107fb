//! Invariant 11: no job is open or quarantined, and every receipt was sent.

use std::collections::BTreeSet;

use orders::{State, StepName, StepState};

use super::violations::{Evidence, Invariant, Violations};

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let state = &evidence.final_state;
    let open_jobs = state.unfinished.open_jobs(&state.orders);
    if open_jobs > 0 {
        violations.add(
            Invariant::NothingIsLeftOver,
            format_args!("{open_jobs} jobs are open: {:?}", state.unfinished.open),
        );
    }
    // The experiments retry the jobs that they poisoned, so none may be left.
    for order in &state.unfinished.quarantined {
        violations.add(Invariant::NothingIsLeftOver, format_args!("a job of {order} is quarantined"));
    }
    check_mails(evidence, violations);
}

/// Checks that every order whose last step succeeded has a receipt, and that no receipt belongs to another order. The
/// file of a receipt is named after its order and step, so a receipt that is sent twice is one file.
fn check_mails(evidence: &Evidence, violations: &mut Violations) {
    let mails: BTreeSet<&str> = evidence.final_state.mails.iter().map(String::as_str).collect();
    let mut receipts = BTreeSet::new();
    for order in &evidence.final_state.orders {
        let receipt = format!("{}-notify", order.id);
        if order.step(StepName::Notify).state == StepState::Succeeded && !mails.contains(receipt.as_str()) {
            violations.add(Invariant::NothingIsLeftOver, format_args!("{} has no receipt", order.id));
        }
        let is_confirmed = matches!(order.state, State::Confirmed | State::Shipped | State::Delivered);
        if mails.contains(receipt.as_str()) && !is_confirmed && order.state != State::InReview {
            let was_confirmed = evidence
                .final_state
                .logs
                .get(&order.id)
                .is_some_and(|log| log.iter().any(|entry| entry.state == State::Confirmed));
            if !was_confirmed {
                violations.add(
                    Invariant::NothingIsLeftOver,
                    format_args!("{} has a receipt, although it was never confirmed", order.id),
                );
            }
        }
        receipts.insert(receipt);
    }
    for mail in mails.into_iter().filter(|mail| mail.ends_with("-notify") && !receipts.contains(*mail)) {
        violations.add(Invariant::NothingIsLeftOver, format_args!("{mail} belongs to no order"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{order, violated_after};
    use super::*;

    #[test]
    fn a_job_that_is_never_run_is_found() {
        let violated = violated_after(|evidence| {
            evidence.final_state.unfinished.open.insert("mail".to_owned(), 1);
        });
        assert_eq!(violated, [Invariant::NothingIsLeftOver]);
    }

    #[test]
    fn a_quarantined_job_is_found() {
        let id = order(1).id;
        let violated =
            violated_after(|evidence| evidence.final_state.unfinished.quarantined.push(id.to_string()));
        assert_eq!(violated, [Invariant::NothingIsLeftOver]);
    }

    #[test]
    fn a_receipt_that_was_never_written_and_one_of_no_order_are_found() {
        let missing = violated_after(|evidence| drop(evidence.final_state.mails.remove(0)));
        assert_eq!(missing, [Invariant::NothingIsLeftOver]);
        let stray = violated_after(|evidence| evidence.final_state.mails.push("ord_x-notify".to_owned()));
        assert_eq!(stray, [Invariant::NothingIsLeftOver]);
    }
}

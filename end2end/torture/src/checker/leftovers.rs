//! Invariant 11: no work is left, every receipt was sent, and no job is quarantined.

use std::collections::BTreeSet;

use orders::{State, StepName, StepState};

use super::verdict::{Evidence, Invariant, Verdict};

pub fn judge(evidence: &Evidence, verdict: &mut Verdict) {
    let found = &evidence.found;
    let undone = found.leftovers.undone(&found.orders);
    if undone > 0 {
        verdict.breaks(
            Invariant::NothingIsLeftOver,
            format_args!("{undone} jobs are open: {:?}", found.leftovers.open),
        );
    }
    // Orders poisoned on purpose were retried, so nothing may be left.
    for order in &found.leftovers.quarantined {
        verdict.breaks(Invariant::NothingIsLeftOver, format_args!("a job of {order} is in quarantine"));
    }
    judge_mails(evidence, verdict);
}

/// The file of a receipt has the name of its order and step, so a receipt that is sent twice is one file.
fn judge_mails(evidence: &Evidence, verdict: &mut Verdict) {
    let mails: BTreeSet<&str> = evidence.found.mails.iter().map(String::as_str).collect();
    let mut receipts = BTreeSet::new();
    for order in &evidence.found.orders {
        let receipt = format!("{}-notify", order.id);
        if order.step(StepName::Notify).state == StepState::Succeeded && !mails.contains(receipt.as_str()) {
            verdict.breaks(Invariant::NothingIsLeftOver, format_args!("{} has no receipt", order.id));
        }
        let is_confirmed = matches!(order.state, State::Confirmed | State::Shipped | State::Delivered);
        if mails.contains(receipt.as_str()) && !is_confirmed && order.state != State::InReview {
            let was_confirmed = evidence
                .found
                .logs
                .get(&order.id)
                .is_some_and(|log| log.iter().any(|entry| entry.state == State::Confirmed));
            if !was_confirmed {
                verdict.breaks(
                    Invariant::NothingIsLeftOver,
                    format_args!("{} has a receipt and was never confirmed", order.id),
                );
            }
        }
        receipts.insert(receipt);
    }
    for mail in mails.into_iter().filter(|mail| mail.ends_with("-notify") && !receipts.contains(*mail)) {
        verdict.breaks(Invariant::NothingIsLeftOver, format_args!("{mail} is about no order"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{broken, order};
    use super::*;

    #[test]
    fn a_job_that_nobody_does_is_left_over() {
        let broken = broken(|evidence| {
            evidence.found.leftovers.open.insert("mail".to_owned(), 1);
        });
        assert_eq!(broken, [Invariant::NothingIsLeftOver]);
    }

    #[test]
    fn a_job_that_is_in_quarantine_is_left_over() {
        let id = order(1).id;
        let broken = broken(|evidence| evidence.found.leftovers.quarantined.push(id.to_string()));
        assert_eq!(broken, [Invariant::NothingIsLeftOver]);
    }

    #[test]
    fn a_receipt_that_was_never_written_and_one_of_no_order_are_found() {
        let missing = broken(|evidence| drop(evidence.found.mails.remove(0)));
        assert_eq!(missing, [Invariant::NothingIsLeftOver]);
        let stray = broken(|evidence| evidence.found.mails.push("ord_x-notify".to_owned()));
        assert_eq!(stray, [Invariant::NothingIsLeftOver]);
    }
}

//! Invariant 10: the orders that each watcher holds after applying its events are what `GET` returns.

use orders::Order;

use super::verdict::{Evidence, Invariant, Verdict};

pub fn judge(evidence: &Evidence, verdict: &mut Verdict) {
    let by_id = evidence.found.by_id();
    for watched in &evidence.found.watched {
        let mut breaks = |what: String| {
            verdict.breaks(Invariant::WatchersAgree, format_args!("{}: {what}", watched.name));
        };
        for fault in &watched.faults {
            breaks(fault.clone());
        }
        for (id, events) in &watched.unfolded {
            // No watcher can know an order whose submission was never answered.
            let answered = evidence.asked.keys.contains_key(id);
            if answered {
                breaks(format!("{} events of {id} could not be folded", events.len()));
            }
        }
        for (id, folded) in &watched.orders {
            match by_id.get(id) {
                None => breaks(format!("knows {id}, which is not there")),
                Some(order) => {
                    if let Some(difference) = difference(folded, order) {
                        breaks(format!("{id}: {difference}"));
                    }
                }
            }
        }
    }
}

/// Returns where two views of an order differ. The tracking token is only in the answer to its submission.
fn difference(folded: &Order, order: &Order) -> Option<String> {
    let bare = |order: &Order| Order { tracking_token: None, ..order.clone() };
    if bare(folded) == bare(order) {
        return None;
    }
    let (folded_at, order_at) = (folded.version, order.version);
    Some(if folded_at == order_at {
        format!("is folded into another v{order_at} than GET shows")
    } else {
        format!("is folded to v{folded_at}, GET shows v{order_at}")
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{broken, order};
    use super::*;
    use crate::watch::Watched;

    #[test]
    fn a_watcher_that_missed_the_end_is_found() {
        let broken = broken(|evidence| {
            let watched = &mut evidence.found.watched[0];
            watched.orders.insert(order(1).id, order(1));
        });
        assert_eq!(broken, [Invariant::WatchersAgree]);
    }

    #[test]
    fn a_watcher_that_holds_another_order_of_the_same_version_is_found() {
        let broken = broken(|evidence| {
            let held = evidence.found.watched[0].orders.get_mut(&order(1).id).unwrap();
            held.message.heading.push('!');
        });
        assert_eq!(broken, [Invariant::WatchersAgree]);
    }

    #[test]
    fn a_watcher_of_an_order_that_is_gone_and_one_with_a_fault_are_found() {
        let gone = broken(|evidence| {
            evidence.found.watched[0].orders.insert(order(9).id, order(9));
        });
        assert_eq!(gone, [Invariant::WatchersAgree]);
        let fault = broken(|evidence| {
            let mut watched = Watched::new("somebody".to_owned());
            watched.fault("an event came twice".to_owned());
            evidence.found.watched.push(watched);
        });
        assert_eq!(fault, [Invariant::WatchersAgree]);
    }
}

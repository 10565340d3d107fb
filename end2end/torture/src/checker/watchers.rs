//! Invariant 10: the orders that each watcher holds after applying its events are what `GET` returns.

use orders::Order;

use super::violations::{Evidence, Invariant, Violations};

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let by_id = evidence.final_state.by_id();
    for watcher_state in &evidence.final_state.watchers {
        let mut breaks = |what: String| {
            violations.breaks(Invariant::WatchersAgree, format_args!("{}: {what}", watcher_state.name));
        };
        for fault in &watcher_state.faults {
            breaks(fault.clone());
        }
        for (id, events) in &watcher_state.pending {
            // No watcher can know an order whose submission was never answered.
            let answered = evidence.operations.keys.contains_key(id);
            if answered {
                breaks(format!("{} events of {id} could not be folded", events.len()));
            }
        }
        for (id, folded) in &watcher_state.orders {
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
    let with_settings = |order: &Order| Order { tracking_token: None, ..order.clone() };
    if with_settings(folded) == with_settings(order) {
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
    use super::super::fixtures::{broken, order};
    use super::*;
    use crate::watch::WatcherState;

    #[test]
    fn a_watcher_that_missed_the_end_is_found() {
        let broken = broken(|evidence| {
            let watcher_state = &mut evidence.final_state.watchers[0];
            watcher_state.orders.insert(order(1).id, order(1));
        });
        assert_eq!(broken, [Invariant::WatchersAgree]);
    }

    #[test]
    fn a_watcher_that_holds_another_order_of_the_same_version_is_found() {
        let broken = broken(|evidence| {
            let held = evidence.final_state.watchers[0].orders.get_mut(&order(1).id).unwrap();
            held.message.heading.push('!');
        });
        assert_eq!(broken, [Invariant::WatchersAgree]);
    }

    #[test]
    fn a_watcher_of_an_order_that_is_gone_and_one_with_a_fault_are_found() {
        let gone = broken(|evidence| {
            evidence.final_state.watchers[0].orders.insert(order(9).id, order(9));
        });
        assert_eq!(gone, [Invariant::WatchersAgree]);
        let fault = broken(|evidence| {
            let mut watcher_state = WatcherState::new("somebody".to_owned());
            watcher_state.fault("an event came twice".to_owned());
            evidence.final_state.watchers.push(watcher_state);
        });
        assert_eq!(fault, [Invariant::WatchersAgree]);
    }
}

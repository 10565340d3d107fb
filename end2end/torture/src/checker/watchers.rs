//! Invariant 10: the orders that each watcher holds after applying its events equal those that `GET` returns.

use orders::Order;

use super::violations::{Evidence, Invariant, Violations};

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let by_id = evidence.final_state.by_id();
    for watcher in &evidence.final_state.watchers {
        let mut report = |description: String| {
            violations.add(Invariant::WatchersAgree, format_args!("{}: {description}", watcher.name));
        };
        for fault in &watcher.faults {
            report(fault.clone());
        }
        for (id, events) in &watcher.pending {
            // Without an answer there is no first state to apply the events to.
            let was_answered = evidence.operations.keys.contains_key(id);
            if was_answered {
                report(format!("{} events of {id} could not be applied", events.len()));
            }
        }
        for (id, watched) in &watcher.orders {
            match by_id.get(id) {
                None => report(format!("has {id}, which does not exist")),
                Some(order) => {
                    if let Some(difference) = difference(watched, order) {
                        report(format!("{id}: {difference}"));
                    }
                }
            }
        }
    }
}

/// Returns how two views of an order differ, if they do. The tracking token is left out, because only the answer to a
/// submission has one.
fn difference(watched: &Order, order: &Order) -> Option<String> {
    let without_token = |order: &Order| Order { tracking_token: None, ..order.clone() };
    if without_token(watched) == without_token(order) {
        return None;
    }
    let (watched_version, version) = (watched.version, order.version);
    Some(if watched_version == version {
        format!("it differs from v{version} of GET")
    } else {
        format!("it has v{watched_version}, GET returns v{version}")
    })
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{order, violated_after};
    use super::*;
    use crate::watch::WatcherState;

    #[test]
    fn a_watcher_that_missed_the_end_is_found() {
        let violated = violated_after(|evidence| {
            let watcher = &mut evidence.final_state.watchers[0];
            watcher.orders.insert(order(1).id, order(1));
        });
        assert_eq!(violated, [Invariant::WatchersAgree]);
    }

    #[test]
    fn a_watcher_that_holds_another_order_of_the_same_version_is_found() {
        let violated = violated_after(|evidence| {
            let held = evidence.final_state.watchers[0].orders.get_mut(&order(1).id).unwrap();
            held.message.heading.push('!');
        });
        assert_eq!(violated, [Invariant::WatchersAgree]);
    }

    #[test]
    fn a_watcher_of_an_order_that_does_not_exist_and_one_with_a_fault_are_found() {
        let unknown = violated_after(|evidence| {
            evidence.final_state.watchers[0].orders.insert(order(9).id, order(9));
        });
        assert_eq!(unknown, [Invariant::WatchersAgree]);
        let fault = violated_after(|evidence| {
            let mut watcher = WatcherState::new("one order".to_owned());
            watcher.add_fault("an event came twice".to_owned());
            evidence.final_state.watchers.push(watcher);
        });
        assert_eq!(fault, [Invariant::WatchersAgree]);
    }
}

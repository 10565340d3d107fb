//! Invariants 5 and 6 for shipments: the carrier's ledger against the orders. A second shipment is as bad as a second
//! charge.

use std::collections::BTreeMap;

use orders::{Order, State, StepName, StepState};

use super::violations::{Evidence, Invariant, Violations};
use crate::system::{PICKED_UP_AFTER, Shipment};

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let mut by_order: BTreeMap<&str, Vec<&Shipment>> = BTreeMap::new();
    for shipment in evidence.final_state.shipments.iter().filter(|shipment| shipment.status != "cancelled") {
        by_order.entry(&shipment.order_id).or_default().push(shipment);
    }
    for order in &evidence.final_state.orders {
        let shipments = by_order.remove(order.id.to_string().as_str()).unwrap_or_default();
        if let Err((invariant, description)) = check_order(order, &shipments) {
            let state = order.state.as_str();
            violations.add(invariant, format_args!("{} is {state}: {description}", order.id));
        }
    }
    for order in by_order.keys() {
        violations.add(
            Invariant::MoneyMovesOnce,
            format_args!("the carrier has a shipment of {order:?}, which does not exist"),
        );
    }
}

fn check_order(order: &Order, shipments: &[&Shipment]) -> Result<(), (Invariant, String)> {
    if shipments.len() > 1 {
        return Err((Invariant::MoneyMovesOnce, format!("it has {} shipments", shipments.len())));
    }
    let expected = match order.state {
        State::Confirmed => "booked",
        State::Shipped => "picked_up",
        State::Delivered => "delivered",
        State::Cancelled => {
            return shipments.iter().try_for_each(|shipment| check_cancelled(order, shipment));
        }
        State::Received | State::Processing | State::ActionRequired | State::InReview | State::Cancelling => {
            return Ok(());
        }
    };
    match shipments.first().map(|shipment| shipment.status.as_str()) {
        Some(status) if status == expected => Ok(()),
        Some(status) => Err((Invariant::SumsAgree, format!("its shipment is {status} at the carrier"))),
        None => Err((Invariant::SumsAgree, "it has no shipment at the carrier".to_owned())),
    }
}

/// A cancelled order may have a shipment only if the carrier picked it up before the cancellation.
fn check_cancelled(order: &Order, shipment: &Shipment) -> Result<(), (Invariant, String)> {
    let step = order.step(StepName::ArrangeShipping);
    let undone_at = step.finished_at.filter(|_| step.state == StepState::Undone);
    let was_picked_up_before = undone_at.is_some_and(|at| at.since(shipment.created_at) >= PICKED_UP_AFTER);
    if shipment.status == "booked" || !was_picked_up_before {
        return Err((Invariant::MoneyMovesOnce, format!("its shipment is {}", shipment.status)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::fixtures::violated_after;
    use super::*;

    #[test]
    fn a_second_shipment_and_one_without_an_order_are_found() {
        let sent_twice = violated_after(|evidence| {
            let again = evidence.final_state.shipments[0].clone();
            evidence.final_state.shipments.push(again);
        });
        assert_eq!(sent_twice, [Invariant::MoneyMovesOnce]);
        let orphan = violated_after(|evidence| {
            let mut orphan = evidence.final_state.shipments[0].clone();
            "ord_gone".clone_into(&mut orphan.order_id);
            evidence.final_state.shipments.push(orphan);
        });
        assert_eq!(orphan, [Invariant::MoneyMovesOnce]);
    }

    #[test]
    fn a_shipment_whose_state_differs_from_the_order_is_found() {
        for status in ["picked_up", "delivered", "cancelled"] {
            let violated =
                violated_after(|evidence| status.clone_into(&mut evidence.final_state.shipments[0].status));
            assert_eq!(violated, [Invariant::SumsAgree], "{status}");
        }
    }

    #[test]
    fn a_shipment_of_a_cancelled_order_is_allowed_only_if_it_was_picked_up_before_the_cancellation() {
        let is_allowed = |status: &str, undone_after: Option<Duration>| {
            let mut evidence = super::super::fixtures::evidence();
            let (order, shipment) =
                (&mut evidence.final_state.orders[0], &mut evidence.final_state.shipments[0]);
            order.state = State::Cancelled;
            status.clone_into(&mut shipment.status);
            if let Some(after) = undone_after {
                let index = order.steps.iter().position(|step| step.name == StepName::ArrangeShipping);
                let step = &mut order.steps[index.unwrap()];
                step.state = StepState::Undone;
                step.finished_at = Some(shipment.created_at.plus(after));
            }
            check_order(order, &[shipment]).is_ok()
        };
        assert!(is_allowed("delivered", Some(PICKED_UP_AFTER)));
        assert!(!is_allowed("booked", Some(PICKED_UP_AFTER)), "a booked shipment is not cancelled");
        assert!(
            !is_allowed("picked_up", Some(Duration::ZERO)),
            "it was undone before the carrier could pick it up"
        );
        assert!(!is_allowed("picked_up", None), "the booking was not undone");
    }
}

//! Invariants 5 and 6 for shipments: the carrier's ledger against the orders. A second shipment is as bad as a second
//! charge.

use std::collections::BTreeMap;

use orders::{Order, State, StepName, StepState};

use super::violations::{Evidence, Invariant, Violations};
use crate::system::{PICKED_UP_AFTER, Shipment};

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let mut operations: BTreeMap<&str, Vec<&Shipment>> = BTreeMap::new();
    for parcel in evidence.final_state.shipments.iter().filter(|parcel| parcel.status != "cancelled") {
        operations.entry(&parcel.order_id).or_default().push(parcel);
    }
    for order in &evidence.final_state.orders {
        let parcels = operations.remove(order.id.to_string().as_str()).unwrap_or_default();
        if let Err((invariant, what)) = check_order(order, &parcels) {
            let state = order.state.as_str();
            violations.breaks(invariant, format_args!("{} is {state}: {what}", order.id));
        }
    }
    for order in operations.keys() {
        violations.breaks(
            Invariant::MoneyMovesOnce,
            format_args!("a parcel of {order:?}, which is not there, is on its way"),
        );
    }
}

fn check_order(order: &Order, parcels: &[&Shipment]) -> Result<(), (Invariant, String)> {
    if parcels.len() > 1 {
        return Err((Invariant::MoneyMovesOnce, format!("it has {} parcels", parcels.len())));
    }
    let wait_for_line = match order.state {
        State::Confirmed => "booked",
        State::Shipped => "picked_up",
        State::Delivered => "delivered",
        State::Cancelled => return parcels.iter().try_for_each(|parcel| check_cancelled(order, parcel)),
        State::Received | State::Processing | State::ActionRequired | State::InReview | State::Cancelling => {
            return Ok(());
        }
    };
    match parcels.first().map(|parcel| parcel.status.as_str()) {
        Some(status) if status == wait_for_line => Ok(()),
        Some(status) => Err((Invariant::SumsAgree, format!("the carrier says that its parcel is {status}"))),
        None => Err((Invariant::SumsAgree, "the carrier has no parcel of it".to_owned())),
    }
}

/// A cancelled order may have a shipment only if the carrier picked it up before the cancellation.
fn check_cancelled(order: &Order, parcel: &Shipment) -> Result<(), (Invariant, String)> {
    let step = order.step(StepName::ArrangeShipping);
    let called_back = step.finished_at.filter(|_| step.state == StepState::Undone);
    let was_late = called_back.is_some_and(|at| at.since(parcel.created_at) >= PICKED_UP_AFTER);
    if parcel.status == "booked" || !was_late {
        return Err((Invariant::MoneyMovesOnce, format!("its parcel is {}", parcel.status)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::fixtures::broken;
    use super::*;

    #[test]
    fn a_second_shipment_and_one_without_an_order_are_found() {
        let sent_twice = broken(|evidence| {
            let again = evidence.final_state.shipments[0].clone();
            evidence.final_state.shipments.push(again);
        });
        assert_eq!(sent_twice, [Invariant::MoneyMovesOnce]);
        let stray = broken(|evidence| {
            let mut stray = evidence.final_state.shipments[0].clone();
            "ord_gone".clone_into(&mut stray.order_id);
            evidence.final_state.shipments.push(stray);
        });
        assert_eq!(stray, [Invariant::MoneyMovesOnce]);
    }

    #[test]
    fn a_shipment_whose_state_differs_from_the_order_is_found() {
        for status in ["picked_up", "delivered", "cancelled"] {
            let broken = broken(|evidence| status.clone_into(&mut evidence.final_state.shipments[0].status));
            assert_eq!(broken, [Invariant::SumsAgree], "{status}");
        }
    }

    #[test]
    fn a_shipment_of_a_cancelled_order_is_allowed_only_if_it_was_picked_up_before_the_cancellation() {
        let parcel = |status: &str, undone_after: Option<Duration>| {
            let mut evidence = super::super::fixtures::evidence();
            let (order, parcel) =
                (&mut evidence.final_state.orders[0], &mut evidence.final_state.shipments[0]);
            order.state = State::Cancelled;
            status.clone_into(&mut parcel.status);
            if let Some(after) = undone_after {
                let index = order.steps.iter().position(|step| step.name == StepName::ArrangeShipping);
                let step = &mut order.steps[index.unwrap()];
                step.state = StepState::Undone;
                step.finished_at = Some(parcel.created_at.plus(after));
            }
            check_order(order, &[parcel]).is_ok()
        };
        assert!(parcel("delivered", Some(PICKED_UP_AFTER)));
        assert!(!parcel("booked", Some(PICKED_UP_AFTER)), "it was never called back");
        assert!(!parcel("picked_up", Some(Duration::ZERO)), "it could have been called back");
        assert!(!parcel("picked_up", None), "nobody called it back");
    }
}

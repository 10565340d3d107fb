//! Invariants 5 and 6 for shipments: the carrier's ledger against the orders. A second shipment is as bad as a second
//! charge.

use std::collections::BTreeMap;

use orders::{Order, State, StepName, StepState};

use super::verdict::{Evidence, Invariant, Verdict};
use crate::system::{PICKED_UP_AFTER, Shipment};

pub fn judge(evidence: &Evidence, verdict: &mut Verdict) {
    let mut ledger: BTreeMap<&str, Vec<&Shipment>> = BTreeMap::new();
    for parcel in evidence.found.shipments.iter().filter(|parcel| parcel.status != "cancelled") {
        ledger.entry(&parcel.order_id).or_default().push(parcel);
    }
    for order in &evidence.found.orders {
        let parcels = ledger.remove(order.id.to_string().as_str()).unwrap_or_default();
        if let Err((invariant, what)) = judge_order(order, &parcels) {
            let state = order.state.as_str();
            verdict.breaks(invariant, format_args!("{} is {state}: {what}", order.id));
        }
    }
    for order in ledger.keys() {
        verdict.breaks(
            Invariant::MoneyMovesOnce,
            format_args!("a parcel of {order:?}, which is not there, is on its way"),
        );
    }
}

fn judge_order(order: &Order, parcels: &[&Shipment]) -> Result<(), (Invariant, String)> {
    if parcels.len() > 1 {
        return Err((Invariant::MoneyMovesOnce, format!("it has {} parcels", parcels.len())));
    }
    let says = match order.state {
        State::Confirmed => "booked",
        State::Shipped => "picked_up",
        State::Delivered => "delivered",
        State::Cancelled => return parcels.iter().try_for_each(|parcel| judge_cancelled(order, parcel)),
        State::Received | State::Processing | State::ActionRequired | State::InReview | State::Cancelling => {
            return Ok(());
        }
    };
    match parcels.first().map(|parcel| parcel.status.as_str()) {
        Some(status) if status == says => Ok(()),
        Some(status) => Err((Invariant::SumsAgree, format!("the carrier says that its parcel is {status}"))),
        None => Err((Invariant::SumsAgree, "the carrier has no parcel of it".to_owned())),
    }
}

/// A cancelled order may have a shipment only if the carrier picked it up before the cancellation.
fn judge_cancelled(order: &Order, parcel: &Shipment) -> Result<(), (Invariant, String)> {
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

    use super::super::sample::broken;
    use super::*;

    #[test]
    fn a_second_parcel_and_one_of_no_order_are_found() {
        let sent_twice = broken(|evidence| {
            let again = evidence.found.shipments[0].clone();
            evidence.found.shipments.push(again);
        });
        assert_eq!(sent_twice, [Invariant::MoneyMovesOnce]);
        let stray = broken(|evidence| {
            let mut stray = evidence.found.shipments[0].clone();
            "ord_gone".clone_into(&mut stray.order_id);
            evidence.found.shipments.push(stray);
        });
        assert_eq!(stray, [Invariant::MoneyMovesOnce]);
    }

    #[test]
    fn a_parcel_that_the_carrier_and_the_order_disagree_about_is_found() {
        for status in ["picked_up", "delivered", "cancelled"] {
            let broken = broken(|evidence| status.clone_into(&mut evidence.found.shipments[0].status));
            assert_eq!(broken, [Invariant::SumsAgree], "{status}");
        }
    }

    #[test]
    fn the_parcel_of_a_cancelled_order_is_forgiven_only_if_it_was_picked_up_before_it_was_called_back() {
        let parcel = |status: &str, undone_after: Option<Duration>| {
            let mut evidence = super::super::sample::evidence();
            let (order, parcel) = (&mut evidence.found.orders[0], &mut evidence.found.shipments[0]);
            order.state = State::Cancelled;
            status.clone_into(&mut parcel.status);
            if let Some(after) = undone_after {
                let place = order.steps.iter().position(|step| step.name == StepName::ArrangeShipping);
                let step = &mut order.steps[place.unwrap()];
                step.state = StepState::Undone;
                step.finished_at = Some(parcel.created_at.plus(after));
            }
            judge_order(order, &[parcel]).is_ok()
        };
        assert!(parcel("delivered", Some(PICKED_UP_AFTER)));
        assert!(!parcel("booked", Some(PICKED_UP_AFTER)), "it was never called back");
        assert!(!parcel("picked_up", Some(Duration::ZERO)), "it could have been called back");
        assert!(!parcel("picked_up", None), "nobody called it back");
    }
}

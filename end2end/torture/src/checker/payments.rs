//! Invariants 5 and 6: the payment service's ledger against the orders.

use std::collections::BTreeMap;

use orders::{Order, PaymentMethod, PaymentState, State};

use super::violations::{Evidence, Invariant, Violations};
use crate::system::Payment;

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let mut by_order: BTreeMap<&str, Vec<&Payment>> = BTreeMap::new();
    for payment in &evidence.final_state.payments {
        by_order.entry(payment.order_id.as_deref().unwrap_or_default()).or_default().push(payment);
    }
    let (mut captured, mut charged) = (0, 0);
    for order in &evidence.final_state.orders {
        let payments = by_order.remove(order.id.to_string().as_str()).unwrap_or_default();
        let net_charge = net_charge(&payments);
        charged += net_charge;
        captured += if order.payment.state == PaymentState::Captured { order.total.amount } else { 0 };
        check_order(order, &payments, net_charge, violations);
    }
    for (order, payments) in by_order {
        charged += net_charge(&payments);
        if net_charge(&payments) != 0 || payments.iter().any(|payment| payment.status == "requires_capture") {
            violations.add(
                Invariant::MoneyMovesOnce,
                format_args!(
                    "the payment service charged or holds money for {order:?}, which does not exist"
                ),
            );
        }
    }
    if captured != charged {
        violations.add(
            Invariant::SumsAgree,
            format_args!("the orders have {captured} captured, the payment service charged {charged}"),
        );
    }
}

/// Returns the sum of what was captured and not refunded.
fn net_charge(payments: &[&Payment]) -> i64 {
    payments.iter().map(|payment| payment.amount_captured - payment.amount_refunded).sum()
}

fn check_order(order: &Order, payments: &[&Payment], net_charge: i64, violations: &mut Violations) {
    let mut report = |description: String| {
        violations
            .add(Invariant::MoneyMovesOnce, format_args!("{} is {:?}: {description}", order.id, order.state));
    };
    let total = order.total.amount;
    if net_charge != 0 && net_charge != total {
        report(format!("{net_charge} of {total} is charged"));
    }
    let charges = payments.iter().filter(|payment| payment.amount_captured > 0).count();
    if charges > 1 {
        report(format!("it is charged {charges} times"));
    }
    let holds = payments.iter().filter(|payment| payment.status == "requires_capture").count();
    if holds + charges > 1 {
        report(format!("it has {holds} holds and {charges} charges"));
    }
    let is_confirmed = matches!(order.state, State::Confirmed | State::Shipped | State::Delivered);
    let is_paid_by_card = order.payment.method == PaymentMethod::Card;
    if is_confirmed && is_paid_by_card && net_charge != total {
        report("it is not paid".to_owned());
    }
    if order.state == State::Cancelled && (net_charge != 0 || holds > 0) {
        report(format!("{net_charge} is charged, and {holds} holds are open"));
    }
    let agrees = match order.payment.state {
        PaymentState::None => net_charge == 0 && holds == 0,
        PaymentState::Authorised => net_charge == 0 && holds == 1,
        PaymentState::Captured => net_charge == total && holds == 0,
        PaymentState::Voided | PaymentState::Refunded => net_charge == 0 && holds == 0,
    };
    if !agrees {
        let state = order.payment.state;
        report(format!(
            "its payment is {state:?}, the payment service has {net_charge} charged and {holds} holds"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::violated_after;
    use super::*;

    #[test]
    fn a_second_charge_is_found() {
        let violated = violated_after(|evidence| {
            let again = evidence.final_state.payments[0].clone();
            evidence.final_state.payments.push(again);
        });
        assert_eq!(violated, [Invariant::MoneyMovesOnce, Invariant::SumsAgree]);
    }

    #[test]
    fn a_hold_that_stays_open_is_found() {
        let violated = violated_after(|evidence| {
            let mut hold = evidence.final_state.payments[0].clone();
            "requires_capture".clone_into(&mut hold.status);
            hold.amount_captured = 0;
            evidence.final_state.payments.push(hold);
        });
        assert_eq!(violated, [Invariant::MoneyMovesOnce]);
    }

    #[test]
    fn a_confirmed_order_that_was_not_charged_and_one_charged_in_part_are_found() {
        let unpaid = violated_after(|evidence| drop(evidence.final_state.payments.remove(0)));
        assert_eq!(unpaid, [Invariant::MoneyMovesOnce, Invariant::SumsAgree]);
        let in_part = violated_after(|evidence| evidence.final_state.payments[0].amount_refunded = 1);
        assert_eq!(in_part, [Invariant::MoneyMovesOnce, Invariant::SumsAgree]);
    }

    #[test]
    fn a_payment_without_an_order_is_found() {
        let violated = violated_after(|evidence| {
            evidence.final_state.payments[0].order_id = Some("ord_gone".to_owned())
        });
        assert!(violated.contains(&Invariant::MoneyMovesOnce));
    }

    #[test]
    fn a_cancelled_order_that_is_still_charged_is_found() {
        let violated = violated_after(|evidence| evidence.final_state.orders[0].state = State::Cancelled);
        assert!(violated.contains(&Invariant::MoneyMovesOnce));
    }
}

//! Invariants 5 and 6: the payment service's ledger against the orders.

use std::collections::BTreeMap;

use orders::{Order, PaymentMethod, PaymentState, State};

use super::violations::{Evidence, Invariant, Violations};
use crate::system::Payment;

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    let mut operations: BTreeMap<&str, Vec<&Payment>> = BTreeMap::new();
    for payment in &evidence.final_state.payments {
        operations.entry(payment.order_id.as_deref().unwrap_or_default()).or_default().push(payment);
    }
    let (mut summary, mut booked) = (0, 0);
    for order in &evidence.final_state.orders {
        let payments = operations.remove(order.id.to_string().as_str()).unwrap_or_default();
        let kept = kept(&payments);
        booked += kept;
        summary += if order.payment.state == PaymentState::Captured { order.total.amount } else { 0 };
        check_order(order, &payments, kept, violations);
    }
    for (order, payments) in operations {
        booked += kept(&payments);
        if kept(&payments) != 0 || payments.iter().any(|payment| payment.status == "requires_capture") {
            violations.breaks(
                Invariant::MoneyMovesOnce,
                format_args!("money of {order:?}, which is not there, was taken"),
            );
        }
    }
    if summary != booked {
        violations.breaks(
            Invariant::SumsAgree,
            format_args!("orders say {summary} was charged, the payment service says {booked}"),
        );
    }
}

/// Returns the money that the shop keeps.
fn kept(payments: &[&Payment]) -> i64 {
    payments.iter().map(|payment| payment.amount_captured - payment.amount_refunded).sum()
}

fn check_order(order: &Order, payments: &[&Payment], kept: i64, violations: &mut Violations) {
    let mut breaks = |what: String| {
        violations
            .breaks(Invariant::MoneyMovesOnce, format_args!("{} is {:?}: {what}", order.id, order.state));
    };
    let total = order.total.amount;
    if kept != 0 && kept != total {
        breaks(format!("{kept} of {total} was kept"));
    }
    let charges = payments.iter().filter(|payment| payment.amount_captured > 0).count();
    if charges > 1 {
        breaks(format!("charged {charges} times"));
    }
    let holds = payments.iter().filter(|payment| payment.status == "requires_capture").count();
    if holds + charges > 1 {
        breaks(format!("{holds} holds beside {charges} charges"));
    }
    let is_confirmed = matches!(order.state, State::Confirmed | State::Shipped | State::Delivered);
    let wants_money = order.payment.method == PaymentMethod::Card;
    if is_confirmed && wants_money && kept != total {
        breaks("not paid".to_owned());
    }
    if order.state == State::Cancelled && (kept != 0 || holds > 0) {
        breaks(format!("{kept} charged and {holds} holds are left"));
    }
    let agrees = match order.payment.state {
        PaymentState::None => kept == 0 && holds == 0,
        PaymentState::Authorised => kept == 0 && holds == 1,
        PaymentState::Captured => kept == total && holds == 0,
        PaymentState::Voided | PaymentState::Refunded => kept == 0 && holds == 0,
    };
    if !agrees {
        let state = order.payment.state;
        breaks(format!("its payment is {state:?}, the payment service has {kept} and {holds} holds"));
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::broken;
    use super::*;

    #[test]
    fn a_second_charge_is_found() {
        let broken = broken(|evidence| {
            let again = evidence.final_state.payments[0].clone();
            evidence.final_state.payments.push(again);
        });
        assert_eq!(broken, [Invariant::MoneyMovesOnce, Invariant::SumsAgree]);
    }

    #[test]
    fn a_hold_that_is_left_is_found() {
        let broken = broken(|evidence| {
            let mut hold = evidence.final_state.payments[0].clone();
            "requires_capture".clone_into(&mut hold.status);
            hold.amount_captured = 0;
            evidence.final_state.payments.push(hold);
        });
        assert_eq!(broken, [Invariant::MoneyMovesOnce]);
    }

    #[test]
    fn a_confirmed_order_that_was_not_charged_and_one_charged_in_part_are_found() {
        let unpaid = broken(|evidence| drop(evidence.final_state.payments.remove(0)));
        assert_eq!(unpaid, [Invariant::MoneyMovesOnce, Invariant::SumsAgree]);
        let in_part = broken(|evidence| evidence.final_state.payments[0].amount_refunded = 1);
        assert_eq!(in_part, [Invariant::MoneyMovesOnce, Invariant::SumsAgree]);
    }

    #[test]
    fn a_payment_without_an_order_is_found() {
        let broken =
            broken(|evidence| evidence.final_state.payments[0].order_id = Some("ord_gone".to_owned()));
        assert!(broken.contains(&Invariant::MoneyMovesOnce));
    }

    #[test]
    fn a_cancelled_order_that_kept_the_money_is_found() {
        let broken = broken(|evidence| evidence.final_state.orders[0].state = State::Cancelled);
        assert!(broken.contains(&Invariant::MoneyMovesOnce));
    }
}

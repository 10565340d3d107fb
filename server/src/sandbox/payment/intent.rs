use super::refusal::Refusal;
use crate::store::sandbox_ledger::{Payment, PaymentStatus};

/// Captures a held amount, all of it or less.
pub fn capture(payment: &mut Payment, amount: Option<i64>) -> Result<(), Refusal> {
    if payment.status != PaymentStatus::RequiresCapture {
        return Err(Refusal::unexpected_state(payment, "captured"));
    }
    let amount = amount.unwrap_or(payment.amount);
    if amount > payment.amount {
        let message = format!("The amount to capture is greater than the {} held.", payment.amount);
        return Err(Refusal::amount_too_large("amount_to_capture", message));
    }
    payment.status = PaymentStatus::Succeeded;
    payment.amount_captured = amount;
    Ok(())
}

/// Releases a held amount.
pub fn cancel(payment: &mut Payment) -> Result<(), Refusal> {
    match payment.status {
        PaymentStatus::RequiresCapture => {
            payment.status = PaymentStatus::Canceled;
            Ok(())
        }
        // A declined payment holds nothing and stays declined in the ledger.
        PaymentStatus::Declined => Ok(()),
        PaymentStatus::Succeeded | PaymentStatus::Canceled => {
            Err(Refusal::unexpected_state(payment, "canceled"))
        }
    }
}

/// Refunds a captured amount; returns how much.
pub fn refund(payment: &mut Payment, amount: Option<i64>) -> Result<i64, Refusal> {
    if payment.status != PaymentStatus::Succeeded {
        return Err(Refusal::unexpected_state(payment, "refunded"));
    }
    let left = payment.amount_captured - payment.amount_refunded;
    if left == 0 {
        return Err(Refusal::already_refunded());
    }
    let amount = amount.unwrap_or(left);
    if amount > left {
        let message =
            format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
        return Err(Refusal::amount_too_large("amount", message));
    }
    payment.amount_refunded += amount;
    Ok(amount)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Payment {
        Payment {
            id: "pi_1".to_owned(),
            key: None,
            order_id: None,
            amount: 1000,
            currency: "EUR".to_owned(),
            token: "pm_card_visa".to_owned(),
            status: PaymentStatus::RequiresCapture,
            amount_captured: 0,
            amount_refunded: 0,
            created_at: 0,
        }
    }

    #[test]
    fn no_more_is_captured_than_was_held() {
        let mut payment = held();
        assert!(capture(&mut payment, Some(1001)).is_err());
        capture(&mut payment, Some(900)).unwrap();
        assert_eq!((payment.status, payment.amount_captured), (PaymentStatus::Succeeded, 900));
        assert!(capture(&mut payment, None).is_err());
    }

    #[test]
    fn no_more_is_refunded_than_was_captured() {
        let mut payment = held();
        assert!(refund(&mut payment, None).is_err());
        capture(&mut payment, None).unwrap();
        assert_eq!(refund(&mut payment, Some(400)).unwrap(), 400);
        assert!(refund(&mut payment, Some(601)).is_err());
        assert_eq!(refund(&mut payment, None).unwrap(), 600);
        assert!(refund(&mut payment, None).is_err());
    }

    #[test]
    fn a_captured_payment_cannot_be_released() {
        let mut payment = held();
        capture(&mut payment, None).unwrap();
        assert!(cancel(&mut payment).is_err());
        let mut other = held();
        cancel(&mut other).unwrap();
        assert!(capture(&mut other, None).is_err());
    }
}

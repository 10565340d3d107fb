//! Whether money moved.

use crate::{Order, PaymentMethod, PaymentState, State, StepName, StepState};

/// Returns how an order was paid, to start a sentence.
pub(super) fn paid(order: &Order) -> String {
    match &order.payment.summary {
        Some(card) => format!("{} paid with {card}", order.total),
        None => format!("{} paid by card", order.total),
    }
}

/// Returns a sentence about whether money moved. Every message has one.
pub(super) fn money(order: &Order) -> String {
    let total = order.total;
    match (order.payment.method, order.payment.state) {
        (PaymentMethod::Invoice, _) if order.state != State::Cancelled => {
            "You pay by invoice; nothing was charged.".to_owned()
        }
        (_, PaymentState::None)
            if order.step(StepName::AuthorisePayment).state == StepState::NeedsOperator =>
        {
            format!("Nothing was charged; {total} may be held on your card.")
        }
        (_, PaymentState::None) => "Nothing was charged.".to_owned(),
        // While the charge is running, nobody can say whether the money was taken.
        (_, PaymentState::Authorised) if order.step(StepName::CapturePayment).state != StepState::Waiting => {
            format!("{total} is held on your card and charged only once.")
        }
        (_, PaymentState::Authorised) => {
            format!("{total} is held on your card and not charged so far.")
        }
        (_, PaymentState::Captured) => format!("{}.", paid(order)),
        (_, PaymentState::Voided) => {
            format!("Nothing was charged; the {total} held on your card is free again.")
        }
        (_, PaymentState::Refunded) => format!("{total} goes back to your card in 5–10 days."),
    }
}

//! The JSON of Stripe's objects.

use serde_json::{Value, json};

use super::card::Card;
use crate::store::sandbox_ledger::{Payment, PaymentStatus};

/// Returns the intent; its charge as an id, or expanded when `expand` asks for `latest_charge`.
pub fn intent_json(payment: &Payment, expand: bool) -> Value {
    let held = if payment.status == PaymentStatus::RequiresCapture { payment.amount } else { 0 };
    let status = match payment.status {
        PaymentStatus::Declined => "requires_payment_method",
        status => status.as_str(),
    };
    let charge = if expand { charge_json(payment) } else { charge_id(payment).into() };
    json!({
        "id": payment.id,
        "object": "payment_intent",
        "amount": payment.amount,
        "amount_capturable": held,
        "amount_received": payment.amount_captured,
        "capture_method": "manual",
        "created": payment.created_at.div_euclid(1000),
        "currency": payment.currency.to_lowercase(),
        "latest_charge": charge,
        "livemode": false,
        "metadata": metadata(payment),
        "payment_method": payment.token,
        "payment_method_types": ["card"],
        "status": status,
    })
}

pub fn refund_json(payment: &Payment, id: &str, amount: i64, created_at: i64) -> Value {
    json!({
        "id": id,
        "object": "refund",
        "amount": amount,
        "charge": charge_id(payment),
        "created": created_at.div_euclid(1000),
        "currency": payment.currency.to_lowercase(),
        "payment_intent": payment.id,
        "status": "succeeded",
    })
}

fn charge_json(payment: &Payment) -> Value {
    let card = Card::of(&payment.token);
    let declined = payment.status == PaymentStatus::Declined;
    json!({
        "id": charge_id(payment),
        "object": "charge",
        "amount": payment.amount,
        "amount_captured": payment.amount_captured,
        "amount_refunded": payment.amount_refunded,
        "captured": payment.status == PaymentStatus::Succeeded,
        "currency": payment.currency.to_lowercase(),
        "metadata": metadata(payment),
        "outcome": {
            "network_status": if declined { "declined_by_network" } else { "approved_by_network" },
            "risk_level": card.map(Card::risk_level),
            "type": if declined { "issuer_declined" } else { "authorized" },
        },
        "paid": !declined,
        "payment_intent": payment.id,
        "payment_method_details": {
            "type": "card",
            "card": {"brand": card.map(|card| card.brand), "last4": card.map(|card| card.last4)},
        },
        "refunded": payment.amount_captured > 0 && payment.amount_refunded == payment.amount_captured,
    })
}

/// An intent has one charge, so its id is derived.
fn charge_id(payment: &Payment) -> String {
    payment.id.replacen("pi_", "ch_", 1)
}

fn metadata(payment: &Payment) -> Value {
    match &payment.order_id {
        Some(order) => json!({"order_id": order}),
        None => json!({}),
    }
}

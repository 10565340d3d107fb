//! The payment methods, and the state of a payment.

use leptos::prelude::*;
use orders::{Order, PaymentMethod, PaymentState, State};

use crate::components::element::span;
use crate::components::field::FieldInfo;
use crate::outcome::Refused;

/// The sandbox's test cards: token, name, note.
const TEST_CARDS: [(&str, &str, &str); 6] = [
    ("pm_card_visa", "Visa ••42", "Pays at once."),
    ("pm_card_chargeDeclined", "Card the bank declines", "You will be asked for another card."),
    (
        "pm_card_chargeDeclinedInsufficientFunds",
        "Card without enough money",
        "You will be asked for another card.",
    ),
    ("pm_card_chargeDeclinedExpiredCard", "Card past its date", "You will be asked for another card."),
    ("pm_card_chargeDeclinedProcessingError", "Card whose bank answers late", "We try again by ourselves."),
    ("pm_card_riskLevelElevated", "Card that looks unusual", "A person checks the order first."),
];
const INVOICE: (&str, &str, &str) =
    ("invoice", "Invoice", "Nothing is held or charged; you pay the shop later.");

/// The payment methods as radio buttons: the name, the prefix of the first id, the chosen one, and why the form was
/// refused.
pub fn payment_choices(
    name: &'static str,
    prefix: &'static str,
    chosen: Option<String>,
    refused: Option<&Refused>,
) -> AnyView {
    let info = FieldInfo::field(prefix, "payment", refused, false);
    let chosen = chosen.as_deref().unwrap_or(TEST_CARDS[0].0);
    let choice = |(token, title, note): (&'static str, &'static str, &'static str)| {
        // The error list links to the first choice.
        let id = (token == TEST_CARDS[0].0).then(|| info.id.clone());
        let checked = token == chosen;
        view! {
            <label class="choice">
                <input type="radio" id=id name=name value=token checked=checked />
                <span class="choice-name">{title}</span>
                <span class="choice-note">{note}</span>
            </label>
        }
        .into_any()
    };
    let choices = TEST_CARDS.into_iter().chain([INVOICE]).map(choice).collect::<Vec<_>>();
    view! {
        <div class="choices">{choices}</div>
        {info.error_text()}
    }
    .into_any()
}

/// The state of the payment. The amount is beside it, as the total of the order.
pub fn payment_text(order: &Order) -> AnyView {
    let card = order.payment.summary.clone();
    let words = match (order.payment.method, order.payment.state) {
        (PaymentMethod::Invoice, _) if order.state != State::Cancelled => "By invoice; nothing was charged",
        (PaymentMethod::Card, PaymentState::None) if order.state != State::Cancelled => {
            "Nothing charged so far"
        }
        (PaymentMethod::Card, PaymentState::Authorised) => "Held, not charged",
        (PaymentMethod::Card, PaymentState::Captured) => "Paid",
        (PaymentMethod::Card, PaymentState::Refunded) => "Goes back",
        (PaymentMethod::Card, PaymentState::None | PaymentState::Voided) | (PaymentMethod::Invoice, _) => {
            "Nothing was charged"
        }
    };
    view! { {words} <br /> {card.map(|card| span("unbroken", card))} }.into_any()
}

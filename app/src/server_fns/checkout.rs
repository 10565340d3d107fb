//! The checkout.

use leptos::prelude::*;
use orders::Order;
use orders::address::{AddressFormat, Country};
use serde::{Deserialize, Serialize};

use crate::outcome::{FieldError, Outcome, SubmittedForm};
use crate::page_error::PageError;
use crate::ssr::Cart;
use crate::ssr::input::{OrderForm, PricedLine};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checkout {
    /// The lines of the order; empty when the cart is.
    pub lines: Vec<PricedLine>,
    /// The cart with its key, which is sent with the form: the order is what the page showed.
    pub cart: String,
    /// Whether payments are simulated: cards are test cards.
    pub sandbox: bool,
    pub submitted: Option<SubmittedForm>,
    pub address_format: AddressFormat,
    /// The viewer's last order, when the cart is empty.
    pub last: Option<Box<Order>>,
}

pub async fn load_checkout() -> Result<Checkout, PageError> {
    let page = crate::ssr::page()?;
    let submitted = crate::ssr::submitted();
    // A refused form is shown with the cart that it was submitted with, even when that changed in another tab.
    let sent = submitted.as_ref().and_then(|submitted| {
        submitted
            .refused
            .as_ref()
            .and_then(|refused| refused.cart.clone())
            .or_else(|| submitted.value("order[cart]"))
    });
    let cart = sent.and_then(|text| Cart::read(&text)).or_else(|| page.cart());
    let (lines, cart) = match cart {
        Some(cart) => {
            let lines = crate::ssr::priced(&page, &cart.items).await.map_err(crate::ssr::refuse)?;
            (lines, cart.write())
        }
        None => (Vec::new(), String::new()),
    };
    let last = if lines.is_empty() { crate::ssr::last_order(&page).await } else { None };
    let chosen = submitted.as_ref().and_then(|submitted| submitted.value("order[country]"));
    let address_format =
        AddressFormat::of(&chosen.unwrap_or_else(|| crate::ssr::country(&page).code.to_owned()));
    Ok(Checkout { lines, cart, sandbox: page.sandbox, submitted, address_format, last })
}

/// Submits the order. However often the same form is submitted, it makes one order.
#[server(endpoint = "send_order", prefix = "/actions")]
pub async fn send_order(order: OrderForm) -> Result<Outcome, PageError> {
    crate::ssr::send_order(order).await
}

/// Validates a checkout form without submitting it.
#[server(endpoint = "check_order", prefix = "/actions")]
pub async fn check_order(order: OrderForm) -> Result<Vec<FieldError>, PageError> {
    // The products are validated at submission; this is about the typed fields.
    let cart = Cart::read(&order.cart).unwrap_or_else(|| Cart::begin(String::new()));
    let without_recipient = order.address.recipient.trim().is_empty();
    let checked = crate::ssr::request(order, &cart).validate();
    Ok(checked
        .err()
        .map(|problem| crate::ssr::checkout_refusal(problem, without_recipient).fields)
        .unwrap_or_default())
}

#[server(endpoint = "address_format", prefix = "/actions")]
pub async fn load_address_format(country: String) -> Result<AddressFormat, PageError> {
    match Country::of(&country) {
        Some(country) => Ok(AddressFormat::of(country.code)),
        None => Err(crate::ssr::not_found()),
    }
}

//! From the cart to an order.

use leptos::prelude::*;
use orders::Order;
use serde::{Deserialize, Serialize};

use crate::error::Trouble;
use crate::outcome::{FieldWords, Outcome, Refused, Rejected};
use crate::server_fns::cart::BasketLine;

/// The checkout page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checkout {
    /// What would be ordered; nothing when the cart is empty.
    pub lines: Vec<BasketLine>,
    /// The cart with its key, to be sent with the form: what is ordered is what the page showed.
    pub cart: String,
    /// The pretend payment service plays: cards are test cards.
    pub sandbox: bool,
    /// The form as it was refused.
    pub rejected: Option<Rejected>,
    /// The last order of whoever looks, when there is nothing to order now.
    pub last: Option<Box<Order>>,
}

/// Everything that is typed at checkout.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderForm {
    /// Who orders.
    #[serde(default)]
    pub name: String,
    /// Where mails go.
    #[serde(default)]
    pub email: String,
    /// Who receives it.
    #[serde(default)]
    pub recipient: String,
    /// Street and house number.
    #[serde(default)]
    pub street: String,
    /// Postcode.
    #[serde(default)]
    pub postcode: String,
    /// City.
    #[serde(default)]
    pub city: String,
    /// Two letters.
    #[serde(default)]
    pub country: String,
    /// A token of the payment service, or `invoice`.
    #[serde(default)]
    pub payment: String,
    /// Anything else.
    #[serde(default)]
    pub note: String,
    /// The cart with its key, as the page showed it.
    #[serde(default)]
    pub cart: String,
}

/// What would be ordered, and what was typed already.
pub async fn load_checkout() -> Result<Checkout, Trouble> {
    use crate::ssr::Cart;

    let page = crate::ssr::page()?;
    let rejected = crate::ssr::rejected();
    // A refused form is shown with the cart it was sent with, also when that changed in another tab.
    let sent = rejected
        .as_ref()
        .and_then(|rejected| rejected.refused.cart.clone().or_else(|| rejected.value("order[cart]")));
    let cart = sent.and_then(|text| Cart::read(&text)).or_else(|| page.cart());
    let (lines, cart) = match cart {
        Some(cart) => {
            let lines = crate::ssr::priced(&page, &cart.items).await.map_err(crate::ssr::refuse)?;
            (lines, cart.write())
        }
        None => (Vec::new(), String::new()),
    };
    let last = if lines.is_empty() { crate::ssr::last_order(&page).await } else { None };
    Ok(Checkout { lines, cart, sandbox: page.sandbox, rejected, last })
}

/// Submits the order. However often the same form is sent, it becomes one order.
#[server(endpoint = "send_order", prefix = "/actions")]
pub async fn send_order(order: OrderForm) -> Result<Outcome, Trouble> {
    crate::ssr::send_order(order).await
}

/// What of a checkout form needs another look. Nothing is sent off.
#[server(endpoint = "check_order", prefix = "/actions")]
pub async fn check_order(order: OrderForm) -> Result<Vec<FieldWords>, Trouble> {
    use crate::ssr::Cart;

    // What is ordered is checked when it is sent; here it is about what is typed.
    let cart = Cart::read(&order.cart).unwrap_or_else(|| Cart::begin(String::new()));
    let checked = crate::ssr::request(order, &cart).validate();
    Ok(checked.err().map(|problem| Refused::from(problem).fields).unwrap_or_default())
}

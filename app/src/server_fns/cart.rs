//! The cart: its content, and its forms.

use leptos::prelude::*;
use orders::Money;
use serde::{Deserialize, Serialize};

use crate::outcome::{Outcome, SubmittedForm};
use crate::page_error::PageError;
use crate::ssr::input::{LineInput, PricedLine};

/// The cart at current prices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PricedCart {
    pub lines: Vec<PricedLine>,
    /// What is missing of an order that was put into the cart again, in words.
    pub left_out: Vec<String>,
    pub submitted: Option<SubmittedForm>,
}

/// Returns the total; none for an empty cart.
pub fn total(lines: &[PricedLine]) -> Option<Money> {
    let amounts = lines.iter().map(|line| line.line.total);
    amounts.reduce(|sum, cost| Money { amount: sum.amount.saturating_add(cost.amount), ..sum })
}

/// Returns the cart at current prices, with the stock of the products `left_out`, a list of SKUs.
pub async fn load_cart(left_out: String) -> Result<PricedCart, PageError> {
    let page = crate::ssr::page()?;
    let lines = match page.cart() {
        Some(cart) => crate::ssr::priced(&page, &cart.items).await.map_err(crate::ssr::refuse)?,
        None => Vec::new(),
    };
    let left_out = crate::ssr::left_out(&page, &left_out, &lines).await;
    Ok(PricedCart { lines, left_out, submitted: crate::ssr::submitted() })
}

/// Adds one of a product to the cart; a new cart gets its key.
#[server(endpoint = "add_to_cart", prefix = "/actions")]
pub async fn add_to_cart(sku: String, back: String) -> Result<Outcome, PageError> {
    crate::ssr::add_to_cart(&sku, back).await
}

/// Sets the quantities of the cart, or removes a product; then shows the cart, or the page that `go` names.
#[server(endpoint = "change_cart", prefix = "/actions")]
pub async fn change_cart(
    #[server(default)] lines: Vec<LineInput>,
    #[server(default)] remove: String,
    #[server(default)] go: String,
) -> Result<Outcome, PageError> {
    crate::ssr::change_cart(lines, &remove, &go).await
}

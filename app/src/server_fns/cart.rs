//! The cart: what is in it, and its forms.

use leptos::prelude::*;
use orders::Money;
use serde::{Deserialize, Serialize};

use crate::outcome::{Outcome, Rejected};
use crate::page_error::PageError;
use crate::ssr::input::{LineInput, PricedLine};

/// The cart at today's prices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct PricedCart {
    /// Its lines.
    pub lines: Vec<PricedLine>,
    /// What an order that was put in again lacks, in words.
    pub left_out: Vec<String>,
    /// The form of this page as it was refused.
    pub rejected: Option<Rejected>,
}

/// What these cost together; none when there is nothing.
pub fn total(lines: &[PricedLine]) -> Option<Money> {
    let amounts = lines.iter().map(|line| line.line.total);
    amounts.reduce(|sum, cost| Money { amount: sum.amount.saturating_add(cost.amount), ..sum })
}

/// The cart at today's prices. Of the products `left_out`, named by their numbers, it says what there is.
pub async fn load_cart(left_out: String) -> Result<PricedCart, PageError> {
    let page = crate::ssr::page()?;
    let lines = match page.cart() {
        Some(cart) => crate::ssr::priced(&page, &cart.items).await.map_err(crate::ssr::refuse)?,
        None => Vec::new(),
    };
    let left_out = crate::ssr::left_out(&page, &left_out, &lines).await;
    Ok(PricedCart { lines, left_out, rejected: crate::ssr::rejected() })
}

/// Puts one more of a product into the cart; a cart begins with its key.
#[server(endpoint = "add_to_cart", prefix = "/actions")]
pub async fn add_to_cart(sku: String, back: String) -> Result<Outcome, PageError> {
    crate::ssr::add_to_cart(&sku, back).await
}

/// Sets how many of each product are in the cart, or takes one out; then shows the cart, or the page that `go` names.
#[server(endpoint = "change_cart", prefix = "/actions")]
pub async fn change_cart(
    #[server(default)] lines: Vec<LineInput>,
    #[server(default)] remove: String,
    #[server(default)] go: String,
) -> Result<Outcome, PageError> {
    crate::ssr::change_cart(lines, &remove, &go).await
}

//! The cart: what is in it, and its forms.

use leptos::prelude::*;
use orders::{Line, Money};
use serde::{Deserialize, Serialize};

use crate::error::Trouble;
use crate::outcome::{Outcome, Rejected};

/// The cart at today's prices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Basket {
    /// Its lines.
    pub lines: Vec<BasketLine>,
    /// What an order that was put in again lacks, in words.
    pub left_out: Vec<String>,
    /// The form of this page as it was refused.
    pub rejected: Option<Rejected>,
}

/// One product in the cart, at the price it has now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasketLine {
    /// What it will be in the order.
    pub line: Line,
    /// The address of its picture.
    pub image: String,
    /// How many can be ordered now.
    pub stock: u32,
}

impl BasketLine {
    /// There is not as much of it as is wanted.
    pub const fn is_short(&self) -> bool {
        self.stock < self.line.quantity
    }
}

/// What these cost together; none when there is nothing.
pub fn total(lines: &[BasketLine]) -> Option<Money> {
    let amounts = lines.iter().map(|line| line.line.total);
    amounts.reduce(|sum, cost| Money { amount: sum.amount.saturating_add(cost.amount), ..sum })
}

/// One line of the cart's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedLine {
    /// The product.
    pub sku: String,
    /// How many, as it was typed.
    #[serde(default)]
    pub quantity: String,
    /// How many there were when the page was made.
    #[serde(default)]
    pub was: String,
}

/// The cart at today's prices. Of the products `left_out`, named by their numbers, it says what there is.
pub async fn load_basket(left_out: String) -> Result<Basket, Trouble> {
    let page = crate::ssr::page()?;
    let lines = match page.cart() {
        Some(cart) => crate::ssr::priced(&page, &cart.items).await.map_err(crate::ssr::refuse)?,
        None => Vec::new(),
    };
    let left_out = crate::ssr::left_out(&page, &left_out, &lines).await;
    Ok(Basket { lines, left_out, rejected: crate::ssr::rejected() })
}

/// Puts one more of a product into the cart; a cart begins with its key.
#[server(endpoint = "add_to_cart", prefix = "/actions")]
pub async fn add_to_cart(sku: String, back: String) -> Result<Outcome, Trouble> {
    crate::ssr::add_to_cart(&sku, back).await
}

/// Sets how many of each product are in the cart, or takes one out; then shows the cart, or the page that `go` names.
#[server(endpoint = "change_cart", prefix = "/actions")]
pub async fn change_cart(
    #[server(default)] lines: Vec<TypedLine>,
    #[server(default)] remove: String,
    #[server(default)] go: String,
) -> Result<Outcome, Trouble> {
    crate::ssr::change_cart(lines, &remove, &go).await
}

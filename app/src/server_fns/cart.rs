//! The cart: what is in it, and its three forms.

use leptos::prelude::*;
use orders::{Line, Money};
use serde::{Deserialize, Serialize};

use crate::error::Trouble;
use crate::outcome::{Outcome, Refused};

/// The cart at today's prices.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Basket {
    /// Its lines.
    pub lines: Vec<BasketLine>,
    /// What they cost together; none when nothing is in it.
    pub total: Option<Money>,
    /// Why a form of this page was refused.
    pub refused: Option<Refused>,
}

/// One product in the cart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BasketLine {
    /// What it will be in the order.
    pub line: Line,
    /// The address of its picture.
    pub image: String,
    /// How many can be ordered now.
    pub stock: u32,
}

/// The cart at today's prices.
pub async fn load_basket() -> Result<Basket, Trouble> {
    let page = crate::ssr::page()?;
    let (lines, total) = match page.cart() {
        Some(cart) => crate::ssr::priced(&page, &cart.items).await.map_err(crate::ssr::refuse)?,
        None => (Vec::new(), None),
    };
    Ok(Basket { lines, total, refused: crate::ssr::rejected().map(|rejected| rejected.refused) })
}

/// Puts one more of a product into the cart; a cart begins with its key.
#[server(endpoint = "add_to_cart", prefix = "/actions")]
pub async fn add_to_cart(sku: String, back: String) -> Result<Outcome, Trouble> {
    let page = crate::ssr::page()?;
    if let Err(problem) = page.service.product(&sku).await {
        return Ok(Outcome::Refused(problem.into()));
    }
    let mut cart = page.cart_or_new();
    let added = cart.add(&sku);
    Ok(crate::ssr::keep_cart(&page, cart, added, back))
}

/// Sets how many of a product are in the cart.
#[server(endpoint = "change_quantity", prefix = "/actions")]
pub async fn change_quantity(sku: String, quantity: String) -> Result<Outcome, Trouble> {
    let page = crate::ssr::page()?;
    let mut cart = page.cart_or_new();
    let changed = match quantity.trim().parse() {
        Ok(quantity) => cart.set(&sku, quantity),
        Err(_) => Err(crate::ssr::CartFull),
    };
    Ok(crate::ssr::keep_cart(&page, cart, changed, "/cart".to_owned()))
}

/// Takes a product out of the cart.
#[server(endpoint = "remove_from_cart", prefix = "/actions")]
pub async fn remove_from_cart(sku: String) -> Result<Outcome, Trouble> {
    let page = crate::ssr::page()?;
    let mut cart = page.cart_or_new();
    let removed = cart.set(&sku, 0);
    Ok(crate::ssr::keep_cart(&page, cart, removed, "/cart".to_owned()))
}

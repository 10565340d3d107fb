//! What somebody means to order.

use serde::{Deserialize, Serialize};

/// Some of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartItem {
    /// The product.
    pub sku: String,
    /// How many, 1 to 999.
    pub quantity: u32,
}

/// How many of a product are among these.
pub fn quantity_of(items: &[CartItem], sku: &str) -> u32 {
    items.iter().find(|item| item.sku == sku).map_or(0, |item| item.quantity)
}

/// How many things these are together.
pub fn count(items: &[CartItem]) -> u32 {
    items.iter().map(|item| item.quantity).sum()
}

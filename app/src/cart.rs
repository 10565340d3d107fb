//! The items of a cart.

use serde::{Deserialize, Serialize};

/// A quantity of one product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CartItem {
    pub sku: String,
    /// How many, 1 to 999.
    pub quantity: u32,
}

/// Returns the quantity of a product among these items.
pub fn quantity_of(items: &[CartItem], sku: &str) -> u32 {
    items.iter().find(|item| item.sku == sku).map_or(0, |item| item.quantity)
}

/// Returns the total quantity.
pub fn count(items: &[CartItem]) -> u32 {
    items.iter().map(|item| item.quantity).sum()
}

//! The rows of an import.

use orders::Product;

/// A product to add or replace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductWrite {
    /// The product.
    pub product: Product,
    /// Whether an existing product gets this stock; otherwise it keeps its own.
    pub sets_stock: bool,
}

impl ProductWrite {
    /// Writes all fields of a product.
    pub const fn new(product: Product) -> Self {
        Self { product, sets_stock: true }
    }
}

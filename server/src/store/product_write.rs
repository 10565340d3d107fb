//! What an import writes.

use orders::Product;

/// A product to add, or to put in the place of the one with its SKU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductWrite {
    /// The product.
    pub product: Product,
    /// Whether a product that is there gets this stock; else it keeps what orders have left of its own.
    pub sets_stock: bool,
}

impl ProductWrite {
    /// Writes all of a product.
    pub const fn new(product: Product) -> Self {
        Self { product, sets_stock: true }
    }
}

//! The catalogue.

use async_trait::async_trait;
use orders::Product;
use queue::StoreError;

use crate::store::ReadError;
use crate::store::product_write::ProductWrite;

/// The products.
#[async_trait]
pub trait Catalogue: Send + Sync + 'static {
    /// Returns all products in the order of the catalogue.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn products(&self) -> Result<Vec<Product>, ReadError>;

    /// Adds products and replaces those whose SKU is known, where a known product may keep its current stock. Other
    /// products stay.
    ///
    /// # Errors
    /// When the store cannot write.
    async fn write_products(&self, writes: Vec<ProductWrite>) -> Result<(), StoreError>;

    /// The same with the stock of the given products.
    ///
    /// # Errors
    /// When the store cannot write.
    async fn import_products(&self, products: Vec<Product>) -> Result<(), StoreError> {
        self.write_products(products.into_iter().map(ProductWrite::new).collect()).await
    }
}

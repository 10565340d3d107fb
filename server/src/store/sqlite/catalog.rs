//! The catalogue.

use orders::{Currency, Money, Product};
use rusqlite::params;
use sqlx::Row;

use super::{Phase, SqliteStore};
use crate::store::ReadError;
use queue::StoreError;

impl SqliteStore {
    /// All products in the order of the catalogue.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn products(&self) -> Result<Vec<Product>, ReadError> {
        let rows = sqlx::query("SELECT * FROM products ORDER BY place, sku").fetch_all(&self.readers).await?;
        rows.iter()
            .map(|row| {
                let currency: String = row.try_get("currency")?;
                let currency: Currency = currency.parse().map_err(|_| ReadError(currency))?;
                Ok(Product {
                    sku: row.try_get("sku")?,
                    name: row.try_get("name")?,
                    description: row.try_get("description")?,
                    category: row.try_get("category")?,
                    price: Money::new(row.try_get("price")?, currency),
                    stock: row.try_get("stock")?,
                    image: row.try_get("image")?,
                })
            })
            .collect()
    }

    /// Adds products and replaces those whose sku is known. Products that are not named stay.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn import_products(&self, products: Vec<Product>) -> Result<(), StoreError> {
        self.write(Phase::Settle, move |transaction| {
            let mut upsert = transaction.prepare(
                "INSERT INTO products (sku, place, name, description, category, price, currency, stock, image) \
                 VALUES (?1, (SELECT coalesce(max(place), 0) + 1 FROM products), ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
                 ON CONFLICT (sku) DO UPDATE SET name = excluded.name, description = excluded.description, \
                 category = excluded.category, price = excluded.price, currency = excluded.currency, \
                 stock = excluded.stock, image = excluded.image",
            )?;
            for product in &products {
                upsert.execute(params![
                    product.sku,
                    product.name,
                    product.description,
                    product.category,
                    product.price.amount,
                    product.price.currency.as_str(),
                    product.stock,
                    product.image,
                ])?;
            }
            Ok(())
        })
        .await
    }
}

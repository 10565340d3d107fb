//! The catalogue.

use async_trait::async_trait;
use std::path::Path;

use orders::{Currency, Money, Product};
use rusqlite::params;
use sqlx::Row;

use super::SqliteStore;
use super::check::open_to_read;
use crate::store::engine::Phase;
use crate::store::product_write::ProductWrite;
use crate::store::{Catalogue, ReadError};
use queue::StoreError;

#[async_trait]
impl Catalogue for SqliteStore {
    async fn products(&self) -> Result<Vec<Product>, ReadError> {
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

    async fn write_products(&self, writes: Vec<ProductWrite>) -> Result<(), StoreError> {
        self.writer.call(Phase::Settle, move |transaction| {
            let mut upsert = transaction.prepare(
                "INSERT INTO products (sku, place, name, description, category, price, currency, stock, image) \
                 VALUES (?1, (SELECT coalesce(max(place), 0) + 1 FROM products), ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
                 ON CONFLICT (sku) DO UPDATE SET name = excluded.name, description = excluded.description, \
                 category = excluded.category, price = excluded.price, currency = excluded.currency, \
                 stock = iif(?9, excluded.stock, stock), image = excluded.image",
            )?;
            for ProductWrite { product, sets_stock } in &writes {
                upsert.execute(params![
                    product.sku,
                    product.name,
                    product.description,
                    product.category,
                    product.price.amount,
                    product.price.currency.as_str(),
                    product.stock,
                    product.image,
                    sets_stock,
                ])?;
            }
            Ok(())
        })
        .await
    }
}

/// Reads the products of a file that may be in use, without creating or migrating it. A missing file has none.
///
/// # Errors
/// When it cannot be read.
pub fn products_in(path: &Path) -> Result<Vec<Product>, ReadError> {
    let unreadable = |error: rusqlite::Error| ReadError(error.to_string());
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let connection = open_to_read(path).map_err(unreadable)?;
    let has_products = "SELECT count(*) FROM sqlite_schema WHERE name = 'products'";
    if connection.query_row(has_products, [], |row| row.get::<_, u32>(0)).map_err(unreadable)? == 0 {
        return Ok(Vec::new());
    }
    let mut products =
        connection.prepare("SELECT * FROM products ORDER BY place, sku").map_err(unreadable)?;
    let mut rows = products.query([]).map_err(unreadable)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(unreadable)? {
        let text = |column: &str| row.get::<_, String>(column).map_err(unreadable);
        let code = text("currency")?;
        let currency = code.parse().map_err(|_| ReadError(code))?;
        found.push(Product {
            sku: text("sku")?,
            name: text("name")?,
            description: text("description")?,
            category: text("category")?,
            price: Money::new(row.get("price").map_err(unreadable)?, currency),
            stock: row.get("stock").map_err(unreadable)?,
            image: text("image")?,
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::tests::Fixture;
    use super::*;

    fn mug(amount: i64, stock: u32) -> Product {
        Product {
            sku: "mug".to_owned(),
            name: "Mug".to_owned(),
            description: String::new(),
            category: "Kitchen".to_owned(),
            price: Money::new(amount, Currency::EUR),
            stock,
            image: "/mug.svg".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_known_product_keeps_the_stock_that_orders_left_unless_a_new_one_is_set() {
        let fixture = Fixture::new().await;
        let cup = Product { sku: "cup".to_owned(), ..mug(400, 7) };
        fixture.store.import_products(vec![mug(1250, 3), cup.clone()]).await.unwrap();
        let writes = vec![
            ProductWrite { product: mug(1300, 99), sets_stock: false },
            ProductWrite { product: Product { stock: 5, ..cup }, sets_stock: true },
        ];
        fixture.store.write_products(writes).await.unwrap();
        let products = fixture.store.products().await.unwrap();
        assert_eq!(products[0], mug(1300, 3));
        assert_eq!(products[1].stock, 5);
    }

    #[tokio::test]
    async fn products_are_read_from_a_file_in_use_and_a_missing_file_is_not_created() {
        let fixture = Fixture::new().await;
        fixture.store.import_products(vec![mug(1250, 3)]).await.unwrap();
        assert_eq!(products_in(&fixture.folder.path().join("docket.db")).unwrap(), [mug(1250, 3)]);
        let missing = fixture.folder.path().join("missing.db");
        assert_eq!(products_in(&missing).unwrap(), []);
        assert!(!missing.exists());
    }
}

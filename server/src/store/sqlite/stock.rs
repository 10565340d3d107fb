//! The stock of products, and what orders have reserved of it.

use ::orders::OrderId;
use rusqlite::{OptionalExtension, params};

use super::transaction::SqliteTransaction;

/// Returns how much of a product is left; 0 for one that does not exist.
pub(super) fn left(transaction: &SqliteTransaction<'_>, sku: &str) -> rusqlite::Result<u32> {
    let left: Option<u32> = transaction
        .prepare("SELECT stock FROM products WHERE sku = ?1")?
        .query_row([sku], |row| row.get(0))
        .optional()?;
    Ok(left.unwrap_or(0))
}

/// Takes products from the stock for an order.
pub(super) fn reserve(
    transaction: &SqliteTransaction<'_>,
    order: OrderId,
    lines: &[(String, u32)],
) -> rusqlite::Result<()> {
    let mut take = transaction.prepare("UPDATE products SET stock = stock - ?2 WHERE sku = ?1")?;
    let mut hold =
        transaction.prepare("INSERT INTO reservations (order_id, sku, quantity) VALUES (?1, ?2, ?3)")?;
    for (sku, quantity) in lines {
        take.execute(params![sku, quantity])?;
        hold.execute(params![order.to_bytes(), sku, quantity])?;
    }
    Ok(())
}

/// Returns the products of an order to the stock.
pub(super) fn release(transaction: &SqliteTransaction<'_>, order: OrderId) -> rusqlite::Result<()> {
    transaction
        .prepare(
            "UPDATE products SET stock = stock + (SELECT quantity FROM reservations \
             WHERE order_id = ?1 AND sku = products.sku) \
             WHERE sku IN (SELECT sku FROM reservations WHERE order_id = ?1)",
        )?
        .execute([order.to_bytes()])?;
    transaction.prepare("DELETE FROM reservations WHERE order_id = ?1")?.execute([order.to_bytes()])?;
    Ok(())
}

//! Fills the database of a stopped server with copies of one order.
//!
//! To submit and deliver as many orders would take longer than to measure them. A copy has everything that the order has
//! in these tables, under an id of its own, and whatever their columns are; only the keys are named here. `docket check`
//! finds nothing wrong with such a database.

use std::fs::File;
use std::io;
use std::path::Path;

use orders::{OrderId, OrderNumber, Timestamp};
use rusqlite::types::Value;
use rusqlite::{Connection, ToSql, params_from_iter};
use sha2::{Digest as _, Sha256};

/// So many orders are written in one transaction.
const BATCH: u64 = 5_000;

/// The tables with rows of an order, and which those are.
const TABLES: [(&str, &str); 4] = [
    ("orders", "id = :id"),
    ("order_events", "order_id = :id ORDER BY seq"),
    ("jobs", "exclusive_key = :text ORDER BY id"),
    ("reservations", "order_id = :id"),
];

/// The database cannot be filled.
#[derive(Debug, thiserror::Error)]
pub enum FillError {
    #[error("the database cannot be filled: {0}")]
    Sqlite(#[from] rusqlite::Error),
    #[error("the database cannot be synced: {0}")]
    Io(#[from] io::Error),
}

/// The rows of an order in one table.
struct Rows {
    table: &'static str,
    columns: Vec<String>,
    rows: Vec<Vec<Value>>,
}

/// What is different in a copy.
struct Copy<'a> {
    /// The id of the order, also as text, and its number.
    original: &'a (OrderId, String, String),
    /// The same of the copy.
    id: OrderId,
    text: String,
    number: String,
    serial: i64,
    /// The idempotency hash.
    hash: [u8; 16],
}

/// Adds copies of the latest order of a database that nobody uses, and returns the id of the last.
pub fn fill(database: &Path, copies: u64) -> Result<OrderId, FillError> {
    let mut connection = Connection::open(database)?;
    // The file is synced once, at the end.
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.pragma_update(None, "cache_size", -262_144)?;
    let latest = "SELECT count, id, state FROM orders ORDER BY count DESC LIMIT 1";
    let (serial, id, state): (i64, [u8; 16], String) =
        connection.query_row(latest, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let id = OrderId::from_bytes(id);
    let original = (id, id.to_string(), number(serial));
    let rows: Vec<Rows> = TABLES
        .iter()
        .map(|(table, which)| Rows::of(&connection, table, which, id))
        .collect::<Result<_, _>>()?;
    let mut sequence: i64 =
        connection.query_row("SELECT max(seq) FROM order_events", [], |row| row.get(0))?;
    let mut last = id;
    for first in (1..=copies).step_by(BATCH as usize) {
        let transaction = connection.transaction()?;
        for index in first..(first + BATCH).min(copies + 1) {
            let copy = Copy::new(&original, serial, index, copies);
            for rows in &rows {
                rows.insert(&transaction, &copy, &mut sequence)?;
            }
            last = copy.id;
        }
        transaction.commit()?;
    }
    let copies = copies.cast_signed();
    connection.execute(&format!("UPDATE order_counts SET {state} = {state} + ?1"), [copies])?;
    // Without it a server looks at every order for the mail that it is late.
    connection.execute("UPDATE letters_looked SET through = ?1", [serial + copies])?;
    connection.close().map_err(|(_, error)| error)?;
    File::open(database)?.sync_all()?;
    Ok(last)
}

impl Rows {
    fn of(connection: &Connection, table: &'static str, which: &str, id: OrderId) -> rusqlite::Result<Self> {
        let mut read = connection.prepare(&format!("SELECT * FROM {table} WHERE {which}"))?;
        let columns: Vec<String> = read.column_names().into_iter().map(str::to_owned).collect();
        let (bytes, text) = (id.to_bytes(), id.to_string());
        let parameter: (&str, &dyn ToSql) =
            if which.contains(":id") { (":id", &bytes) } else { (":text", &text) };
        let rows =
            read.query_map(&[parameter][..], |row| (0..columns.len()).map(|at| row.get(at)).collect())?;
        let rows = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Self { table, columns, rows })
    }

    fn insert(&self, connection: &Connection, copy: &Copy<'_>, sequence: &mut i64) -> rusqlite::Result<()> {
        let unbound = vec!["?"; self.columns.len()].join(", ");
        let mut insert =
            connection.prepare_cached(&format!("INSERT INTO {} VALUES ({unbound})", self.table))?;
        for row in &self.rows {
            if self.table == "order_events" {
                *sequence += 1;
            }
            let values = self.columns.iter().zip(row).map(|(column, value)| match (self.table, &**column) {
                ("orders", "count") => Value::Integer(copy.serial),
                ("orders", "idempotency") => Value::Blob(copy.hash.to_vec()),
                ("order_events", "seq") => Value::Integer(*sequence),
                // SQLite gives it the next one.
                ("jobs", "id") => Value::Null,
                _ => copy.value(value),
            });
            insert.execute(params_from_iter(values))?;
        }
        Ok(())
    }
}

impl<'a> Copy<'a> {
    fn new(original: &'a (OrderId, String, String), serial: i64, index: u64, copies: u64) -> Self {
        let hash = Sha256::digest(index.to_be_bytes());
        let (mut random, mut idempotency) = ([0; 10], [0; 16]);
        random.copy_from_slice(&hash[..10]);
        idempotency.copy_from_slice(&hash[16..]);
        // One a millisecond until the time of the original, as if they had been accepted before.
        let age = (copies - index).cast_signed();
        let id = OrderId::new(Timestamp::from_millis(original.0.made_at().as_millis() - age), random);
        let serial = serial + index.cast_signed();
        Self { original, id, text: id.to_string(), number: number(serial), serial, hash: idempotency }
    }

    /// Returns what the copy has in place of this value.
    fn value(&self, value: &Value) -> Value {
        let (id, text, number) = self.original;
        match value {
            Value::Blob(bytes) if *bytes == id.to_bytes() => Value::Blob(self.id.to_bytes().to_vec()),
            Value::Text(words) => Value::Text(words.replace(text, &self.text).replace(number, &self.number)),
            other => other.clone(),
        }
    }
}

fn number(serial: i64) -> String {
    OrderNumber::of(serial.cast_unsigned()).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_differs_in_what_names_the_order() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.db");
        let connection = Connection::open(&path).unwrap();
        let id = OrderId::new(Timestamp::from_millis(1_000_000), [7; 10]);
        connection
            .execute_batch(
                "CREATE TABLE orders (count INTEGER PRIMARY KEY, id BLOB UNIQUE, idempotency BLOB UNIQUE, state, body);
                 CREATE TABLE order_events (seq INTEGER PRIMARY KEY, order_id BLOB, data);
                 CREATE TABLE jobs (id INTEGER PRIMARY KEY, exclusive_key);
                 CREATE TABLE reservations (order_id BLOB UNIQUE, sku);
                 CREATE TABLE order_counts (delivered); INSERT INTO order_counts VALUES (1);
                 CREATE TABLE letters_looked (through); INSERT INTO letters_looked VALUES (0);
                 INSERT INTO order_events VALUES (1, NULL, 'received'), (2, NULL, 'delivered');",
            )
            .unwrap();
        let body = format!("{id} is {}, for Ada", number(1));
        connection
            .execute("INSERT INTO orders VALUES (1, ?1, x'01', 'delivered', ?2)", (id.to_bytes(), body))
            .unwrap();
        connection.execute("INSERT INTO jobs VALUES (1, ?1)", [id.to_string()]).unwrap();
        connection.execute("INSERT INTO reservations VALUES (?1, 'mug-blue')", [id.to_bytes()]).unwrap();
        connection.execute("UPDATE order_events SET order_id = ?1", [id.to_bytes()]).unwrap();
        drop(connection);

        let last = fill(&path, 2).unwrap();

        let connection = Connection::open(&path).unwrap();
        let text = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
        assert_eq!(
            text("SELECT body FROM orders WHERE count = 3"),
            format!("{last} is {}, for Ada", number(3))
        );
        assert_eq!(text("SELECT exclusive_key FROM jobs WHERE id = 3"), last.to_string());
        let events = "SELECT group_concat(seq || data) FROM order_events NATURAL JOIN \
                      (SELECT id AS order_id FROM orders WHERE count = 3)";
        assert_eq!(text(events), "5received,6delivered");
        assert_eq!(text("SELECT count(DISTINCT order_id) || sku FROM reservations"), "3mug-blue");
        assert_eq!(text("SELECT delivered || through FROM order_counts, letters_looked"), "33");
    }
}

//! Databases of earlier versions.

use std::path::Path;

use orders::{EventData, Order};
use rusqlite::Connection;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::migrations::MIGRATIONS;
use super::{SqliteConfig, SqliteStore};
use crate::store::{EventLog, Health as _, Topic};

const ORDERS_WITH_WORDS: &str = include_str!("orders_with_words.sql");
const STORE_FACTS: i64 = 20_261_127_000_001;

/// Creates a database that lacks the last migration.
pub async fn outdated_database(path: &Path) {
    let last = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap();
    drop(database_before(last, path).await);
}

/// A database as the migrations before a version left it.
async fn database_before(version: i64, path: &Path) -> Connection {
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let earlier = MIGRATIONS.iter().filter(|migration| migration.version < version).cloned();
    Migrator::with_migrations(earlier.collect()).run(&pool).await.unwrap();
    pool.close().await;
    Connection::open(path).unwrap()
}

/// Returns the data of the events of this version's database.
async fn events(config: &SqliteConfig) -> Vec<EventData> {
    let store = SqliteStore::open(config, Box::new(drop)).await.unwrap();
    let events = store.events_after(Topic::Desk, 0, 1_000).await.unwrap();
    store.close().await;
    events.iter().map(|event| (*event.data).clone()).collect()
}

fn texts(database: &Connection, sql: &str) -> Vec<String> {
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement.query_map([], |row| row.get(0)).unwrap();
    rows.collect::<rusqlite::Result<_>>().unwrap()
}

#[tokio::test]
async fn orders_and_events_that_were_stored_with_their_words_read_as_before() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        SqliteConfig { path: folder.path().join("docket.db"), public_url: "https://shop.example".to_owned() };
    let database = database_before(STORE_FACTS, &config.path).await;
    database.execute_batch(ORDERS_WITH_WORDS).unwrap();
    let bodies = texts(&database, "SELECT body FROM orders ORDER BY count");
    let data = texts(&database, "SELECT data FROM order_events ORDER BY seq");
    drop(database);

    let store = SqliteStore::open(&config, Box::new(drop)).await.unwrap();
    for body in &bodies {
        let order: Order = serde_json::from_str(body).unwrap();
        let record = store.order_record_from_file(order.id).await.unwrap().unwrap();
        assert_eq!(record.order, order);
        assert!(record.processing.payment_token.is_some());
    }
    store.close().await;
    let before: Vec<EventData> = data.iter().map(|data| serde_json::from_str(data).unwrap()).collect();
    assert_eq!((bodies.len(), events(&config).await), (2, before));
}

#[tokio::test]
async fn an_order_that_changed_from_card_to_invoice_keeps_the_words_of_its_card() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        SqliteConfig { path: folder.path().join("docket.db"), public_url: "https://shop.example".to_owned() };
    let database = database_before(STORE_FACTS, &config.path).await;
    database.execute_batch(ORDERS_WITH_WORDS).unwrap();
    let of_declined =
        "SELECT data FROM order_events WHERE order_id = (SELECT id FROM orders WHERE count = 2)";
    let before = texts(&database, of_declined);
    let changed = r#"
        INSERT INTO order_events (seq, order_id, owner, version, kind, at, data)
        SELECT seq + 1, order_id, owner, version + 1, 'order.step.changed', at, json_set(data,
                   '$.version', version + 1, '$.state', 'processing', '$.reason', NULL, '$.respond_by', NULL,
                   '$.step.state', 'waiting', '$.step.reason', NULL,
                   '$.payment', json('{"method":"invoice","state":"none","summary":null}'))
        FROM order_events ORDER BY seq DESC LIMIT 1;
        UPDATE orders SET state = 'processing', version = 6, body = json_set(body,
                   '$.version', 6, '$.state', 'processing', '$.payment.method', 'invoice') WHERE count = 2;
    "#;
    database.execute_batch(changed).unwrap();
    drop(database);

    let after = events(&config).await;
    let before: Vec<EventData> = before.iter().map(|data| serde_json::from_str(data).unwrap()).collect();
    let (of_card, of_invoice) = after[after.len() - before.len() - 1..].split_at(before.len());
    let told: Vec<_> = of_card.iter().map(|data| (data.version, data.message.clone())).collect();
    let words: Vec<_> = before.iter().map(|data| (data.version, data.message.clone())).collect();
    assert_eq!(told, words);
    let invoice = &of_invoice[0].message;
    assert!(format!("{invoice:?}").contains("invoice"), "{invoice:?}");
}

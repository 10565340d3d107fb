//! Databases of earlier versions.

use orders::{EventData, Order};
use rusqlite::Connection;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::migrations::MIGRATIONS;
use super::{SqliteConfig, SqliteStore};
use crate::store::{EventLog, Health as _, Topic};

const ORDERS_WITH_WORDS: &str = include_str!("orders_with_words.sql");
const STORE_FACTS: i64 = 20_261_127_000_001;

/// A database as the migrations before a version left it.
async fn database_before(version: i64, config: &SqliteConfig) -> Connection {
    let options = SqliteConnectOptions::new().filename(&config.path).create_if_missing(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let earlier = MIGRATIONS.iter().filter(|migration| migration.version < version).cloned();
    Migrator::with_migrations(earlier.collect()).run(&pool).await.unwrap();
    pool.close().await;
    Connection::open(&config.path).unwrap()
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
    let database = database_before(STORE_FACTS, &config).await;
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
    let events = store.events_after(Topic::Desk, 0, 1_000).await.unwrap();
    let before: Vec<EventData> = data.iter().map(|data| serde_json::from_str(data).unwrap()).collect();
    let after: Vec<EventData> = events.iter().map(|event| (*event.data).clone()).collect();
    assert_eq!((bodies.len(), after), (2, before));
    store.close().await;
}

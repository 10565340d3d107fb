//! Databases of earlier versions.

use std::path::Path;

use orders::{EventData, Order, Payment, PaymentMethod, PaymentState, ProcessingState};
use rusqlite::Connection;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::migrations::MIGRATIONS;
use super::{Rule, SqliteConfig, SqliteStore, check};
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
    let dealings = texts(&database, "SELECT dealings FROM orders ORDER BY count");
    let data = texts(&database, "SELECT data FROM order_events ORDER BY seq");
    drop(database);

    let store = SqliteStore::open(&config, Box::new(drop)).await.unwrap();
    for (body, dealings) in bodies.iter().zip(&dealings) {
        let order: Order = serde_json::from_str(body).unwrap();
        let processing: ProcessingState = serde_json::from_str(dealings).unwrap();
        let is_paid_by_card = order.payment.method == PaymentMethod::Card;
        assert!(!is_paid_by_card || processing.payment_token.is_some());
        let record = store.order_record_from_file(order.id).await.unwrap().unwrap();
        assert_eq!((record.order, record.processing), (order, processing));
    }
    let events = store.events_after(Topic::Desk, 0, 1_000).await.unwrap();
    store.close().await;
    let mut before: Vec<EventData> = data.iter().map(|data| serde_json::from_str(data).unwrap()).collect();
    let after: Vec<EventData> = events.iter().map(|event| (*event.data).clone()).collect();
    assert_eq!((bodies.len(), after.len()), (8, before.len()));
    // Of the order that changed from a card to an invoice, the first event tells the card.
    let mut told = before.iter_mut().zip(&after).filter(|(before, after)| before.payment != after.payment);
    let (first, _) = told.next().unwrap();
    assert_eq!((first.version, told.next()), (1, None));
    first.payment = Some(Payment { method: PaymentMethod::Card, state: PaymentState::None, summary: None });
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after, before);
    }
    check(&config.path, |finding| {
        // The other rules are about tables that are empty here.
        let is_about_orders = [Rule::Versions, Rule::Events, Rule::Money].contains(&finding.rule);
        assert!(finding.is_good() || !is_about_orders, "{finding:?}");
    })
    .unwrap();
}

//! Orders and query plans for the tests of the store.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::store::{Catalogue as _, Commands as _};
use orders::{
    CommandContext, OrderId, OrderNumber, OrderRecord, OrderRequest, PaymentState, ProcessingState, Product,
    Shipment, StepName, StepOutcome, StockMove, Work, WorkResult,
};

use super::SqliteStore;
use super::tests::NOW;
use crate::store::acceptance::{Accept, Acceptance};
use crate::store::change::{Change, NewEvent, OrderRow};
use crate::store::commands::Changed;
use crate::store::engine::Phase;
use crate::store::order_job::next_job;

const MOMENT: CommandContext<'static> = CommandContext { at: NOW, public_url: "https://shop.example" };
const READER_TIMEOUT: Duration = Duration::from_secs(3);

/// Returns SQLite's query plan: one line for each table.
pub(super) async fn query_plan(store: &SqliteStore, sql: &str) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {sql}");
    let explained = store.writer.call(Phase::Settle, move |transaction| {
        let mut statement = transaction.prepare(&explain)?;
        let unbound = vec![rusqlite::types::Null; statement.parameter_count()];
        let lines = statement.query_map(rusqlite::params_from_iter(unbound), |row| row.get(3))?;
        Ok(lines.collect::<rusqlite::Result<Vec<String>>>()?)
    });
    explained.await.unwrap()
}

/// Returns the columns of the tables of a new database.
pub(in crate::store) async fn tables_of_a_new_file() -> BTreeMap<String, BTreeSet<String>> {
    let fixture = super::tests::Fixture::new().await;
    let columns = fixture.store.writer.call(Phase::Settle, |transaction| {
        let mut statement = transaction.prepare(
            "SELECT tables.name, columns.name FROM sqlite_schema AS tables, pragma_table_info(tables.name) AS columns \
             WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite%' AND tables.name NOT LIKE '!_sqlx%' ESCAPE '!'",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<Vec<(String, String)>>>()?)
    });
    let mut tables: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (table, column) in columns.await.unwrap() {
        tables.entry(table).or_default().insert(column);
    }
    tables
}

/// Loads the one product of these orders.
pub(super) async fn stock_mugs(store: &SqliteStore) {
    store.import_products(vec![mug()]).await.unwrap();
}

/// Accepts an order for two mugs.
pub(super) async fn accept_mugs(store: &SqliteStore, seed: u8) -> OrderRecord {
    let (record, acceptance) = two_mugs(store, seed);
    assert_eq!(store.accept(acceptance).await, Ok(Accept::Stored));
    record
}

/// An order for two mugs that is not accepted yet.
pub(super) fn two_mugs(store: &SqliteStore, seed: u8) -> (OrderRecord, Acceptance) {
    let request: OrderRequest = serde_json::from_value(serde_json::json!({
        "customer": {"name": "Ada", "email": "ada@example.org"},
        "ship_to": {"name": "Ada", "street": "1 Main St", "city": "Pavia", "postcode": "27100", "country": "IT"},
        "lines": [{"sku": "mug", "quantity": 2}],
        "payment": {"method": "card", "token": "pm_card_visa"},
    }))
    .unwrap();
    let id = OrderId::new(NOW, [seed; 10]);
    let count = store.take_serial();
    let valid = request.validate().unwrap();
    let (order, event) = valid.receive(id, OrderNumber::of(count), None, MOMENT, |_| Some(mug())).unwrap();
    let record = OrderRecord { order, owner: None, processing: ProcessingState::default() };
    let acceptance = Acceptance {
        count,
        row: OrderRow::of(record.clone().into()),
        idempotency: [seed; 16],
        fingerprint: [1; 16],
        event: NewEvent::of(event),
        job: next_job(&record.order, None, NOW).unwrap(),
    };
    (record, acceptance)
}

/// Completes an order. The jobs do not matter here.
pub(super) async fn work(store: &SqliteStore, record: &mut OrderRecord) {
    while let Work::Do(step) = record.order.next_work() {
        let from = record.order.version;
        let begun = record.begin(Work::Do(step), MOMENT).unwrap();
        written(store, Change::of(from, record.clone(), vec![begun])).await;
        let outcome = outcome(record, step);
        let (from, stock) = (record.order.version, outcome.stock.clone());
        let done =
            record.apply_result(Work::Do(step), &WorkResult::Done(outcome), READER_TIMEOUT, MOMENT).unwrap();
        written(store, Change::of(from, record.clone(), vec![done]).with_stock(stock)).await;
    }
}

async fn written(store: &SqliteStore, change: Change) {
    assert_eq!(store.change(change, None).await, Ok(Changed::Done));
}

fn outcome(record: &OrderRecord, step: StepName) -> StepOutcome {
    let paid =
        |state| StepOutcome { payment: Some(record.order.payment.now(state)), ..StepOutcome::default() };
    match step {
        StepName::ReserveStock => {
            StepOutcome { stock: StockMove::Reserve(vec![("mug".to_owned(), 2)]), ..StepOutcome::default() }
        }
        StepName::AuthorisePayment => paid(PaymentState::Authorised),
        StepName::ArrangeShipping => StepOutcome {
            shipment: Some(Shipment {
                carrier: "Parcel".to_owned(),
                tracking_number: "1".to_owned(),
                tracking_url: "https://parcel.example/1".to_owned(),
            }),
            ..StepOutcome::default()
        },
        StepName::CapturePayment => paid(PaymentState::Captured),
        StepName::Notify => StepOutcome::default(),
    }
}

fn mug() -> Product {
    Product {
        sku: "mug".to_owned(),
        name: "Mug".to_owned(),
        description: String::new(),
        category: "Kitchen".to_owned(),
        price: orders::Money::new(1250, orders::Currency::EUR),
        stock: 1_000,
        image: "/mug.svg".to_owned(),
    }
}

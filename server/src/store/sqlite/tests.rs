//! The store beyond the queue's conformance suite.

use std::sync::{Arc, Mutex};

use orders::facts::EventFacts;
use orders::{EventData, EventType, OrderId, Owner, State, StockMove, Timestamp};
use queue::{Claim, JobFilter, JobState, NewJob, Outcome, Settled, Settlement, Store, WorkerId};
use tempfile::TempDir;

use super::{SqliteConfig, SqliteStore};
use crate::store::acceptance::{Accept, Acceptance};
use crate::store::change::{Change, DetailsRow, NewEvent, OrderRow, Refusal};
use crate::store::commands::Changed;
use crate::store::{Catalogue as _, Commands as _, EventLog, Health as _, StoredEvent, Topic};

pub(in crate::store) const NOW: Timestamp = Timestamp::from_millis(1_763_892_000_000);

/// A store in a folder of its own, and its published events.
pub(super) struct Fixture {
    pub(super) store: Arc<SqliteStore>,
    pub(super) told: Arc<Mutex<Vec<StoredEvent>>>,
    pub(super) folder: TempDir,
}

impl Fixture {
    pub(super) async fn new() -> Self {
        Self::open(tempfile::tempdir().unwrap()).await
    }

    async fn open(folder: TempDir) -> Self {
        let told = Arc::new(Mutex::new(Vec::new()));
        let handle = told.clone();
        let config = SqliteConfig {
            path: folder.path().join("docket.db"),
            public_url: "https://shop.example".to_owned(),
        };
        let on_commit = Box::new(move |events| handle.lock().unwrap().extend(events));
        let store = SqliteStore::open(&config, on_commit).await.unwrap();
        Self { store, told, folder }
    }

    async fn reopen(self) -> Self {
        self.store.close().await;
        Self::open(self.folder).await
    }

    pub(super) async fn stock(&self, sku: &str) -> u32 {
        self.store.products().await.unwrap().iter().find(|p| p.sku == sku).unwrap().stock
    }
}

pub(in crate::store) fn row(id: OrderId, version: u32) -> OrderRow {
    OrderRow {
        id,
        owner: Some(Owner([7; 16])),
        state: State::Received,
        payment: "none",
        version,
        created_at: NOW,
        updated_at: NOW,
        total: 1250,
        currency: "EUR".to_owned(),
        delayed: false,
        refused_by: None,
        mail_refused: false,
        details: Some(details()),
        progress: r#"{"method":"card"}"#.to_owned(),
        record: None,
    }
}

fn details() -> DetailsRow {
    let details = serde_json::json!({
        "customer": {"name": "Ada", "email": "ada@example.org"},
        "ship_to": {"name": "Ada", "street": "1 Main St", "city": "Pavia", "postcode": "27100", "country": "IT"},
        "lines": [{"sku": "mug", "name": "Mug", "quantity": 1, "unit_price": 1250}],
    });
    DetailsRow { email: "ada@example.org".to_owned(), details: details.to_string() }
}

/// An event with a mark, which is the name of the customer.
pub(in crate::store) fn event(version: u32, mark: &str) -> NewEvent {
    let data: EventData = serde_json::from_value(serde_json::json!({
        "version": version,
        "state": "received",
        "delayed": false,
        "message": {"heading": "", "body": "", "next_step": "", "help": ""},
        "customer": {"name": mark, "email": "ada@example.org"},
    }))
    .unwrap();
    let facts = serde_json::to_string(&EventFacts::of(&data)).unwrap();
    NewEvent { kind: EventType::Received, version, at: NOW, facts, data: Arc::new(data) }
}

pub(super) fn mark_of(event: &StoredEvent) -> String {
    event.data.customer.as_ref().unwrap().name.clone()
}

pub(super) fn acceptance(store: &SqliteStore, seed: u8) -> Acceptance {
    new_acceptance(store.take_serial(), seed)
}

pub(in crate::store) fn new_acceptance(count: u64, seed: u8) -> Acceptance {
    let id = OrderId::new(NOW, [seed; 10]);
    Acceptance {
        count,
        row: row(id, 1),
        idempotency: [seed; 16],
        fingerprint: [1; 16],
        event: event(1, "{}"),
        job: NewJob {
            queue: "stock".into(),
            kind: "order".into(),
            exclusive_key: Some(id.to_string()),
            fairness_key: None,
            payload: id.to_string(),
            run_at: queue::Timestamp::from_millis(NOW.as_millis()),
            max_attempts: 5,
        },
    }
}

fn change(id: OrderId, from_version: u32) -> Change {
    Change {
        from_version,
        row: row(id, from_version + 1),
        events: vec![event(from_version + 1, "{}")],
        mails: Vec::new(),
        stock: StockMove::None,
        computed_from: None,
        refusal: None,
    }
}

async fn with_mugs(fixture: &Fixture, stock: u32) {
    let price = orders::Money::new(1250, orders::Currency::EUR);
    let mug = orders::Product {
        sku: "mug".to_owned(),
        name: "Mug".to_owned(),
        description: String::new(),
        category: "Kitchen".to_owned(),
        price,
        stock,
        image: "/mug.svg".to_owned(),
    };
    fixture.store.import_products(vec![mug]).await.unwrap();
}

/// Returns how many jobs wait in a queue.
async fn waiting(fixture: &Fixture, queue: &'static str) -> usize {
    let filter =
        JobFilter { state: Some(JobState::Available), queue: Some(queue.into()), before: None, limit: 9 };
    fixture.store.list(filter).await.unwrap().len()
}

#[tokio::test]
async fn an_accepted_order_its_job_and_its_event_are_there_after_a_reopening() {
    let fixture = Fixture::new().await;
    let new = acceptance(&fixture.store, 1);
    assert_eq!(fixture.store.accept(new.clone()).await, Ok(Accept::Stored));
    let fixture = fixture.reopen().await;
    let events = fixture.store.events_after(Topic::Order(new.row.id), 0, 10).await.unwrap();
    assert_eq!(events.len(), 1);
    assert_eq!(waiting(&fixture, "stock").await, 1);
    assert!(fixture.store.take_serial() > new.count, "numbers are not given out twice");
}

#[tokio::test]
async fn one_key_makes_one_order_however_many_ask_at_once() {
    let fixture = Fixture::new().await;
    let asked: Vec<_> = (0..200)
        .map(|n| {
            let mut new = acceptance(&fixture.store, 1);
            new.row.id = OrderId::new(NOW, [n; 10]);
            let store = fixture.store.clone();
            tokio::spawn(async move { store.accept(new).await.unwrap() })
        })
        .collect();
    let mut stored = 0;
    let mut replays = std::collections::HashSet::new();
    for answer in asked {
        match answer.await.unwrap() {
            Accept::Stored => stored += 1,
            Accept::Replayed(id) => {
                replays.insert(id);
            }
            Accept::KeyReused => panic!("the bodies were the same"),
        }
    }
    assert_eq!((stored, replays.len()), (1, 1));
}

#[tokio::test]
async fn a_key_with_another_body_is_refused_and_stores_nothing() {
    let fixture = Fixture::new().await;
    let new = acceptance(&fixture.store, 1);
    fixture.store.accept(new.clone()).await.unwrap();
    let other = Acceptance { count: fixture.store.take_serial(), fingerprint: [2; 16], ..new };
    assert_eq!(fixture.store.accept(other).await, Ok(Accept::KeyReused));
    assert_eq!(fixture.store.head().await.unwrap(), 1);
}

#[tokio::test]
async fn events_are_published_after_the_commit_in_log_order() {
    let fixture = Fixture::new().await;
    for seed in 1..=20 {
        let new = acceptance(&fixture.store, seed);
        fixture.store.accept(new).await.unwrap();
    }
    assert_eq!(fixture.store.events_after(Topic::Desk, 5, 100).await.unwrap().len(), 15);
    // Callers are answered before subscribers; a closed store has published everything.
    fixture.store.close().await;
    let told: Vec<_> = fixture.told.lock().unwrap().iter().map(|event| event.sequence).collect();
    assert_eq!(told, (1..=20).collect::<Vec<u64>>());
}

#[tokio::test]
async fn a_change_made_from_an_older_version_is_refused_and_writes_nothing() {
    let fixture = Fixture::new().await;
    let new = acceptance(&fixture.store, 1);
    let id = new.row.id;
    fixture.store.accept(new).await.unwrap();
    assert_eq!(fixture.store.change(change(id, 1), None).await, Ok(Changed::Done));
    assert_eq!(fixture.store.change(change(id, 1), None).await, Ok(Changed::Refused(Refusal::Moved)));
    assert_eq!(fixture.store.head().await.unwrap(), 2);
}

#[tokio::test]
async fn stock_is_set_aside_once_given_back_once_and_never_below_zero() {
    let fixture = Fixture::new().await;
    with_mugs(&fixture, 3).await;
    let (first, second) = (acceptance(&fixture.store, 1), acceptance(&fixture.store, 2));
    let (one, two) = (first.row.id, second.row.id);
    fixture.store.accept(first).await.unwrap();
    fixture.store.accept(second).await.unwrap();
    let mugs = |n| StockMove::Reserve(vec![("mug".to_owned(), n)]);
    let reserved = fixture.store.change(change(one, 1).with_stock(mugs(2)), None).await;
    assert_eq!((reserved, fixture.stock("mug").await), (Ok(Changed::Done), 1));
    let refused = fixture.store.change(change(two, 1).with_stock(mugs(2)), None).await;
    assert_eq!(refused, Ok(Changed::Refused(Refusal::SoldOut("mug".to_owned()))));
    assert_eq!(fixture.stock("mug").await, 1);
    fixture.store.change(change(one, 2).with_stock(StockMove::Release), None).await.unwrap();
    assert_eq!(fixture.stock("mug").await, 3);
    fixture.store.change(change(one, 3).with_stock(StockMove::Release), None).await.unwrap();
    assert_eq!(fixture.stock("mug").await, 3, "a second release finds nothing to give back");
}

#[tokio::test]
async fn a_command_that_cannot_be_written_does_not_take_others_along() {
    let fixture = Fixture::new().await;
    let good: Vec<_> = (1..=30)
        .map(|seed| {
            let (store, new) = (fixture.store.clone(), acceptance(&fixture.store, seed));
            tokio::spawn(async move { store.accept(new).await })
        })
        .collect();
    let mut bad = acceptance(&fixture.store, 99);
    bad.row.total = -1;
    assert!(fixture.store.accept(bad).await.is_err());
    for answer in good {
        assert_eq!(answer.await.unwrap(), Ok(Accept::Stored));
    }
    let log = fixture.store.events_after(Topic::Desk, 0, 100).await.unwrap();
    let sequences: Vec<_> = log.iter().map(|event| event.sequence).collect();
    assert_eq!(sequences, (1..=30).collect::<Vec<u64>>(), "the log has no hole");
}

#[tokio::test]
async fn a_settlement_writes_job_change_event_and_next_job_or_none_of_them() {
    let fixture = Fixture::new().await;
    let new = acceptance(&fixture.store, 1);
    let (id, job) = (new.row.id, new.job.clone());
    fixture.store.accept(new).await.unwrap();
    let now = queue::Timestamp::from_millis(NOW.as_millis());
    let claim = Claim {
        queue: "stock".into(),
        worker: WorkerId::from("me"),
        limit: 1,
        now,
        lease_for: std::time::Duration::from_secs(10),
    };
    let leased = fixture.store.claim(claim).await.unwrap().remove(0);
    let settlement = |from_version| Settlement {
        lease: leased.lease,
        now,
        outcome: Outcome::Completed,
        effect: Some(change(id, from_version)),
        next: vec![NewJob { queue: "payment".into(), ..job.clone() }],
    };
    match fixture.store.settle(settlement(9)).await.unwrap() {
        Settled::Refused(back) => assert_eq!(back.refusal, Some(Refusal::Moved)),
        other => panic!("{other:?}"),
    }
    assert_eq!(waiting(&fixture, "payment").await, 0);
    assert_eq!(fixture.store.settle(settlement(1)).await.unwrap(), Settled::Done);
    assert_eq!(waiting(&fixture, "payment").await, 1);
    assert_eq!(fixture.store.head().await.unwrap(), 2);
}

#[tokio::test]
async fn readers_cannot_write() {
    let fixture = Fixture::new().await;
    let outcome = sqlx::query("DELETE FROM orders").execute(&fixture.store.readers).await;
    assert!(outcome.is_err());
}

#[tokio::test]
async fn the_file_is_durable_before_it_is_fast() {
    let fixture = Fixture::new().await;
    let answer: (i64, String) = fixture
        .store
        .writer
        .call(super::Phase::Settle, |transaction| {
            let synchronous = transaction.prepare("PRAGMA synchronous")?.query_row([], |row| row.get(0))?;
            let journal = transaction.prepare("PRAGMA journal_mode")?.query_row([], |row| row.get(0))?;
            Ok((synchronous, journal))
        })
        .await
        .unwrap();
    assert_eq!(answer, (2, "wal".to_owned()), "synchronous=FULL is 2");
}

#[tokio::test]
async fn a_closed_store_has_run_every_command_and_accepts_no_more() {
    let fixture = Fixture::new().await;
    let asked: Vec<_> = (1..=50)
        .map(|seed| {
            let (store, new) = (fixture.store.clone(), acceptance(&fixture.store, seed));
            tokio::spawn(async move { store.accept(new).await })
        })
        .collect();
    let mut stored = 0;
    for answer in asked {
        stored += u64::from(answer.await.unwrap() == Ok(Accept::Stored));
    }
    fixture.store.close().await;
    assert!(fixture.store.accept(acceptance(&fixture.store, 60)).await.is_err());
    assert_eq!(fixture.told.lock().unwrap().len() as u64, stored);
}

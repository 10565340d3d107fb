//! Several processes on one database.

use std::sync::Arc;

use ::orders::{Currency, Money, OrderId, Product, StockMove};
use ::queue::StoreError;
use futures::future::join_all;
use sqlx::PgPool;

use super::PostgresStore;
use super::testing::Server;
use crate::store::Commands as _;
use crate::store::acceptance::{Accept, Acceptance};
use crate::store::change::{Change, Refusal};
use crate::store::commands::Changed;
use crate::store::sqlite::{NOW, event, new_acceptance, row};

/// Two processes on one new database.
async fn two_stores() -> [Arc<PostgresStore>; 2] {
    let server = Server::shared();
    let config = server.config(&server.new_database().await);
    let open = || async { PostgresStore::open(&config, Arc::default()).await.unwrap() };
    [open().await, open().await]
}

/// An order of its own for each number.
fn order(number: u16) -> Acceptance {
    let mut new = new_acceptance(u64::from(number) + 1, 0);
    let mut random = [0; 10];
    random[..2].copy_from_slice(&number.to_be_bytes());
    let id = OrderId::new(NOW, random);
    new.row.id = id;
    new.idempotency[..2].copy_from_slice(&number.to_be_bytes());
    new.job.exclusive_key = Some(id.to_string());
    new.job.payload = id.to_string();
    new
}

async fn count(pool: &PgPool, sql: &'static str) -> i64 {
    sqlx::query_scalar(sql).fetch_one(pool).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_key_makes_one_order_however_many_processes_submit_it_at_once() {
    let stores = two_stores().await;
    let submissions = (0..64).map(|caller| {
        let store = stores[usize::from(caller % 2 == 0)].clone();
        let mut new = order(caller);
        new.idempotency = [7; 16];
        async move { store.accept(new).await.unwrap() }
    });
    let accepted = join_all(submissions).await;
    assert_eq!(accepted.iter().filter(|accept| **accept == Accept::Stored).count(), 1);
    let stored: Vec<u8> =
        sqlx::query_scalar("SELECT id FROM orders").fetch_one(&stores[0].pool).await.unwrap();
    let winner = OrderId::from_bytes(stored.try_into().unwrap());
    assert_eq!(accepted.iter().filter(|accept| **accept == Accept::Replayed(winner)).count(), 63);
    assert_eq!(count(&stores[0].pool, "SELECT count(*) FROM jobs").await, 1);
    assert_eq!(count(&stores[0].pool, "SELECT count(*) FROM order_events").await, 1);

    let mut other = order(99);
    (other.idempotency, other.fingerprint) = ([7; 16], [2; 16]);
    assert_eq!(stores[1].accept(other).await, Ok(Accept::KeyReused));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_never_reserve_more_than_there_is() {
    let stores = two_stores().await;
    let mug = Product {
        sku: "mug".to_owned(),
        name: "Mug".to_owned(),
        description: String::new(),
        category: "Kitchen".to_owned(),
        price: Money::new(1250, Currency::EUR),
        stock: 30,
        image: "/mug.svg".to_owned(),
    };
    sqlx::query("INSERT INTO products VALUES ($1, 1, $2, '', $3, 1250, 'EUR', 30, $4)")
        .bind(mug.sku)
        .bind(mug.name)
        .bind(mug.category)
        .bind(mug.image)
        .execute(&stores[0].pool)
        .await
        .unwrap();
    for number in 0..80 {
        stores[0].accept(order(number)).await.unwrap();
    }
    let reservations = (0..80).map(|number| {
        let store = stores[usize::from(number % 2)].clone();
        let id = order(number).row.id;
        let change = Change {
            from_version: 1,
            row: row(id, 2),
            events: vec![event(2, "{}")],
            mails: Vec::new(),
            stock: StockMove::Reserve(vec![("mug".to_owned(), 1)]),
            computed_from: None,
            refusal: None,
        };
        async move { store.change(change, None).await }
    });
    let mut done = 0;
    for reserved in join_all(reservations).await {
        match reserved {
            Ok(Changed::Done) => done += 1,
            Ok(refused) => assert_eq!(refused, Changed::Refused(Refusal::SoldOut("mug".to_owned()))),
            // Nothing was written; the worker tries it again.
            Err(error) => assert!(matches!(error, StoreError::Unavailable(_)), "{error}"),
        }
    }
    assert_eq!(done, 30);
    assert_eq!(count(&stores[0].pool, "SELECT stock FROM products").await, 0);
    assert_eq!(count(&stores[0].pool, "SELECT count(*) FROM reservations").await, 30);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_has_read_a_sequence_never_meets_an_earlier_one() {
    const ORDERS: u16 = 800;
    let stores = two_stores().await;
    let reader = tokio::spawn({
        let pool = stores[1].pool.clone();
        async move {
            let (mut seen, mut looks) = (0, 0);
            while seen < i64::from(ORDERS) {
                let rows: Vec<i64> =
                    sqlx::query_scalar("SELECT seq FROM order_events WHERE seq > $1 ORDER BY seq LIMIT 1000")
                        .bind(seen)
                        .fetch_all(&pool)
                        .await
                        .unwrap();
                for sequence in rows {
                    assert_eq!(sequence, seen + 1, "a gap that could be filled later");
                    seen = sequence;
                }
                looks += 1;
            }
            looks
        }
    });
    let writers = (0..8_u16).map(|writer| {
        let store = stores[usize::from(writer % 2)].clone();
        tokio::spawn(async move {
            for number in (writer..ORDERS).step_by(8) {
                assert_eq!(store.accept(order(number)).await, Ok(Accept::Stored));
            }
        })
    });
    for written in join_all(writers).await {
        written.unwrap();
    }
    assert!(reader.await.unwrap() > 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_changes_from_one_version_one_is_written() {
    let stores = two_stores().await;
    let id = order(0).row.id;
    stores[0].accept(order(0)).await.unwrap();
    let changes = (0..16_usize).map(|caller| {
        let store = stores[caller % 2].clone();
        let change = Change {
            from_version: 1,
            row: row(id, 2),
            events: vec![event(2, "{}")],
            mails: Vec::new(),
            stock: StockMove::None,
            computed_from: None,
            refusal: None,
        };
        async move { store.change(change, None).await.unwrap() }
    });
    let changed = join_all(changes).await;
    assert_eq!(changed.iter().filter(|changed| **changed == Changed::Done).count(), 1);
    let refused = Changed::Refused(Refusal::Moved);
    assert_eq!(changed.iter().filter(|changed| **changed == refused).count(), 15);
}

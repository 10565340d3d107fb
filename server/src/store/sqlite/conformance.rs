//! The queue's conformance suite, on SQLite.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use orders::{OrderId, StockMove};
use queue::conformance::Harness;

use super::SqliteStore;
use super::tests::{Fixture, NOW, acceptance, event, mark_of, row};
use crate::store::change::Change;
use crate::store::{Commands as _, EventLog, Topic};

struct Sqlite {
    fixture: Fixture,
    seed: AtomicU8,
}

impl Sqlite {
    /// The second version of an order, marked in its event.
    async fn change(&self, mark: &str, from_version: u32) -> Change {
        let seed = self.seed.fetch_add(1, Ordering::SeqCst);
        let mut new = acceptance(&self.fixture.store, seed);
        let id = OrderId::new(NOW, [seed; 10]);
        // Its own job does not interfere with the jobs under test.
        new.job.queue = "elsewhere".into();
        self.fixture.store.accept(new).await.unwrap();
        Change {
            from_version,
            row: row(id, from_version + 1),
            events: vec![event(from_version + 1, mark)],
            mails: Vec::new(),
            stock: StockMove::None,
            computed_from: None,
            refusal: None,
        }
    }
}

impl Harness for Sqlite {
    type Store = SqliteStore;

    async fn start() -> Self {
        Self { fixture: Fixture::new().await, seed: AtomicU8::new(1) }
    }

    fn store(&self) -> Arc<SqliteStore> {
        self.fixture.store.clone()
    }

    async fn accepted_effect(&self, mark: &str) -> Change {
        self.change(mark, 1).await
    }

    async fn refused_effect(&self, mark: &str) -> Change {
        self.change(mark, 2).await
    }

    async fn marks(&self) -> Vec<String> {
        let log = self.fixture.store.events_after(Topic::Desk, 0, 1000).await.unwrap();
        log.iter().filter(|event| event.version > 1).map(mark_of).collect()
    }
}

queue::conformance!(Sqlite);

//! The queue's conformance suite, on PostgreSQL.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use ::orders::{OrderId, StockMove};
use ::queue::conformance::Harness;

use super::PostgresStore;
use super::testing::Server;
use crate::store::Commands as _;
use crate::store::change::Change;
use crate::store::sqlite::{NOW, event, new_acceptance, row};

struct Postgres {
    store: Arc<PostgresStore>,
    seed: AtomicU8,
}

impl Postgres {
    /// The second version of an order, marked in its event.
    async fn change(&self, mark: &str, from_version: u32) -> Change {
        let seed = self.seed.fetch_add(1, Ordering::SeqCst);
        let mut new = new_acceptance(u64::from(seed), seed);
        let id = OrderId::new(NOW, [seed; 10]);
        // Its own job does not interfere with the jobs under test.
        new.job.queue = "elsewhere".into();
        self.store.accept(new).await.unwrap();
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

impl Harness for Postgres {
    type Store = PostgresStore;

    async fn start() -> Self {
        let server = Server::shared();
        let config = server.config(&server.new_database().await);
        let store = PostgresStore::open(&config, Arc::default()).await.unwrap();
        Self { store, seed: AtomicU8::new(1) }
    }

    fn store(&self) -> Arc<PostgresStore> {
        self.store.clone()
    }

    async fn accepted_effect(&self, mark: &str) -> Change {
        self.change(mark, 1).await
    }

    async fn refused_effect(&self, mark: &str) -> Change {
        self.change(mark, 2).await
    }

    async fn marks(&self) -> Vec<String> {
        let data: Vec<String> =
            sqlx::query_scalar("SELECT data FROM order_events WHERE version > 1 ORDER BY seq")
                .fetch_all(&self.store.pool)
                .await
                .unwrap();
        let name = |data: &String| {
            let data: serde_json::Value = serde_json::from_str(data).unwrap();
            data["customer"]["name"].as_str().unwrap().to_owned()
        };
        data.iter().map(name).collect()
    }
}

queue::conformance!(Postgres);

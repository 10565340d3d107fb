//! Both databases have the same tables and columns.

use std::collections::{BTreeMap, BTreeSet};

use super::open;
use super::testing::Server;
use crate::store::sqlite::tables_of_a_new_file;

type Tables = BTreeMap<String, BTreeSet<String>>;

/// What only one of them has, and why.
const DIFFERENCES: [(&str, &[&str]); 4] = [
    // PostgreSQL never stored a secret.
    ("secrets", &["name", "value"]),
    // A finished job leaves the table that is claimed from.
    (
        "finished_jobs",
        &[
            "id",
            "queue",
            "kind",
            "exclusive_key",
            "payload",
            "state",
            "attempts",
            "max_attempts",
            "run_at",
            "created_at",
            "ended_at",
            "last_error",
            "fence",
            "fairness_key",
        ],
    ),
    // Counters are appended instead of changed in place, because a row that every transaction changes is waited for.
    ("order_counts", &["one", "through", "is_base"]),
    ("order_tallies", &["through"]),
];

#[tokio::test]
async fn both_databases_have_the_same_tables_and_columns() {
    let server = Server::shared();
    let pool = open(&server.config(&server.new_database().await)).await.unwrap();
    let columns: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    let mut postgres = Tables::new();
    for (table, column) in columns {
        postgres.entry(table).or_default().insert(column);
    }
    let mut sqlite = tables_of_a_new_file().await;
    assert!(postgres.len() > 10, "{postgres:?}");
    for (table, columns) in DIFFERENCES {
        for column in columns {
            let of =
                |tables: &mut Tables| tables.get_mut(table).is_some_and(|columns| columns.remove(*column));
            let (here, there) = (of(&mut postgres), of(&mut sqlite));
            assert!(here != there, "{table}.{column} is no difference");
        }
    }
    for tables in [&mut postgres, &mut sqlite] {
        tables.retain(|_, columns| !columns.is_empty());
    }
    assert_eq!(postgres, sqlite);
}

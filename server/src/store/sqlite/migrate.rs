//! Bringing the tables of a file to this version.
//!
//! A migration may rewrite every order in one transaction, which then is in the WAL beside the old tables. So the log says
//! what takes that long, and a disk that is too full is found before.

use std::path::Path;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::check::open_to_read;
use super::health::free_bytes;
use super::migrations::{MIGRATIONS, applied};
use super::wal_path::log_of;
use super::{OpenError, SqliteStore};

/// How many times the size of the file must be free: for the new tables, and for the WAL that they are written to first.
const SPACE: u64 = 2;

/// What a file of an earlier version lacks.
#[derive(Debug, PartialEq, Eq)]
struct Pending {
    migrations: usize,
    orders: u64,
}

impl SqliteStore {
    /// Whether [`SqliteStore::open`] would migrate the tables of an earlier version; a new file has none.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_outdated(path: &Path) -> Result<bool, OpenError> {
        Ok(pending_of(path)?.is_some())
    }
}

/// Creates the tables of a new file, or migrates those of an earlier version, on a connection with these options.
pub(super) async fn migrate(path: &Path, options: SqliteConnectOptions) -> Result<(), OpenError> {
    if let Some(Pending { migrations, orders }) = pending_of(path)? {
        let bytes = |file: &Path| file.metadata().map_or(0, |file| file.len());
        // Where the system does not tell the free space, the migration may still succeed.
        require_space(path, bytes(path) + bytes(&log_of(path)), free_bytes(path).unwrap_or(u64::MAX))?;
        tracing::info!(
            path = %path.display(),
            orders,
            migrations,
            "migrating the database to this version; with many orders this takes minutes"
        );
    }
    let options = options.create_if_missing(true).foreign_keys(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await;
    let pool = pool.map_err(|e| OpenError::File { path: path.to_owned(), reason: e.to_string() })?;
    let outcome = MIGRATIONS.run(&pool).await;
    pool.close().await;
    outcome.map_err(|e| OpenError::Migration(e.to_string()))
}

fn pending_of(path: &Path) -> Result<Option<Pending>, OpenError> {
    pending(path).map_err(|e| OpenError::File { path: path.to_owned(), reason: e.to_string() })
}

fn pending(path: &Path) -> rusqlite::Result<Option<Pending>> {
    if !path.is_file() {
        return Ok(None);
    }
    let connection = open_to_read(path)?;
    let applied = applied(&connection)?;
    let migrations = MIGRATIONS.iter().filter(|migration| !applied.contains(&migration.version)).count();
    if applied.is_empty() || migrations == 0 {
        return Ok(None);
    }
    let orders = if connection.table_exists(None, "orders")? {
        connection.query_row("SELECT count(*) FROM orders", [], |row| row.get(0))?
    } else {
        0
    };
    Ok(Some(Pending { migrations, orders }))
}

fn require_space(path: &Path, bytes: u64, free: u64) -> Result<(), OpenError> {
    let needed = bytes.saturating_mul(SPACE);
    if free >= needed {
        return Ok(());
    }
    Err(OpenError::Space { path: path.to_owned(), needed: needed.div_ceil(1 << 20), free: free >> 20 })
}

#[cfg(test)]
mod tests {
    use super::super::SqliteConfig;
    use super::super::migration_tests::outdated_database;
    use super::*;

    #[tokio::test]
    async fn a_file_of_an_earlier_version_is_outdated_until_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let config = SqliteConfig {
            path: folder.path().join("docket.db"),
            public_url: "https://shop.example".to_owned(),
        };
        assert!(!SqliteStore::is_outdated(&config.path).unwrap(), "it is not there yet");
        outdated_database(&config.path).await;
        let expected = Pending { migrations: 1, orders: 0 };
        assert_eq!(pending(&config.path), Ok(Some(expected)));
        let store = SqliteStore::open(&config, Box::new(drop)).await.unwrap();
        assert!(!SqliteStore::is_outdated(&config.path).unwrap(), "while it is served");
        crate::store::Health::close(&*store).await;
        assert!(!SqliteStore::is_outdated(&config.path).unwrap());
    }

    #[test]
    fn to_migrate_needs_twice_the_size_of_the_file() {
        let path = Path::new("data/docket.db");
        let gigabyte = 1 << 30;
        require_space(path, gigabyte, 2 * gigabyte).unwrap();
        let refused = require_space(path, gigabyte, 2 * gigabyte - 1).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "the database data/docket.db belongs to an earlier version, and to migrate it needs 2048 MB of free disk \
             space, of which there are 2047 MB"
        );
    }
}

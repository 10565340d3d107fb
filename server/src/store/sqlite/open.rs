//! Opening the file: settings, version, migrations, writer and readers.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use queue::Wakeup;
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use super::checkpoint::{BUSY_TIMEOUT, Checkpoints};
use super::migrate::migrate;
use super::open_order_cache::OpenOrderCache;
use super::replay_cache::ReplayCache;
use super::writer::Writer;
use super::{OpenError, SqliteStore};
use crate::metrics::Metrics;
use crate::platform::failpoint::{self, Bug};
use crate::platform::private_files;
use crate::store::OnCommit;

/// The settings of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteConfig {
    /// The database file; it and its folder are created if missing, readable only by their owner.
    pub path: PathBuf,
    /// The public base address, without a trailing slash; problem types are made from it.
    pub public_url: String,
}

/// 3.51.3, the first version without the WAL-reset fault.
const MIN_VERSION: i32 = 3_051_003;

impl SqliteStore {
    /// Opens the file, migrates it, and starts the writer. `on_commit` gets every committed event, in the order of
    /// the log.
    ///
    /// # Errors
    /// When the file cannot be used, SQLite is too old, the disk is too full to migrate, or a migration fails.
    pub async fn open(config: &SqliteConfig, on_commit: OnCommit) -> Result<Arc<Self>, OpenError> {
        Self::open_with_metrics(config, on_commit, Arc::default()).await
    }

    /// Opens the file as [`SqliteStore::open`] does, and counts what it does in these metrics.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub async fn open_with_metrics(
        config: &SqliteConfig,
        on_commit: OnCommit,
        metrics: Arc<Metrics>,
    ) -> Result<Arc<Self>, OpenError> {
        if rusqlite::version_number() < MIN_VERSION {
            return Err(OpenError::Version { found: rusqlite::version().to_owned() });
        }
        let path = &config.path;
        let file = |reason: String| OpenError::File { path: path.clone(), reason };
        // SQLite gives the WAL the mode of the database.
        private_files::create_missing(path).map_err(|e| file(e.to_string()))?;
        migrate(path, options(path)).await?;
        let (connection, last_sequence, last_count) =
            writer_connection(path).map_err(|e| file(e.to_string()))?;
        let (open_orders, wakeup) = (Arc::new(OpenOrderCache::new()), Wakeup::new());
        let checkpoint_connection = checkpoint_connection(path).map_err(|e| file(e.to_string()))?;
        let checkpoints = Checkpoints::new(checkpoint_connection, metrics.clone());
        let (kept, woken, counted) = (open_orders.clone(), wakeup.clone(), metrics.clone());
        let writer = Writer::start(connection, checkpoints, last_sequence, kept, woken, on_commit, counted)
            .map_err(|e| file(e.to_string()))?;
        let readers = readers(path).await.map_err(|e| file(e.to_string()))?;
        let (count, path) = (AtomicU64::new(last_count + 1), path.clone());
        let public_url = config.public_url.clone();
        Ok(Arc::new(Self {
            writer,
            readers,
            open_orders,
            replays: ReplayCache::new(),
            wakeup,
            count,
            path,
            public_url,
            metrics,
        }))
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
        .synchronous(sqlx::sqlite::SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
}

async fn readers(path: &Path) -> Result<sqlx::SqlitePool, sqlx::Error> {
    let options = options(path).pragma("query_only", "ON");
    SqlitePoolOptions::new().min_connections(1).max_connections(4).connect_with(options).await
}

/// Returns a connection that may write.
fn writable_connection(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // With NORMAL a power cut loses acknowledged commits; with FULL none.
    let synchronous = if failpoint::planted(Bug::DurabilityOff) { "OFF" } else { "FULL" };
    connection.pragma_update(None, "synchronous", synchronous)?;
    // Checkpoints are run explicitly, because SQLite's automatic ones do not report failures.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// Returns a connection for checkpoints beside the writer.
fn checkpoint_connection(path: &Path) -> rusqlite::Result<Connection> {
    let connection = writable_connection(path)?;
    // After a failure the file is left as it is for recovery.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    Ok(connection)
}

/// Returns the writer's connection, the last sequence of the log, and the last serial number.
fn writer_connection(path: &Path) -> rusqlite::Result<(Connection, u64, u64)> {
    let connection = writable_connection(path)?;
    // Programs such as `docket key create` may write beside a running server.
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // 16 MB. Each commit visits the whole cache, so a larger one costs more than the reads that it saves.
    connection.pragma_update(None, "cache_size", -16_384)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    let last = |sql: &str| connection.query_row(sql, [], |row| row.get(0));
    let last_sequence = last("SELECT coalesce(max(seq), 0) FROM order_events")?;
    let last_count = last("SELECT coalesce(max(count), 0) FROM orders")?;
    Ok((connection, last_sequence, last_count))
}

//! Connecting to the database, checking it, and migrating it.

use std::time::Duration;

use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection, Row as _};

use super::migrations::MIGRATIONS;
use super::open_error::OpenError;

/// The first version with what the store uses.
const MIN_VERSION: i32 = 150_000;
/// How long a start waits for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The settings of a session, whatever those of the server, the database or the user are.
///
/// A plan is made once for each statement, because arrays as parameters make new plans look cheaper than they are. A
/// plan made on an empty table stays until the next analysis, so sequential scans and hash joins are not an option
/// from the beginning.
const SESSION: &str = "
    SET synchronous_commit = on;
    SET default_transaction_isolation = 'read committed';
    SET statement_timeout = '10s';
    SET lock_timeout = '2s';
    SET idle_in_transaction_session_timeout = '5s';
    SET jit = off;
    SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off;
    SET enable_hashjoin = off;
    SET enable_mergejoin = off;
    SET timezone = 'UTC';
";

/// Where the database is.
#[derive(Debug, Clone)]
pub struct PostgresConfig {
    /// `postgres://user:password@host:port/database`, with `sslmode` and the other parameters of libpq.
    pub url: String,
    /// The largest number of connections.
    pub connections: u32,
    /// The name that the server shows of this process.
    pub name: String,
}

/// Connects to the database, makes sure that it keeps what it has committed, and migrates it.
///
/// # Errors
/// With one sentence about the cause.
pub async fn open(config: &PostgresConfig) -> Result<PgPool, OpenError> {
    let options: PgConnectOptions = config.url.parse().map_err(|error: sqlx::Error| address_error(&error))?;
    let options = options.application_name(&format!("docket:{}", config.name));
    // A connection of its own, closed at the end: its session holds the lock of the migrations.
    let connection = tokio::time::timeout(CONNECT_TIMEOUT, options.connect()).await;
    let connection = connection.unwrap_or_else(|_| Err(sqlx::Error::PoolTimedOut));
    let mut connection = connection.map_err(|error| connect_error(error, &options))?;
    check(&mut connection, &options).await?;
    migrate(&mut connection, &options).await?;
    connection.close().await?;
    let pool = PgPoolOptions::new()
        .max_connections(config.connections)
        .acquire_timeout(CONNECT_TIMEOUT)
        .after_connect(|connection, _| {
            Box::pin(async move {
                // Not as options of the connection, which a pooler may refuse.
                connection.execute(SESSION).await.map(drop)
            })
        });
    Ok(pool.connect_with(options).await?)
}

async fn check(connection: &mut PgConnection, options: &PgConnectOptions) -> Result<(), OpenError> {
    let row = sqlx::query(
        "SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS name, \
         pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS read_only, \
         current_setting('fsync')::bool AS fsync, current_setting('full_page_writes')::bool AS full_page_writes",
    )
    .fetch_one(connection)
    .await?;
    if row.try_get::<i32, _>("version")? < MIN_VERSION {
        return Err(OpenError::TooOld { found: row.try_get("name")? });
    }
    if row.try_get("read_only")? {
        return Err(OpenError::ReadOnly { at: place(options) });
    }
    for setting in ["fsync", "full_page_writes"] {
        if !row.try_get::<bool, _>(setting)? {
            return Err(OpenError::NotDurable { setting });
        }
    }
    Ok(())
}

/// Migrates the database; of several processes that start at once, one does, and the others wait for it.
async fn migrate(connection: &mut PgConnection, options: &PgConnectOptions) -> Result<(), OpenError> {
    // A migration waits for other sessions, not they for it.
    connection.execute("SET lock_timeout = '5s'; SET statement_timeout = 0").await?;
    MIGRATIONS.run_direct(None, connection, false).await.map_err(|error| match error {
        MigrateError::VersionMissing(version) => OpenError::Newer(version),
        MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _) => match code(&error) {
            Some("42501") => {
                OpenError::NoRight { user: options.get_username().to_owned(), reason: message(&error) }
            }
            _ => OpenError::Migration(MigrateError::Execute(error)),
        },
        error => OpenError::Migration(error),
    })
}

fn address_error(error: &sqlx::Error) -> OpenError {
    OpenError::Address(match error {
        sqlx::Error::Configuration(reason) => reason.to_string(),
        other => other.to_string(),
    })
}

fn connect_error(error: sqlx::Error, options: &PgConnectOptions) -> OpenError {
    let at = place(options);
    let user = || options.get_username().to_owned();
    match &error {
        sqlx::Error::Io(reason) => OpenError::Unreachable { at, reason: reason.to_string() },
        sqlx::Error::Tls(reason) => OpenError::Unreachable { at, reason: reason.to_string() },
        sqlx::Error::PoolTimedOut => {
            let reason = format!("no answer within {} seconds", CONNECT_TIMEOUT.as_secs());
            OpenError::Unreachable { at, reason }
        }
        sqlx::Error::Database(reason) => match reason.code().as_deref() {
            // invalid_password, invalid_authorization_specification
            Some("28P01" | "28000") => {
                OpenError::Refused { at, user: user(), reason: reason.message().to_owned() }
            }
            // invalid_catalog_name
            Some("3D000") => {
                let database = options.get_database().unwrap_or(options.get_username());
                OpenError::NoDatabase { at, database: database.to_owned() }
            }
            // cannot_connect_now, too_many_connections
            Some("57P03" | "53300") => OpenError::Unreachable { at, reason: reason.message().to_owned() },
            _ => OpenError::Database(error),
        },
        _ => OpenError::Database(error),
    }
}

fn code(error: &sqlx::Error) -> Option<&str> {
    match error {
        sqlx::Error::Database(reason) => reason
            .try_downcast_ref::<sqlx::postgres::PgDatabaseError>()
            .map(sqlx::postgres::PgDatabaseError::code),
        _ => None,
    }
}

fn message(error: &sqlx::Error) -> String {
    match error {
        sqlx::Error::Database(reason) => reason.message().to_owned(),
        other => other.to_string(),
    }
}

/// Returns host and port, or the folder of the socket; never the password.
fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

//! Verifies every invariant of a database that may be in use.
//!
//! Orders are read one by one, so the size of the file does not matter. Everything is read in one transaction, except
//! for SQLite's integrity check, which takes longest and runs before: the WAL cannot be checkpointed meanwhile.

mod check_order;
mod findings;

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use orders::facts::EventFacts;
use orders::{EventType, Order, OrderId, State, Timestamp};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row};

pub use self::findings::{Finding, Rule};

use self::check_order::{Kept, KeptEvent, LiveJob, NO_PUBLIC_URL};
use self::findings::Findings;
use super::checkpoint::BUSY_TIMEOUT;
use super::migrations::{MIGRATIONS, applied};
use super::stored_order::StoredOrder;
use super::wal_path::log_of;

/// The file cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// There is no database.
    #[error("There is no database at {}.", .0.display())]
    Missing(PathBuf),
    /// It is not a database, or cannot be read.
    #[error("{} cannot be read: {reason}.", .file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: rusqlite::Error,
    },
    /// It has another schema.
    #[error(
        "{} was left by another version of Docket: check it with that version, or start docket serve on it once.",
        .0.display()
    )]
    Version(PathBuf),
}

/// The summary of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckSummary {
    /// The number of orders in each state.
    pub orders: BTreeMap<&'static str, u64>,
    /// The number of quarantined jobs.
    pub quarantined: u64,
}

/// Checks a database, and passes each finding to `tell` as soon as it is made.
///
/// # Errors
/// When there is no readable database of this version.
pub fn check(path: &Path, mut tell: impl FnMut(Finding)) -> Result<CheckSummary, CheckError> {
    if !path.is_file() {
        return Err(CheckError::Missing(path.to_owned()));
    }
    let unreadable = |reason| CheckError::Unreadable { file: path.to_owned(), reason };
    let connection = open_to_read(path).map_err(unreadable)?;
    if !is_of_this_version(&connection).map_err(unreadable)? {
        return Err(CheckError::Version(path.to_owned()));
    }
    tell(soundness(&connection).map_err(unreadable)?);
    connection.execute_batch("BEGIN").map_err(unreadable)?;
    tell(references(&connection).map_err(unreadable)?);
    let (findings, summary) = orders(&connection).map_err(unreadable)?;
    findings.into_iter().for_each(&mut tell);
    tell(log(&connection).map_err(unreadable)?);
    tell(jobs(&connection).map_err(unreadable)?);
    tell(stock(&connection).map_err(unreadable)?);
    tell(counts(&connection, &summary).map_err(unreadable)?);
    connection.execute_batch("ROLLBACK").map_err(unreadable)?;
    Ok(summary)
}

/// Opens a file that may be in use, and leaves it unchanged.
pub(super) fn open_to_read(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    // The last connection of a file checkpoints it; recovery of a dead server's file is left to the next server.
    let in_use = log_of(path).metadata().is_ok_and(|log| log.len() > 0);
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, in_use)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    Ok(connection)
}

fn is_of_this_version(connection: &Connection) -> rusqlite::Result<bool> {
    Ok(applied(connection)? == MIGRATIONS.iter().map(|migration| migration.version).collect::<Vec<_>>())
}

fn soundness(connection: &Connection) -> rusqlite::Result<Finding> {
    let mut finding = Finding::of(Rule::Soundness);
    let mut said = connection.prepare("PRAGMA integrity_check(1000)")?;
    let mut said = said.query([])?;
    while let Some(row) = said.next()? {
        let said: String = row.get(0)?;
        if said != "ok" {
            finding.add(format!("the file: {said}"));
        }
    }
    finding.checked = connection.query_row("PRAGMA page_count", [], |row| row.get(0))?;
    Ok(finding)
}

fn references(connection: &Connection) -> rusqlite::Result<Finding> {
    let mut finding = Finding::of(Rule::References);
    let mut broken = connection.prepare("PRAGMA foreign_key_check")?;
    let mut broken = broken.query([])?;
    while let Some(row) = broken.next()? {
        let (table, parent): (String, String) = (row.get(0)?, row.get(2)?);
        finding.add(format!("{table}: a row refers to {parent}, where there is no such row"));
    }
    let mut stray = connection.prepare(
        "SELECT DISTINCT order_id FROM reservations WHERE order_id NOT IN (SELECT id FROM orders)",
    )?;
    let mut stray = stray.query([])?;
    while let Some(row) = stray.next()? {
        finding.add(format!("{}: stock is set aside for it, and there is no such order", order_id(row, 0)?));
    }
    finding.checked = connection.query_row("SELECT count(*) FROM reservations", [], |row| row.get(0))?;
    Ok(finding)
}

/// Checks every order with everything stored about it.
fn orders(connection: &Connection) -> rusqlite::Result<(Findings, CheckSummary)> {
    let mut findings = Findings::of_orders();
    let mut summary = CheckSummary::default();
    let quarantined = quarantined(connection)?;
    summary.quarantined = quarantined.values().map(|jobs| u64::from(*jobs)).sum();
    let mut all = connection.prepare(
        "SELECT count, id, owner, state, payment, version, created_at, updated_at, total, currency, delayed, \
         refused_by, mail_refused, details, progress FROM orders ORDER BY count",
    )?;
    let mut all = all.query([])?;
    while let Some(row) = all.next()? {
        let id = order_id(row, 1)?;
        let exclusive_key = id.to_string();
        let kept = Kept {
            id,
            version: row.get(5)?,
            refused_by: row.get(11)?,
            mail_refused: row.get(12)?,
            events: events(connection, id)?,
            reserved: reserved(connection, id)?,
            live_job: live_job(connection, &exclusive_key)?,
            in_quarantine: quarantined.contains_key(&exclusive_key),
        };
        if let Some(state) = kept.check_order(order(row)?, &mut findings) {
            *summary.orders.entry(state.as_str()).or_default() += 1;
        }
    }
    Ok((findings, summary))
}

/// Returns the order of a row, or why it cannot be read.
fn order(row: &Row<'_>) -> rusqlite::Result<Result<Order, String>> {
    let stored = StoredOrder {
        count: row.get(0)?,
        id: row.get(1)?,
        owner: row.get(2)?,
        state: row.get_ref(3)?.as_str()?,
        payment: row.get_ref(4)?.as_str()?,
        version: row.get(5)?,
        created_at: row.get(6)?,
        updated_at: row.get(7)?,
        total: row.get(8)?,
        currency: row.get_ref(9)?.as_str()?,
        delayed: row.get(10)?,
        details: row.get_ref(13)?.as_str()?,
        progress: row.get_ref(14)?.as_str()?,
    };
    Ok(stored.record(NO_PUBLIC_URL).map(|record| record.order))
}

/// Reads the events of an order, or returns why one cannot be read.
fn events(connection: &Connection, id: OrderId) -> rusqlite::Result<Vec<Result<KeptEvent, String>>> {
    let mut events = connection.prepare_cached(
        "SELECT version, kind, at, data FROM order_events WHERE order_id = ?1 ORDER BY version",
    )?;
    let events = events.query_map([id.to_bytes()], |row| {
        let (version, word): (u32, String) = (row.get(0)?, row.get(1)?);
        if EventType::from_word(&word).is_none() {
            return Ok(Err(format!("its event {version} is of no kind that there is, {word:?}")));
        }
        let at = Timestamp::from_millis(row.get(2)?);
        Ok(serde_json::from_str(&row.get::<_, String>(3)?)
            .map(|facts: EventFacts<'_>| KeptEvent { version, at, facts })
            .map_err(|error| format!("its event {version} cannot be read: {error}")))
    })?;
    events.collect()
}

fn reserved(connection: &Connection, id: OrderId) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut reserved =
        connection.prepare_cached("SELECT sku, quantity FROM reservations WHERE order_id = ?1")?;
    let reserved = reserved.query_map([id.to_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    reserved.collect()
}

fn live_job(connection: &Connection, exclusive_key: &str) -> rusqlite::Result<Option<LiveJob>> {
    connection
        .prepare_cached(
            "SELECT id, payload FROM jobs WHERE exclusive_key = ?1 AND state IN ('available', 'running')",
        )?
        .query_row([exclusive_key], |row| Ok(LiveJob { id: row.get(0)?, payload: row.get(1)? }))
        .optional()
}

/// Returns the exclusive keys with quarantined jobs and their number. There are few.
fn quarantined(connection: &Connection) -> rusqlite::Result<HashMap<String, u32>> {
    let mut jobs = connection.prepare(
        "SELECT coalesce(exclusive_key, 'job ' || id), count(*) FROM jobs WHERE state = 'quarantined' GROUP BY 1",
    )?;
    jobs.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn log(connection: &Connection) -> rusqlite::Result<Finding> {
    let mut finding = Finding::of(Rule::Log);
    let mut previous: Option<u64> = None;
    let mut events = connection.prepare("SELECT seq FROM order_events ORDER BY seq")?;
    let mut events = events.query([])?;
    while let Some(row) = events.next()? {
        let sequence: u64 = row.get(0)?;
        if let Some(previous) = previous
            && sequence != previous + 1
        {
            finding.add(format!("the log: nothing stands between {previous} and {sequence}"));
        }
        previous = Some(sequence);
        finding.checked += 1;
    }
    let mut stray = connection.prepare(
        "SELECT DISTINCT order_id FROM order_events WHERE order_id NOT IN (SELECT id FROM orders)",
    )?;
    let mut stray = stray.query([])?;
    while let Some(row) = stray.next()? {
        finding.add(format!("{}: the log tells of it, and there is no such order", order_id(row, 0)?));
    }
    Ok(finding)
}

fn jobs(connection: &Connection) -> rusqlite::Result<Finding> {
    let mut finding = Finding::of(Rule::Jobs);
    let mut jobs = connection.prepare(
        "SELECT id, payload, exclusive_key FROM jobs WHERE kind = 'order' AND state IN ('available', 'running', 'quarantined')",
    )?;
    let mut known = connection.prepare("SELECT 1 FROM orders WHERE id = ?1")?;
    let mut jobs = jobs.query([])?;
    while let Some(row) = jobs.next()? {
        let (id, payload, exclusive_key): (i64, String, Option<String>) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        finding.checked += 1;
        let order: Option<OrderId> = payload.parse().ok();
        if exclusive_key.as_ref() != Some(&payload) {
            finding.add(format!(
                "{payload}: its job {id} has the exclusive key {}",
                exclusive_key.unwrap_or_default()
            ));
        } else if !order.map(|order| known.exists([order.to_bytes()])).transpose()?.unwrap_or(false) {
            finding.add(format!("{payload}: the job {id} is for it, and there is no such order"));
        }
    }
    Ok(finding)
}

fn stock(connection: &Connection) -> rusqlite::Result<Finding> {
    let mut finding = Finding::of(Rule::Shelves);
    let mut products = connection.prepare("SELECT sku, stock FROM products")?;
    let mut products = products.query([])?;
    while let Some(row) = products.next()? {
        let (sku, stock): (String, i64) = (row.get(0)?, row.get(1)?);
        finding.checked += 1;
        if stock < 0 {
            finding.add(format!("{sku}: its stock is {stock}"));
        }
    }
    Ok(finding)
}

fn counts(connection: &Connection, summary: &CheckSummary) -> rusqlite::Result<Finding> {
    let mut finding = Finding::of(Rule::Counts);
    for state in State::ALL.map(State::as_str) {
        // The columns have the names of the states.
        let counted: i64 =
            connection.query_row(&format!("SELECT {state} FROM order_counts"), [], |row| row.get(0))?;
        let found = summary.orders.get(state).copied().unwrap_or(0);
        if u64::try_from(counted) != Ok(found) {
            finding.add(format!("{state}: {counted} orders are counted, and {found} are there"));
        }
        finding.checked += 1;
    }
    Ok(finding)
}

fn order_id(row: &Row<'_>, column: usize) -> rusqlite::Result<OrderId> {
    Ok(OrderId::from_bytes(row.get(column)?))
}

#[cfg(test)]
mod tests;

//! The tables of orders and events, as commands write them.

use ::orders::{OrderId, Owner, State};
use rusqlite::{OptionalExtension, params};

use super::transaction::SqliteTransaction;
use crate::store::StoredEvent;
use crate::store::acceptance::Acceptance;
use crate::store::change::{NewEvent, OrderRow};
use crate::store::transaction::EarlierUse;

/// Inserts an order, or returns the earlier use of its key.
pub(super) fn add(
    transaction: &SqliteTransaction<'_>,
    new: &Acceptance,
) -> rusqlite::Result<Option<EarlierUse>> {
    let row = &new.row;
    let inserted = transaction
        .prepare(
            "INSERT INTO orders (count, id, idempotency, fingerprint, owner, state, payment, version, created_at, \
             updated_at, total, currency, delayed, mail_refused, email, details, progress) \
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) \
             ON CONFLICT (idempotency) DO NOTHING",
        )?
        .execute(params![
            new.count,
            row.id.to_bytes(),
            new.idempotency,
            new.fingerprint,
            row.owner.map(|owner| owner.0),
            row.state.as_str(),
            row.payment,
            row.version,
            row.created_at.as_millis(),
            row.updated_at.as_millis(),
            row.total,
            row.currency,
            row.delayed,
            row.mail_refused,
            row.details.as_ref().map(|details| &details.email),
            row.details.as_ref().map(|details| &details.details),
            row.progress,
        ])?;
    if inserted == 1 {
        return Ok(None);
    }
    transaction
        .prepare("SELECT id, fingerprint FROM orders WHERE idempotency = ?1")?
        .query_row([&new.idempotency], |row| {
            Ok(Some(EarlierUse { order: OrderId::from_bytes(row.get(0)?), fingerprint: row.get(1)? }))
        })
}

/// Returns the version and the state of an order.
pub(super) fn version_and_state(
    transaction: &SqliteTransaction<'_>,
    order: OrderId,
) -> rusqlite::Result<Option<(u32, State)>> {
    transaction
        .prepare("SELECT version, state FROM orders WHERE id = ?1")?
        .query_row([order.to_bytes()], |row| {
            let word: String = row.get(1)?;
            Ok((row.get(0)?, State::from_word(&word).ok_or(rusqlite::Error::InvalidQuery)?))
        })
        .optional()
}

/// Updates an order.
pub(super) fn write(transaction: &SqliteTransaction<'_>, row: &OrderRow) -> rusqlite::Result<()> {
    let confirmed_at = (row.state == State::Confirmed).then_some(row.updated_at.as_millis());
    transaction
        .prepare(
            "UPDATE orders SET state = ?2, payment = ?3, version = ?4, updated_at = ?5, delayed = ?6, progress = ?7, \
             confirmed_at = coalesce(confirmed_at, ?8), refused_by = ?9, mail_refused = ?10 WHERE id = ?1",
        )?
        .execute(params![
            row.id.to_bytes(),
            row.state.as_str(),
            row.payment,
            row.version,
            row.updated_at.as_millis(),
            row.delayed,
            row.progress,
            confirmed_at,
            row.refused_by,
            row.mail_refused,
        ])?;
    if let Some(details) = &row.details {
        transaction.prepare("UPDATE orders SET email = ?2, details = ?3 WHERE id = ?1")?.execute(params![
            row.id.to_bytes(),
            details.email,
            details.details
        ])?;
    }
    Ok(())
}

/// Appends events to the log, to be published after the commit.
pub(super) fn append(
    transaction: &mut SqliteTransaction<'_>,
    order: OrderId,
    owner: Option<Owner>,
    events: &[NewEvent],
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare(
        "INSERT INTO order_events (seq, order_id, owner, version, kind, at, data) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for event in events {
        let sequence = transaction.next_sequence();
        insert.execute(params![
            sequence,
            order.to_bytes(),
            owner.map(|owner| owner.0),
            event.version,
            event.kind.as_str(),
            event.at.as_millis(),
            event.facts,
        ])?;
        transaction.after_commit.publish(StoredEvent {
            sequence,
            order,
            owner,
            kind: event.kind,
            version: event.version,
            at: event.at,
            data: event.data.clone(),
        });
    }
    Ok(())
}

//! Changing one order: first everything that could refuse the change is checked, then it is written.

use ::orders::{OrderId, Owner, State, StockMove};
use rusqlite::{OptionalExtension, params};

use super::transaction::Transaction;
use super::{Phase, SqliteStore, jobs};
use crate::platform::failpoint::{self, Point};
use crate::store::StoredEvent;
use crate::store::change::{Change, NewEvent, Refusal};
use crate::store::order_job::to_queue_time;
use queue::{JobId, Lease, NewJob, StoreError};

/// The result of a change outside of a job's settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// It is written.
    Done,
    /// Nothing was written; the order has changed.
    Refused(Refusal),
    /// Nothing was written; another worker has the job now.
    LeaseLost,
}

impl SqliteStore {
    /// Writes the start of an attempt under its lease, before any external call.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn begin(&self, lease: Lease, change: Change) -> Result<Changed, StoreError> {
        failpoint::reach(Point::BeforeBegin).await;
        let begun = self
            .write(Phase::Settle, move |transaction| {
                if !jobs::is_held(transaction, &lease)? {
                    return Ok(Changed::LeaseLost);
                }
                write_guarded(transaction, &change, None)
            })
            .await;
        failpoint::reach(Point::AfterBegin).await;
        begun
    }

    /// Writes a person's command on an order, and replaces its waiting or quarantined job.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn change(&self, change: Change, job: Option<NewJob>) -> Result<Changed, StoreError> {
        failpoint::reach(Point::BeforeChange).await;
        let changed = self
            .write(Phase::Settle, move |transaction| {
                let changed = write_guarded(transaction, &change, job.as_ref())?;
                if changed == Changed::Done {
                    discard_quarantined_jobs(transaction, &change)?;
                }
                Ok(changed)
            })
            .await;
        failpoint::reach(Point::AfterChange).await;
        changed
    }
}

/// Discards the quarantined job of an order that an operator has decided about.
pub(super) fn discard_quarantined_jobs(
    transaction: &mut Transaction<'_>,
    change: &Change,
) -> rusqlite::Result<()> {
    let quarantined: Vec<i64> = transaction
        .prepare("SELECT id FROM jobs WHERE exclusive_key = ?1 AND state = 'quarantined'")?
        .query_map([change.row.id.to_string()], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in quarantined {
        jobs::discard(transaction, JobId(id), to_queue_time(change.row.updated_at))?;
    }
    Ok(())
}

pub(super) fn write_guarded(
    transaction: &mut Transaction<'_>,
    change: &Change,
    job: Option<&NewJob>,
) -> rusqlite::Result<Changed> {
    let before = match judge(transaction, change)? {
        Ok(before) => before,
        Err(refusal) => return Ok(Changed::Refused(refusal)),
    };
    write(transaction, change, before)?;
    if let Some(job) = job {
        jobs::enqueue(transaction, job, change.row.updated_at.as_millis())?;
    }
    Ok(Changed::Done)
}

/// Returns the state of the order before the change, or why the change is refused. Writes nothing.
pub(super) fn judge(
    transaction: &mut Transaction<'_>,
    change: &Change,
) -> rusqlite::Result<Result<State, Refusal>> {
    let found: Option<(u32, String)> = transaction
        .prepare("SELECT version, state FROM orders WHERE id = ?1")?
        .query_row([change.row.id.to_bytes()], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let before = found
        .filter(|(version, _)| *version == change.from_version)
        .and_then(|(_, state)| State::from_word(&state));
    let Some(before) = before else { return Ok(Err(Refusal::Moved)) };
    if let StockMove::Reserve(lines) = &change.stock {
        let mut stock = transaction.prepare("SELECT stock FROM products WHERE sku = ?1")?;
        for (sku, quantity) in lines {
            let left: Option<u32> = stock.query_row([sku], |row| row.get(0)).optional()?;
            if left.unwrap_or(0) < *quantity {
                return Ok(Err(Refusal::SoldOut(sku.clone())));
            }
        }
    }
    Ok(Ok(before))
}

/// Writes a change that was checked.
pub(super) fn write(
    transaction: &mut Transaction<'_>,
    change: &Change,
    before: State,
) -> rusqlite::Result<()> {
    let row = &change.row;
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
    transaction.count(Some(before), row.state, row.updated_at);
    transaction.keep(&row.record);
    move_stock(transaction, row.id, &change.stock)?;
    for mail in &change.mails {
        jobs::enqueue(transaction, mail, row.updated_at.as_millis())?;
    }
    append(transaction, row.id, row.owner, &change.events)
}

fn move_stock(transaction: &mut Transaction<'_>, order: OrderId, stock: &StockMove) -> rusqlite::Result<()> {
    match stock {
        StockMove::None => Ok(()),
        StockMove::Reserve(lines) => {
            let mut take = transaction.prepare("UPDATE products SET stock = stock - ?2 WHERE sku = ?1")?;
            let mut hold = transaction
                .prepare("INSERT INTO reservations (order_id, sku, quantity) VALUES (?1, ?2, ?3)")?;
            for (sku, quantity) in lines {
                take.execute(params![sku, quantity])?;
                hold.execute(params![order.to_bytes(), sku, quantity])?;
            }
            Ok(())
        }
        StockMove::Release => {
            transaction
                .prepare(
                    "UPDATE products SET stock = stock + (SELECT quantity FROM reservations \
                     WHERE order_id = ?1 AND sku = products.sku) \
                     WHERE sku IN (SELECT sku FROM reservations WHERE order_id = ?1)",
                )?
                .execute([order.to_bytes()])?;
            transaction
                .prepare("DELETE FROM reservations WHERE order_id = ?1")?
                .execute([order.to_bytes()])?;
            Ok(())
        }
    }
}

/// Appends events to the log, to be published after the commit.
pub(super) fn append(
    transaction: &mut Transaction<'_>,
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
        transaction.tell(StoredEvent {
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

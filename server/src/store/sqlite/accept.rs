//! Accepting an order: the order, its event and its first job, or the earlier use of its key.

use ::orders::OrderId;
use rusqlite::params;

use super::transaction::Transaction;
use super::{Phase, SqliteStore, change, jobs};
use crate::platform::failpoint::{self, Bug, Point};
use crate::store::acceptance::{Accept, Acceptance};
use queue::StoreError;

impl SqliteStore {
    /// Stores an order with its first job and its event, durably, before it answers.
    ///
    /// # Errors
    /// `Overloaded` when too many commands wait; nothing was stored then. `CommitUnknown` when it may be stored: the
    /// same call with the same key tells.
    pub async fn accept(&self, mut acceptance: Acceptance) -> Result<Accept, StoreError> {
        if failpoint::planted(Bug::KeyDropped) {
            acceptance.idempotency = acceptance.row.id.to_bytes();
        }
        failpoint::reach(Point::BeforeAccept).await;
        let accepted =
            self.writer.try_call(Phase::Accept, move |transaction| accept(transaction, &acceptance)).await;
        failpoint::reach(Point::AfterAccept).await;
        accepted
    }

    /// Returns what the earlier use of a key means for a request with this fingerprint.
    pub(super) fn judge((id, kept): (OrderId, [u8; 16]), fingerprint: &[u8; 16]) -> Accept {
        if kept == *fingerprint { Accept::Replayed(id) } else { Accept::KeyReused }
    }
}

fn accept(transaction: &mut Transaction<'_>, new: &Acceptance) -> rusqlite::Result<Accept> {
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
    if inserted == 0 {
        return earlier_use(transaction, new);
    }
    transaction.count(None, row.state, row.created_at);
    transaction.keep(&row.record);
    change::append(transaction, row.id, row.owner, std::slice::from_ref(&new.event))?;
    jobs::enqueue(transaction, &new.job, row.created_at.as_millis())?;
    Ok(Accept::Stored)
}

fn earlier_use(transaction: &Transaction<'_>, new: &Acceptance) -> rusqlite::Result<Accept> {
    let found = transaction
        .prepare("SELECT id, fingerprint FROM orders WHERE idempotency = ?1")?
        .query_row([&new.idempotency], |row| Ok((OrderId::from_bytes(row.get(0)?), row.get(1)?)))?;
    Ok(SqliteStore::judge(found, &new.fingerprint))
}

//! Changing one order: first everything that could refuse the change is checked, then it is written.

use orders::desk::AuditEntry;
use orders::{State, StockMove};
use queue::{Lease, NewJob};

use super::jobs;
use crate::store::change::{Change, Refusal};
use crate::store::order_job::to_queue_time;
use crate::store::transaction::{Transaction, Written};

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

/// Writes the start of an attempt under its lease.
pub fn begin(transaction: &mut dyn Transaction, lease: &Lease, change: &Change) -> Written<Changed> {
    if !transaction.is_held(lease)? {
        return Ok(Changed::LeaseLost);
    }
    write_guarded(transaction, change, None)
}

/// Writes a person's command on an order, and replaces its waiting or quarantined job.
pub fn change(transaction: &mut dyn Transaction, change: &Change, job: Option<&NewJob>) -> Written<Changed> {
    let changed = write_guarded(transaction, change, job)?;
    if changed == Changed::Done {
        // The person has decided what a quarantined job waited for.
        let at = to_queue_time(change.row.updated_at);
        for id in transaction.quarantined_jobs(&change.row.id.to_string())? {
            transaction.discard_job(id, at)?;
        }
    }
    Ok(changed)
}

/// Replaces the private link of an order, with the audit entry of the operator, if any. The work on the order is not
/// affected: no job is added, and a quarantined one still waits for a person.
pub fn replace_link(
    transaction: &mut dyn Transaction,
    change: &Change,
    entry: Option<&AuditEntry>,
) -> Written<Changed> {
    let changed = write_guarded(transaction, change, None)?;
    if let (Changed::Done, Some(entry)) = (&changed, entry) {
        transaction.write_audit(entry)?;
    }
    Ok(changed)
}

/// Writes a change with the order's next job, if nothing refuses it.
pub(super) fn write_guarded(
    transaction: &mut dyn Transaction,
    change: &Change,
    job: Option<&NewJob>,
) -> Written<Changed> {
    let before = match judge(transaction, change)? {
        Ok(before) => before,
        Err(refusal) => return Ok(Changed::Refused(refusal)),
    };
    write(transaction, change, before)?;
    if let Some(job) = job {
        jobs::enqueue(transaction, job, to_queue_time(change.row.updated_at))?;
    }
    Ok(Changed::Done)
}

/// Returns the state of the order before the change, or why the change is refused. Writes nothing.
pub(super) fn judge(transaction: &mut dyn Transaction, change: &Change) -> Written<Result<State, Refusal>> {
    let found = transaction.version_and_state(change.row.id)?;
    let Some((_, before)) = found.filter(|(version, _)| *version == change.from_version) else {
        return Ok(Err(Refusal::Moved));
    };
    if let StockMove::Reserve(lines) = &change.stock {
        for (sku, quantity) in lines {
            if transaction.stock(sku)? < *quantity {
                return Ok(Err(Refusal::SoldOut(sku.clone())));
            }
        }
    }
    Ok(Ok(before))
}

/// Writes a change that was checked.
pub(super) fn write(transaction: &mut dyn Transaction, change: &Change, before: State) -> Written<()> {
    let row = &change.row;
    transaction.write_order(row)?;
    let after_commit = transaction.after_commit();
    after_commit.count(Some(before), row.state, row.updated_at);
    after_commit.cache(&row.record);
    match &change.stock {
        StockMove::None => {}
        StockMove::Reserve(lines) => transaction.reserve(row.id, lines)?,
        StockMove::Release => transaction.release(row.id)?,
    }
    for mail in &change.mails {
        jobs::enqueue(transaction, mail, to_queue_time(row.updated_at))?;
    }
    transaction.append(row.id, row.owner, &change.events)
}

//! Accepting an order: the order, its event and its first job, or the earlier use of its key.

use std::slice;

use super::jobs;
use crate::store::acceptance::{Accept, Acceptance};
use crate::store::order_job::to_queue_time;
use crate::store::transaction::{EarlierUse, Transaction, Written};

/// Stores a new order with its first event and its first job, unless its key was used before.
pub fn accept(transaction: &mut dyn Transaction, new: &Acceptance) -> Written<Accept> {
    let row = &new.row;
    if let Some(earlier) = transaction.add_order(new)? {
        return Ok(judge(&earlier, &new.fingerprint));
    }
    let after_commit = transaction.after_commit();
    after_commit.count(None, row.state, row.created_at);
    after_commit.cache(&row.record);
    transaction.append(row.id, row.owner, slice::from_ref(&new.event))?;
    jobs::enqueue(transaction, &new.job, to_queue_time(row.created_at))?;
    Ok(Accept::Stored)
}

/// Returns what the earlier use of a key means for a body with this fingerprint.
pub fn judge(earlier: &EarlierUse, fingerprint: &[u8; 16]) -> Accept {
    if earlier.fingerprint == *fingerprint { Accept::Replayed(earlier.order) } else { Accept::KeyReused }
}

//! Settling an attempt: the end of its job, the change of its order and the next job, in one transaction.

use queue::{Lease, NewJob, Outcome, Timestamp};

use super::{change, jobs};
use crate::store::change::{Change, Refusal};
use crate::store::transaction::{Transaction, Written};

/// The result of a settlement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled {
    /// It is written.
    Done,
    /// Nothing was written; another worker has the job now.
    LeaseLost,
    /// Nothing was written; the order has changed.
    Refused(Refusal),
}

/// Writes the outcome of an attempt under its lease.
pub fn settle(
    transaction: &mut dyn Transaction,
    lease: &Lease,
    outcome: &Outcome,
    effect: Option<&Change>,
    next: &[NewJob],
    now: Timestamp,
) -> Written<Settled> {
    if !transaction.is_held(lease)? {
        return Ok(Settled::LeaseLost);
    }
    let effect = match effect {
        Some(effect) => match change::judge(transaction, effect)? {
            Ok(before) => Some((effect, before)),
            Err(refusal) => return Ok(Settled::Refused(refusal)),
        },
        None => None,
    };
    jobs::end_attempt(transaction, lease.job, outcome, now)?;
    if let Some((effect, before)) = effect {
        change::write(transaction, effect, before)?;
    }
    for job in next {
        jobs::enqueue(transaction, job, now)?;
    }
    Ok(Settled::Done)
}

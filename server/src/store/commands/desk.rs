//! Operators' actions: each with its audit entry in one transaction.

use orders::State;
use orders::desk::{AuditEntry, Outcome};
use queue::{Intervention, JobId, JobState, NewJob, QueueName};

use super::change::{self, Changed};
use super::jobs;
use crate::store::change::Change;
use crate::store::order_job::{ORDER, order_of, to_queue_time};
use crate::store::transaction::{Transaction, Written};

/// The result of an operator's action on a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JobAct {
    /// Done.
    Done,
    /// The job does not exist.
    NotFound,
    /// The state of the job does not allow it.
    WrongState(JobState),
    /// Another job with its exclusive key is live.
    ExclusiveKeyTaken(JobId),
    /// Its order is in this state and could not leave it without the job.
    OrderNeedsIt(State),
    /// Nothing was written: its order has changed since the action was prepared.
    Moved,
}

impl From<Intervention> for JobAct {
    fn from(intervention: Intervention) -> Self {
        match intervention {
            Intervention::Done => Self::Done,
            Intervention::NotFound => Self::NotFound,
            Intervention::WrongState(state) => Self::WrongState(state),
            Intervention::ExclusiveKeyTaken(other) => Self::ExclusiveKeyTaken(other),
        }
    }
}

/// Writes an operator's command on an order, as [`change::change`] does, and its audit entry.
pub fn decide(
    transaction: &mut dyn Transaction,
    change: &Change,
    job: Option<&NewJob>,
    entry: &AuditEntry,
) -> Written<Changed> {
    let changed = change::change(transaction, change, job)?;
    if changed == Changed::Done {
        transaction.write_audit(entry)?;
    }
    Ok(changed)
}

/// Retries a quarantined job, with the change of its order.
pub fn retry_job(
    transaction: &mut dyn Transaction,
    id: JobId,
    change: Option<&Change>,
    entry: &AuditEntry,
) -> Written<JobAct> {
    let judged = match change {
        Some(change) => match change::judge(transaction, change)? {
            Ok(before) => Some((change, before)),
            Err(_) => return Ok(JobAct::Moved),
        },
        None => None,
    };
    let act = JobAct::from(jobs::retry(transaction, id, to_queue_time(entry.at))?);
    if let (JobAct::Done, Some((change, before))) = (act, judged) {
        change::write(transaction, change, before)?;
    }
    note(transaction, act, entry)
}

/// Discards a quarantined or waiting job, unless its order could not end without it.
pub fn discard_job(transaction: &mut dyn Transaction, id: JobId, entry: &AuditEntry) -> Written<JobAct> {
    let act = match needed_by_order(transaction, id)? {
        Some(state) => JobAct::OrderNeedsIt(state),
        None => jobs::discard(transaction, id, to_queue_time(entry.at))?.into(),
    };
    note(transaction, act, entry)
}

/// Pauses or resumes a queue.
pub fn set_queue_paused(
    transaction: &mut dyn Transaction,
    queue: &QueueName,
    paused: bool,
    entry: &AuditEntry,
) -> Written<()> {
    let changed = match paused {
        true => jobs::pause(transaction, queue, to_queue_time(entry.at))?,
        false => jobs::resume(transaction, queue)?,
    };
    let outcome = if changed { entry.outcome } else { Outcome::Unchanged };
    transaction.write_audit(&AuditEntry { outcome, ..entry.clone() })
}

/// Writes an audit entry with its result. Nothing is written about what does not exist.
fn note(transaction: &mut dyn Transaction, act: JobAct, entry: &AuditEntry) -> Written<JobAct> {
    let refusal = match act {
        JobAct::Done => None,
        JobAct::NotFound | JobAct::Moved => return Ok(act),
        JobAct::WrongState(state) => Some(format!("the job is {state}")),
        JobAct::ExclusiveKeyTaken(other) => Some(format!("job {other} of the same order is live")),
        JobAct::OrderNeedsIt(state) => Some(format!("its order is {}", state.as_str())),
    };
    match refusal {
        None => transaction.write_audit(entry)?,
        Some(detail) => {
            let refused = AuditEntry { outcome: Outcome::Refused, detail: Some(detail), ..entry.clone() };
            transaction.write_audit(&refused)?;
        }
    }
    Ok(act)
}

/// Returns the state of the order that could not end without this job, if any. An order in review waits for a person
/// anyway.
fn needed_by_order(transaction: &mut dyn Transaction, id: JobId) -> Written<Option<State>> {
    let Some(job) = transaction.job(id)?.filter(|job| job.kind == ORDER) else { return Ok(None) };
    let Some(order) = order_of(&job.payload) else { return Ok(None) };
    let state = transaction.version_and_state(order)?.map(|(_, state)| state);
    let needed = |state: &State| match job.state {
        JobState::Available => !state.is_final(),
        JobState::Quarantined => state.is_moving(),
        JobState::Running | JobState::Completed | JobState::Discarded => false,
    };
    Ok(state.filter(needed))
}

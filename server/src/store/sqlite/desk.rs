//! Operators' actions: each with its audit entry in one transaction.

use ::orders::desk::{AuditEntry, Outcome};
use ::orders::{OrderId, State};
use ::queue::{Intervention, JobId, JobState, NewJob, QueueName, StoreError};
use rusqlite::{OptionalExtension, Row, params};

use super::change::{Changed, discard_quarantined_jobs, judge, write, write_guarded};
use super::transaction::Transaction;
use super::{Phase, SqliteStore, audit, jobs, queues};
use crate::store::change::Change;
use crate::store::order_job::{ORDER, order_of, to_queue_time};

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

impl SqliteStore {
    /// Writes an operator's command on an order, as [`change`](Self::change) does, and its audit entry.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn decide(
        &self,
        change: Change,
        job: Option<NewJob>,
        entry: AuditEntry,
    ) -> Result<Changed, StoreError> {
        self.write(Phase::Settle, move |transaction| {
            let changed = write_guarded(transaction, &change, job.as_ref())?;
            if changed == Changed::Done {
                discard_quarantined_jobs(transaction, &change)?;
                audit::write(transaction, &entry)?;
            }
            Ok(changed)
        })
        .await
    }

    /// Retries a quarantined job, with the change of its order.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn retry_job(
        &self,
        id: JobId,
        change: Option<Change>,
        entry: AuditEntry,
    ) -> Result<JobAct, StoreError> {
        self.write(Phase::Settle, move |transaction| {
            let judged = match &change {
                Some(change) => match judge(transaction, change)? {
                    Ok(before) => Some((change, before)),
                    Err(_) => return Ok(JobAct::Moved),
                },
                None => None,
            };
            let act = JobAct::from(jobs::retry(transaction, id, to_queue_time(entry.at))?);
            if let (JobAct::Done, Some((change, before))) = (act, judged) {
                write(transaction, change, before)?;
            }
            note(transaction, act, &entry)
        })
        .await
    }

    /// Discards a quarantined or waiting job, unless its order could not end without it.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn discard_job(&self, id: JobId, entry: AuditEntry) -> Result<JobAct, StoreError> {
        self.write(Phase::Settle, move |transaction| {
            let act = match needed_by_order(transaction, id)? {
                Some(state) => JobAct::OrderNeedsIt(state),
                None => jobs::discard(transaction, id, to_queue_time(entry.at))?.into(),
            };
            note(transaction, act, &entry)
        })
        .await
    }

    /// Pauses or resumes a queue.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn set_queue_paused(
        &self,
        queue: QueueName,
        paused: bool,
        entry: AuditEntry,
    ) -> Result<(), StoreError> {
        self.write(Phase::Settle, move |transaction| {
            let changed = match paused {
                true => queues::pause(transaction, &queue, to_queue_time(entry.at))?,
                false => queues::resume(transaction, &queue)?,
            };
            let outcome = if changed { entry.outcome } else { Outcome::Unchanged };
            audit::write(transaction, &AuditEntry { outcome, ..entry.clone() })
        })
        .await
    }
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

/// Writes an audit entry with its result. Nothing is written about what does not exist.
fn note(transaction: &Transaction<'_>, act: JobAct, entry: &AuditEntry) -> rusqlite::Result<JobAct> {
    let refusal = match act {
        JobAct::Done => None,
        JobAct::NotFound | JobAct::Moved => return Ok(act),
        JobAct::WrongState(state) => Some(format!("the job is {state}")),
        JobAct::ExclusiveKeyTaken(other) => Some(format!("job {other} of the same order is live")),
        JobAct::OrderNeedsIt(state) => Some(format!("its order is {}", state.as_str())),
    };
    match refusal {
        None => audit::write(transaction, entry)?,
        Some(detail) => {
            let refused = AuditEntry { outcome: Outcome::Refused, detail: Some(detail), ..entry.clone() };
            audit::write(transaction, &refused)?;
        }
    }
    Ok(act)
}

/// Returns the state of the order that could not end without this job, if any. An order in review waits for a person
/// anyway.
fn needed_by_order(transaction: &Transaction<'_>, id: JobId) -> rusqlite::Result<Option<State>> {
    let found = transaction
        .prepare("SELECT state, payload FROM jobs WHERE id = ?1 AND kind = ?2")?
        .query_row(params![id.0, ORDER.as_str()], |row: &Row<'_>| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
        })
        .optional()?;
    let Some((word, payload)) = found else { return Ok(None) };
    let Some(order) = order_of(&payload) else { return Ok(None) };
    let state = state_of(transaction, order)?;
    let needed = |state: &State| match JobState::parse(&word) {
        Some(JobState::Available) => !state.is_final(),
        Some(JobState::Quarantined) => state.is_moving(),
        _ => false,
    };
    Ok(state.filter(needed))
}

fn state_of(transaction: &Transaction<'_>, order: OrderId) -> rusqlite::Result<Option<State>> {
    let word: Option<String> = transaction
        .prepare("SELECT state FROM orders WHERE id = ?1")?
        .query_row([order.to_bytes()], |row| row.get(0))
        .optional()?;
    Ok(word.and_then(|word| State::from_word(&word)))
}

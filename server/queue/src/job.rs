//! What is to be done, and what became of it.

use std::fmt;

use crate::clock::Timestamp;
use crate::name::{JobKind, QueueName};
use crate::state::JobState;

/// The number a store gave a job. Later jobs have higher numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub i64);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A job to be enqueued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// The queue whose workers take it.
    pub queue: QueueName,
    /// Which handler works it.
    pub kind: JobKind,
    /// At most one job of a exclusive key is live at any time, over all queues; jobs of one exclusive key never run side by
    /// side. `None` is in nobody's way.
    pub exclusive_key: Option<String>,
    /// Whose work it is, such as a customer's. Shares that have work waiting in a queue are served in turns, so that a
    /// thousand jobs of one do not keep the single job of another waiting. `None` is a fairness key of its own.
    pub fairness_key: Option<String>,
    /// What the handler needs to know; the queue never looks inside.
    pub payload: String,
    /// Not claimed before this moment.
    pub run_at: Timestamp,
    /// How many claims it may use up before it is buried; at least 1. It is stored with the job, so that a job
    /// which kills its worker is buried too. See [`Policy::max_attempts`](crate::Policy).
    pub max_attempts: u32,
}

/// A job as the store knows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Job {
    pub id: JobId,
    /// The queue whose workers take it.
    pub queue: QueueName,
    /// Which handler works it.
    pub kind: JobKind,
    /// See [`NewJob::exclusive_key`].
    pub exclusive_key: Option<String>,
    /// See [`NewJob::fairness_key`].
    pub fairness_key: Option<String>,
    /// See [`NewJob::payload`].
    pub payload: String,
    pub state: JobState,
    /// Claims so far, this one included while it runs. Deferring takes the claim back; moving the job by its
    /// exclusive key and an operator's retry begin again at zero. One more than allowed means that the job is claimed only
    /// to be buried ([`Handler::exhausted`](crate::Handler::exhausted)).
    pub attempts: u32,
    /// Claims allowed; see [`NewJob::max_attempts`].
    pub max_attempts: u32,
    /// Not claimed before this moment.
    pub run_at: Timestamp,
    /// When it was first enqueued.
    pub created_at: Timestamp,
    /// When it was completed, quarantined or discarded; `None` while it is live.
    pub ended_at: Option<Timestamp>,
    /// What the last failed attempt said, or why the job was last put off, also after a later attempt has succeeded.
    pub last_error: Option<String>,
}

impl Job {
    /// Whether no attempt is left after those counted so far.
    ///
    /// While the job runs: whether this is the last attempt, so that asking for a retry quarantines it.
    pub const fn attempts_are_spent(&self) -> bool {
        self.attempts >= self.max_attempts
    }
}

//! Jobs as operators see them.

use serde::{Deserialize, Serialize};

use crate::{OrderId, OrderNumber, Timestamp};

/// The state of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits for its time or for a worker.
    Available,
    /// A worker runs it.
    Running,
    /// It is done.
    Completed,
    /// Its attempts are exhausted; a person retries or discards it.
    Quarantined,
    /// An operator discarded it.
    Discarded,
}

/// One job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// Its number.
    pub id: i64,
    /// Its queue, named after the service that it calls.
    pub queue: String,
    /// Its kind.
    pub kind: String,
    /// Its state.
    pub state: JobState,
    /// The order that it works on, if any.
    pub order: Option<JobOrder>,
    /// How many attempts were started that neither finished nor were snoozed.
    pub attempts: u32,
    /// How many attempts it may have before it is quarantined.
    pub max_attempts: u32,
    /// The earliest time at which it runs.
    pub run_at: Timestamp,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was completed, quarantined or discarded.
    pub ended_at: Option<Timestamp>,
    /// The error of the last failed attempt.
    pub last_error: Option<String>,
}

/// The order that a job works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobOrder {
    /// Its id.
    pub id: OrderId,
    /// Its number, for people.
    pub number: OrderNumber,
}

/// Which jobs to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobQuery {
    /// Only jobs in this state.
    pub state: Option<JobState>,
    /// Only jobs of this queue.
    pub queue: Option<String>,
    /// The page size: 50 by default, at most 100.
    pub page_size: Option<u32>,
    /// The `next_page_token` of the previous page.
    pub page_token: Option<String>,
}

/// A page of jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPage {
    /// The jobs, newest first.
    pub jobs: Vec<JobView>,
    /// The token of the next page; none on the last.
    pub next_page_token: Option<String>,
}

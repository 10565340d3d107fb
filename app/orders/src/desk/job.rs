//! Jobs as operators see them.

use serde::{Deserialize, Serialize};

use crate::{OrderId, OrderNumber, Timestamp};

/// Where a job is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// It waits for its time or for a worker.
    Available,
    /// A worker has it.
    Running,
    /// It is done.
    Completed,
    /// It was given up; a person retries or discards it.
    Quarantined,
    /// An operator dropped it.
    Discarded,
}

/// A piece of work in the background.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    /// Its number.
    pub id: i64,
    /// The queue it waits in, which is named for the service it needs.
    pub queue: String,
    /// What sort of work it is.
    pub kind: String,
    /// Where it is in its life.
    pub state: JobState,
    /// The order it works, when it works one.
    pub order: Option<JobOrder>,
    /// How often it was begun and neither finished nor put off.
    pub attempts: u32,
    /// How often it may be begun before it is quarantined.
    pub max_attempts: u32,
    /// Not begun before.
    pub run_at: Timestamp,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was completed, quarantined or discarded.
    pub ended_at: Option<Timestamp>,
    /// What the last attempt that did not work said.
    pub last_error: Option<String>,
}

/// The order that a job works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobOrder {
    /// Its identity.
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
    /// How many at once; 50 without a word, at most 100.
    pub page_size: Option<u32>,
    /// Where the page before ended.
    pub page_token: Option<String>,
}

/// Some jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobPage {
    /// The jobs, newest first.
    pub jobs: Vec<JobView>,
    /// How to get the next page; none on the last.
    pub next_page_token: Option<String>,
}

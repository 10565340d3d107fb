//! Rows that commands need, as they were read.

use std::collections::HashMap;

use ::orders::{OrderId, State};
use ::queue::{JobId, JobState};

use crate::store::transaction::{EarlierUse, JobHead, LostJob, UncheckedOrder};

/// A row of jobs.
#[derive(Debug, Clone)]
pub(super) struct JobRow {
    pub(super) head: JobHead,
    pub(super) fence: i64,
}

/// Which rows to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Order([u8; 16]),
    Stock(String),
    Job(i64),
    LiveJob(String),
    QuarantinedJobs(String),
    LostJobs(Option<String>, i64),
    Queue(String),
    Report(String),
    UncheckedOrders(u32),
    JobIds,
}

/// Rows as they were read.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    pub(super) orders: HashMap<OrderId, Option<(u32, State)>>,
    pub(super) keys_used: HashMap<[u8; 16], EarlierUse>,
    pub(super) stock: HashMap<String, u32>,
    pub(super) jobs: HashMap<JobId, Option<JobRow>>,
    pub(super) live: HashMap<String, Option<(JobId, JobState)>>,
    pub(super) quarantined: HashMap<String, Vec<JobId>>,
    pub(super) lost: HashMap<(Option<String>, i64), Vec<LostJob>>,
    pub(super) paused: HashMap<String, bool>,
    pub(super) reports: HashMap<String, bool>,
    pub(super) unchecked: HashMap<u32, (u64, Vec<UncheckedOrder>)>,
}

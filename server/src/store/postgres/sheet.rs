//! The transaction of a batch, in memory.
//!
//! Commands decide here, from rows that were read before; what they write is collected, and written in one call of
//! `docket_commit_v1`, which compares the rows that were read. A command that needs a row that was not read yet stops
//! with [`WriteError::Missing`]; the row is read, and the batch begins again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use ::orders::{OrderId, Owner, State};
use ::queue::{JobId, JobState};
use serde_json::{Map, Value, json};

use super::batch::{event, hex};
use super::rows::{JobRow, Key, Rows};
use crate::store::StoredEvent;
use crate::store::after_commit::AfterCommit;
use crate::store::change::NewEvent;
use crate::store::transaction::{WriteError, Written};

/// The transaction of a batch.
#[derive(Debug)]
pub(super) struct Sheet<'r> {
    /// The rows as they were read.
    pub(super) read: &'r Rows,
    /// The rows as the commands of this batch have changed them.
    pub(super) rows: Rows,
    /// The rows from which the commands decided, to be compared by the call.
    pub(super) read_orders: BTreeMap<OrderId, u32>,
    pub(super) read_jobs: BTreeMap<JobId, (JobState, i64)>,
    pub(super) read_live: BTreeMap<String, Option<JobId>>,
    /// What has to be read before the batch can go on.
    pub(super) missing: BTreeSet<Key>,
    pub(super) job_ids: Vec<JobId>,
    /// How many of the ids are used.
    pub(super) job_ids_used: usize,
    pub(super) new_orders: Vec<Value>,
    pub(super) new_order_at: HashMap<OrderId, usize>,
    pub(super) orders: BTreeMap<OrderId, Map<String, Value>>,
    pub(super) added: Vec<Value>,
    pub(super) added_at: HashMap<JobId, usize>,
    pub(super) replaced: BTreeMap<JobId, Value>,
    pub(super) placed: Vec<JobId>,
    pub(super) lists: BTreeMap<&'static str, Vec<Value>>,
    pub(super) checked: Option<(u64, u64)>,
    pub(super) reports_kept_since: i64,
    /// The events, which get their sequences when they are written.
    pub(super) events: Vec<(OrderId, Option<Owner>, NewEvent)>,
    pub(super) after_commit: AfterCommit,
}

impl<'r> Sheet<'r> {
    /// Returns an empty sheet over these rows.
    pub(super) fn new(read: &'r Rows, job_ids: Vec<JobId>) -> Self {
        Self {
            read,
            rows: read.clone(),
            read_orders: BTreeMap::new(),
            read_jobs: BTreeMap::new(),
            read_live: BTreeMap::new(),
            missing: BTreeSet::new(),
            job_ids,
            job_ids_used: 0,
            new_orders: Vec::new(),
            new_order_at: HashMap::new(),
            orders: BTreeMap::new(),
            added: Vec::new(),
            added_at: HashMap::new(),
            replaced: BTreeMap::new(),
            placed: Vec::new(),
            lists: BTreeMap::new(),
            checked: None,
            reports_kept_since: 0,
            events: Vec::new(),
            after_commit: AfterCommit::default(),
        }
    }

    /// Returns all ids, because nothing was written.
    pub(super) fn into_job_ids(self) -> Vec<JobId> {
        self.job_ids
    }

    /// Returns the parameter of `docket_commit_v1`; none when there is nothing to write.
    pub(super) fn batch(&self) -> Option<Value> {
        let mut batch = Map::new();
        let mut list = |name: &str, values: Vec<Value>| {
            if !values.is_empty() {
                batch.insert(name.to_owned(), Value::Array(values));
            }
        };
        list("new_orders", self.new_orders.clone());
        list("orders", self.orders.values().cloned().map(Value::Object).collect());
        list("added", self.added.clone());
        list("replaced", self.replaced.values().cloned().collect());
        list("placed", self.placed.iter().map(|id| json!(id.0)).collect());
        for (name, values) in &self.lists {
            list(name, values.clone());
        }
        list("events", self.events.iter().map(event).collect());
        if let Some((from, through)) = self.checked {
            batch.insert("checked".to_owned(), json!(through));
            batch.insert("checked_from".to_owned(), json!(from));
        }
        if batch.is_empty() {
            return None;
        }
        let counts = self.after_commit.stats.state_changes();
        if !counts.is_empty() {
            let of_state = |(state, count): (State, i64)| (state.as_str().to_owned(), json!(count));
            batch.insert("counts".to_owned(), Value::Object(counts.into_iter().map(of_state).collect()));
        }
        let tallies = self.after_commit.stats.spans.iter().map(|(span, [accepted, confirmed, finished])| {
            json!({"span": span, "accepted": accepted, "confirmed": confirmed, "finished": finished})
        });
        let tallies: Vec<Value> = tallies.collect();
        if !tallies.is_empty() {
            batch.insert("tallies".to_owned(), Value::Array(tallies));
        }
        batch.insert("reports_kept_since".to_owned(), json!(self.reports_kept_since));
        let mut list = |name: &str, values: Vec<Value>| {
            if !values.is_empty() {
                batch.insert(name.to_owned(), Value::Array(values));
            }
        };
        let order = |(id, version): (&OrderId, &u32)| json!({"id": hex(&id.to_bytes()), "version": version});
        list("read_orders", self.read_orders.iter().map(order).collect());
        let job = |(id, (state, fence)): (&JobId, &(JobState, i64))| json!({"id": id.0, "state": state.as_str(), "fence": fence});
        list("read_jobs", self.read_jobs.iter().map(job).collect());
        let key = |(key, id): (&String, &Option<JobId>)| json!({"key": key, "id": id.map(|id| id.0)});
        list("read_keys", self.read_live.iter().map(key).collect());
        Some(Value::Object(batch))
    }

    /// Returns what is to be done after the commit, with the sequences of the events from `first` on; and the unused ids.
    pub(super) fn committed(mut self, first: u64) -> (AfterCommit, Vec<JobId>) {
        for (sequence, (order, owner, event)) in (first..).zip(self.events) {
            self.after_commit.publish(StoredEvent {
                sequence,
                order,
                owner,
                kind: event.kind,
                version: event.version,
                at: event.at,
                data: event.data,
            });
        }
        (self.after_commit, self.job_ids.split_off(self.job_ids_used))
    }

    pub(super) fn missing<T>(&mut self, key: Key) -> Written<T> {
        self.missing.insert(key);
        Err(WriteError::Missing)
    }

    pub(super) fn push(&mut self, list: &'static str, value: Value) {
        self.lists.entry(list).or_default().push(value);
    }

    /// Returns a job as it is at this point of the batch.
    pub(super) fn job_row(&mut self, id: JobId) -> Written<Option<JobRow>> {
        let Some(row) = self.rows.jobs.get(&id).cloned() else { return self.missing(Key::Job(id.0)) };
        // A finished job does not change any more.
        let is_finished = |row: &JobRow| matches!(row.head.state, JobState::Completed | JobState::Discarded);
        if let Some(Some(read)) = self.read.jobs.get(&id)
            && !is_finished(read)
        {
            self.read_jobs.insert(id, (read.head.state, read.fence));
        }
        Ok(row)
    }

    pub(super) fn set_job(&mut self, id: JobId, change: impl FnOnce(&mut JobRow)) {
        let Some(Some(row)) = self.rows.jobs.get_mut(&id) else { return };
        change(row);
        let (key, state) = (row.head.exclusive_key.clone(), row.head.state);
        if let Some(key) = key {
            let is_live = matches!(state, JobState::Available | JobState::Running);
            let live = self.rows.live.get(&key).copied().flatten();
            if is_live {
                self.rows.live.insert(key.clone(), Some((id, state)));
            } else if live.is_some_and(|(live, _)| live == id) {
                self.rows.live.insert(key.clone(), None);
            }
            if let Some(quarantined) = self.rows.quarantined.get_mut(&key) {
                quarantined.retain(|known| *known != id);
                if state == JobState::Quarantined {
                    quarantined.push(id);
                }
            }
        }
    }
}

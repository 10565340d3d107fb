//! All jobs and queues, and what is done to several of them at once.

use std::collections::BTreeMap;

use super::row::Row;
use crate::clock::Timestamp;
use crate::job::{Job, JobId, NewJob};
use crate::lease::{Lease, Leased};
use crate::name::QueueName;
use crate::state::JobState;
use crate::store::{Claim, Enqueued, QueueStatus};

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Jobs {
    last_id: i64,
    pub(super) rows: BTreeMap<JobId, Row>,
    /// The queues that were ever paused or claimed from.
    lines: BTreeMap<QueueName, Line>,
}

/// A queue apart from its jobs.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Line {
    paused: bool,
}

impl Jobs {
    pub(super) fn of(&self, queue: &QueueName) -> impl Iterator<Item = &Job> {
        self.rows.values().map(|row| &row.job).filter(move |job| job.queue == *queue)
    }

    pub(super) fn live_with(&self, exclusive_key: Option<&str>) -> Option<JobId> {
        let exclusive_key = exclusive_key?;
        let mut jobs = self.rows.values().map(|row| &row.job);
        jobs.find(|job| job.state.is_live() && job.exclusive_key.as_deref() == Some(exclusive_key))
            .map(|job| job.id)
    }

    pub(super) fn held_mut(&mut self, lease: &Lease) -> Option<&mut Row> {
        let row = self.rows.get_mut(&lease.job)?;
        (row.job.state == JobState::Running && row.fence == lease.fence).then_some(row)
    }

    pub(super) fn enqueue(&mut self, new: NewJob, now: Timestamp) -> Enqueued {
        let live = self.live_with(new.exclusive_key.as_deref());
        let enqueued = if let Some(row) = live.and_then(|id| self.rows.get_mut(&id)) {
            row.replace(new)
        } else {
            self.last_id += 1;
            let id = JobId(self.last_id);
            self.rows.insert(id, Row::new(id, new, now));
            Enqueued::Added(id)
        };
        if let Enqueued::Added(id) | Enqueued::Moved(id) = enqueued {
            self.place(id, now);
        }
        enqueued
    }

    /// Gives a job its place if it is due: one more than the last of its fairness key that waits, or else than the job that
    /// was claimed last.
    fn place(&mut self, id: JobId, now: Timestamp) {
        let Some(job) = self.rows.get(&id).map(|row| &row.job) else { return };
        if job.state != JobState::Available || job.run_at > now {
            return;
        }
        let fairness_key = |row: &&Row| {
            row.job.queue == job.queue
                && job.fairness_key.is_some()
                && row.job.fairness_key == job.fairness_key
        };
        let last = self.rows.values().filter(fairness_key).filter_map(|row| row.place).max();
        if let Some(row) = self.rows.get_mut(&id) {
            row.place = Some(last.unwrap_or(0) + 1);
        }
    }

    pub(super) fn claim(&mut self, claim: &Claim) -> Vec<Leased> {
        if self.is_paused(&claim.queue) {
            return Vec::new();
        }
        for id in self.waiting(&claim.queue, |run_at| run_at <= claim.now) {
            self.place(id, claim.now);
        }
        let rows = self.rows.values().filter(|row| row.job.queue == claim.queue);
        let mut due: Vec<_> = rows.filter_map(|row| Some((row.place?, row.job.run_at, row.job.id))).collect();
        due.sort_unstable();
        due.truncate(claim.limit as usize);
        let leased = due.iter().filter_map(|(_, _, id)| Some(self.rows.get_mut(id)?.lease(claim))).collect();
        if let Some((reached, ..)) = due.last() {
            self.lines.entry(claim.queue.clone()).or_default();
            let left = self.rows.values_mut().filter(|row| row.job.queue == claim.queue);
            left.filter_map(|row| row.place.as_mut()).for_each(|place| *place -= reached);
        }
        leased
    }

    /// The available jobs without a place that are due at such a time, the earliest first.
    fn waiting(&self, queue: &QueueName, due: impl Fn(Timestamp) -> bool) -> Vec<JobId> {
        let rows = self.rows.values().filter(|row| row.place.is_none());
        let jobs = rows.map(|row| &row.job).filter(|job| job.queue == *queue && due(job.run_at));
        let available = jobs.filter(|job| job.state == JobState::Available);
        let mut waiting: Vec<_> = available.map(|job| (job.run_at, job.id)).collect();
        waiting.sort_unstable();
        waiting.into_iter().map(|(_, id)| id).collect()
    }

    pub(super) fn take_back(&mut self, now: Timestamp, dead: impl Fn(&Row) -> bool) -> u64 {
        let running = self.rows.values_mut().filter(|row| row.job.state == JobState::Running);
        let mut rescued = 0;
        for row in running.filter(|row| dead(row)) {
            row.take_back(now);
            rescued += 1;
        }
        rescued
    }

    pub(super) fn bring_forward(&mut self, queue: &QueueName, now: Timestamp, limit: u32) -> u64 {
        let mut waiting = self.waiting(queue, |run_at| run_at > now);
        waiting.truncate(limit as usize);
        for id in &waiting {
            if let Some(row) = self.rows.get_mut(id) {
                row.wait_until(now);
            }
        }
        waiting.len() as u64
    }

    pub(super) fn pause(&mut self, queue: &QueueName) -> bool {
        !std::mem::replace(&mut self.lines.entry(queue.clone()).or_default().paused, true)
    }

    pub(super) fn resume(&mut self, queue: &QueueName) -> bool {
        self.lines.get_mut(queue).is_some_and(|line| std::mem::replace(&mut line.paused, false))
    }

    fn is_paused(&self, queue: &QueueName) -> bool {
        self.lines.get(queue).is_some_and(|line| line.paused)
    }

    pub(super) fn next_due(&self, queue: &QueueName) -> Option<Timestamp> {
        if self.is_paused(queue) {
            return None;
        }
        let available = self.of(queue).filter(|job| job.state == JobState::Available);
        available.map(|job| job.run_at).min()
    }

    pub(super) fn queues(&self, now: Timestamp) -> Vec<QueueStatus> {
        let named = |name: &QueueName| (name.clone(), QueueStatus::empty(name.clone()));
        let mut queues: BTreeMap<_, _> = self.lines.keys().map(named).collect();
        for (name, line) in &self.lines {
            queues.entry(name.clone()).and_modify(|status| status.paused = line.paused);
        }
        for job in self.rows.values().map(|row| &row.job).filter(|job| !job.state.is_finished()) {
            let (name, status) = named(&job.queue);
            let status = queues.entry(name).or_insert(status);
            match job.state {
                JobState::Available if job.run_at <= now => {
                    status.due += 1;
                    let oldest = status.oldest_due.get_or_insert(job.run_at);
                    *oldest = job.run_at.min(*oldest);
                }
                JobState::Available => status.scheduled += 1,
                JobState::Running => status.running += 1,
                JobState::Quarantined => status.quarantined += 1,
                JobState::Completed | JobState::Discarded => {}
            }
        }
        queues.into_values().collect()
    }
}

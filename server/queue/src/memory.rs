//! The reference store: the rules of [`Store`], said as plainly as possible, and gone with the process.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::job::{Job, JobId, NewJob};
use crate::lease::{Fence, Lease, Leased, WorkerId};
use crate::name::QueueName;
use crate::state::JobState;
use crate::store::{
    Claim, Counts, Enqueued, Intervention, JobFilter, Outcome, Settled, Settlement, Store, StoreError,
};

/// Jobs in memory, for tests and as the model of what a store does. One lock is one transaction.
pub struct MemoryStore<E> {
    jobs: Mutex<Jobs>,
    apply: Box<dyn Fn(&E) -> bool + Send + Sync>,
}

/// What a [`MemoryStore`] holds at one moment, to be compared, kept, and gone on from: a model checker explores the
/// rules by standing at one moment again and again and going on in every possible way.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct MemorySnapshot(Jobs);

impl<E> MemoryStore<E> {
    /// An empty store. `apply` writes an effect, or refuses it by returning false and writing nothing.
    pub fn new(apply: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self {
        Self::resume(MemorySnapshot::default(), apply)
    }

    /// A store that goes on from what another one held.
    pub fn resume(from: MemorySnapshot, apply: impl Fn(&E) -> bool + Send + Sync + 'static) -> Self {
        Self { jobs: Mutex::new(from.0), apply: Box::new(apply) }
    }

    /// Everything it holds now.
    pub fn snapshot(&self) -> MemorySnapshot {
        MemorySnapshot(self.jobs().clone())
    }

    fn jobs(&self) -> MutexGuard<'_, Jobs> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<E> fmt::Debug for MemoryStore<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemoryStore").field(&self.jobs().rows).finish()
    }
}

impl<E: Send + 'static> Store for MemoryStore<E> {
    type Effect = E;

    async fn enqueue(&self, new: Vec<NewJob>, now: Timestamp) -> Result<Vec<Enqueued>, StoreError> {
        let mut jobs = self.jobs();
        Ok(new.into_iter().map(|new| jobs.enqueue(new, now)).collect())
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Leased>, StoreError> {
        Ok(self.jobs().claim(&claim))
    }

    async fn heartbeat(
        &self,
        leases: &[Lease],
        now: Timestamp,
        lease_for: Duration,
    ) -> Result<Vec<Lease>, StoreError> {
        let mut jobs = self.jobs();
        let mut renewed = Vec::new();
        for lease in leases {
            if let Some(row) = jobs.held_mut(lease) {
                row.expires_at = now + lease_for;
                renewed.push(Lease { expires_at: row.expires_at, ..*lease });
            }
        }
        Ok(renewed)
    }

    async fn settle(&self, settlement: Settlement<E>) -> Result<Settled<E>, StoreError> {
        let Settlement { lease, now, outcome, effect, next } = settlement;
        let mut jobs = self.jobs();
        let Some(row) = jobs.held_mut(&lease) else {
            return Ok(Settled::LeaseLost);
        };
        if let Some(effect) = effect
            && !(self.apply)(&effect)
        {
            return Ok(Settled::Refused(effect));
        }
        row.settle(outcome, now);
        for new in next {
            jobs.enqueue(new, now);
        }
        Ok(Settled::Done)
    }

    async fn rescue(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.jobs().take_back(now, |row| row.expires_at <= now))
    }

    async fn rescue_worker(&self, worker: &WorkerId, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.jobs().take_back(now, |row| row.worker.as_ref() == Some(worker)))
    }

    async fn next_due(&self, queue: &QueueName) -> Result<Option<Timestamp>, StoreError> {
        let jobs = self.jobs();
        let available = jobs.of(queue).filter(|job| job.state == JobState::Available);
        Ok(available.map(|job| job.run_at).min())
    }

    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        Ok(self.jobs().rows.get(&id).map(|row| row.job.clone()))
    }

    async fn list(&self, filter: JobFilter) -> Result<Vec<Job>, StoreError> {
        let jobs = self.jobs();
        let matches = |job: &&Job| {
            filter.before.is_none_or(|before| job.id < before)
                && filter.state.is_none_or(|state| job.state == state)
                && filter.queue.as_ref().is_none_or(|queue| job.queue == *queue)
        };
        let newest_first = jobs.rows.values().rev().map(|row| &row.job);
        Ok(newest_first.filter(matches).take(filter.limit as usize).cloned().collect())
    }

    async fn retry(&self, id: JobId, now: Timestamp) -> Result<Intervention, StoreError> {
        let mut jobs = self.jobs();
        let Some(job) = jobs.rows.get(&id).map(|row| &row.job) else {
            return Ok(Intervention::NotFound);
        };
        if job.state != JobState::Quarantined {
            return Ok(Intervention::WrongState(job.state));
        }
        if let Some(other) = jobs.live_in(job.lane.as_deref()) {
            return Ok(Intervention::LaneTaken(other));
        }
        if let Some(row) = jobs.rows.get_mut(&id) {
            row.job.attempts = 0;
            row.wait_until(now);
        }
        Ok(Intervention::Done)
    }

    async fn discard(&self, id: JobId, now: Timestamp) -> Result<Intervention, StoreError> {
        let mut jobs = self.jobs();
        let Some(row) = jobs.rows.get_mut(&id) else {
            return Ok(Intervention::NotFound);
        };
        match row.job.state {
            JobState::Available | JobState::Quarantined => {
                row.end(JobState::Discarded, now);
                Ok(Intervention::Done)
            }
            state => Ok(Intervention::WrongState(state)),
        }
    }

    async fn prune(&self, finished_before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut jobs = self.jobs();
        let finished = |job: &Job| {
            job.state.is_finished() && job.ended_at.is_some_and(|ended_at| ended_at < finished_before)
        };
        let old = jobs.rows.values().map(|row| &row.job).filter(|job| finished(job)).map(|job| job.id);
        let old: Vec<JobId> = old.take(limit as usize).collect();
        for id in &old {
            jobs.rows.remove(id);
        }
        Ok(old.len() as u64)
    }

    async fn counts(&self, queue: &QueueName) -> Result<Counts, StoreError> {
        let mut counts = Counts::default();
        for job in self.jobs().of(queue) {
            *match job.state {
                JobState::Available => &mut counts.available,
                JobState::Running => &mut counts.running,
                JobState::Completed => &mut counts.completed,
                JobState::Quarantined => &mut counts.quarantined,
                JobState::Discarded => &mut counts.discarded,
            } += 1;
        }
        Ok(counts)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
struct Jobs {
    last_id: i64,
    rows: BTreeMap<JobId, Row>,
}

impl Jobs {
    fn of(&self, queue: &QueueName) -> impl Iterator<Item = &Job> {
        self.rows.values().map(|row| &row.job).filter(move |job| job.queue == *queue)
    }

    fn live_in(&self, lane: Option<&str>) -> Option<JobId> {
        let lane = lane?;
        let mut jobs = self.rows.values().map(|row| &row.job);
        jobs.find(|job| job.state.is_live() && job.lane.as_deref() == Some(lane)).map(|job| job.id)
    }

    fn held_mut(&mut self, lease: &Lease) -> Option<&mut Row> {
        let row = self.rows.get_mut(&lease.job)?;
        (row.job.state == JobState::Running && row.fence == lease.fence).then_some(row)
    }

    fn enqueue(&mut self, new: NewJob, now: Timestamp) -> Enqueued {
        let live = self.live_in(new.lane.as_deref());
        if let Some(row) = live.and_then(|id| self.rows.get_mut(&id)) {
            return row.replace(new);
        }
        self.last_id += 1;
        let id = JobId(self.last_id);
        self.rows.insert(id, Row::new(id, new, now));
        Enqueued::Added(id)
    }

    fn claim(&mut self, claim: &Claim) -> Vec<Leased> {
        let due = |job: &&Job| job.state == JobState::Available && job.run_at <= claim.now;
        let mut due: Vec<_> = self.of(&claim.queue).filter(due).map(|job| (job.run_at, job.id)).collect();
        due.sort_unstable();
        due.truncate(claim.limit as usize);
        due.iter().filter_map(|(_, id)| Some(self.rows.get_mut(id)?.lease(claim))).collect()
    }

    fn take_back(&mut self, now: Timestamp, dead: impl Fn(&Row) -> bool) -> u64 {
        let running = self.rows.values_mut().filter(|row| row.job.state == JobState::Running);
        let mut rescued = 0;
        for row in running.filter(|row| dead(row)) {
            row.take_back(now);
            rescued += 1;
        }
        rescued
    }
}

/// A job with its last claim.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Row {
    job: Job,
    /// Rises with every claim and is never set back.
    fence: Fence,
    worker: Option<WorkerId>,
    expires_at: Timestamp,
}

impl Row {
    fn new(id: JobId, new: NewJob, now: Timestamp) -> Self {
        let NewJob { queue, kind, lane, payload, run_at, max_attempts } = new;
        let job = Job {
            id,
            queue,
            kind,
            lane,
            payload,
            state: JobState::Available,
            attempts: 0,
            max_attempts,
            run_at,
            created_at: now,
            ended_at: None,
            last_error: None,
        };
        Self { job, fence: Fence(0), worker: None, expires_at: now }
    }

    fn replace(&mut self, new: NewJob) -> Enqueued {
        let job = &mut self.job;
        if job.state == JobState::Running {
            return Enqueued::Dropped(job.id);
        }
        let NewJob { queue, kind, lane, payload, run_at, max_attempts } = new;
        (job.queue, job.kind, job.lane, job.payload) = (queue, kind, lane, payload);
        (job.run_at, job.max_attempts, job.attempts, job.last_error) = (run_at, max_attempts, 0, None);
        Enqueued::Moved(job.id)
    }

    fn lease(&mut self, claim: &Claim) -> Leased {
        self.job.state = JobState::Running;
        self.job.attempts += 1;
        self.fence.0 += 1;
        self.worker = Some(claim.worker.clone());
        self.expires_at = claim.now + claim.lease_for;
        let lease = Lease { job: self.job.id, fence: self.fence, expires_at: self.expires_at };
        Leased { job: self.job.clone(), lease }
    }

    fn settle(&mut self, outcome: Outcome, now: Timestamp) {
        match outcome {
            Outcome::Completed => self.end(JobState::Completed, now),
            Outcome::RetryAt { run_at, error } => {
                self.job.last_error = Some(error);
                if self.job.attempts_are_spent() {
                    self.end(JobState::Quarantined, now);
                } else {
                    self.wait_until(run_at);
                }
            }
            Outcome::Defer { run_at } => {
                self.job.attempts -= 1;
                self.wait_until(run_at);
            }
            Outcome::Quarantined { error } => {
                self.job.last_error = Some(error);
                self.end(JobState::Quarantined, now);
            }
        }
    }

    fn take_back(&mut self, now: Timestamp) {
        if self.job.attempts_are_spent() {
            self.job.last_error = Some("the worker was lost in the last attempt".to_owned());
            self.end(JobState::Quarantined, now);
        } else {
            self.wait_until(self.job.run_at);
        }
    }

    fn wait_until(&mut self, run_at: Timestamp) {
        self.job.state = JobState::Available;
        self.job.run_at = run_at;
        self.job.ended_at = None;
        self.worker = None;
    }

    fn end(&mut self, state: JobState, now: Timestamp) {
        self.job.state = state;
        self.job.ended_at = Some(now);
        self.worker = None;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::conformance::Harness;

    struct InMemory {
        store: Arc<MemoryStore<Mark>>,
        marks: Arc<Mutex<Vec<String>>>,
    }

    struct Mark {
        text: String,
        accepted: bool,
    }

    impl Harness for InMemory {
        type Store = MemoryStore<Mark>;

        async fn start() -> Self {
            let marks = Arc::new(Mutex::new(Vec::new()));
            let written = marks.clone();
            let apply = move |mark: &Mark| {
                if mark.accepted {
                    written.lock().unwrap().push(mark.text.clone());
                }
                mark.accepted
            };
            Self { store: Arc::new(MemoryStore::new(apply)), marks }
        }

        fn store(&self) -> Arc<MemoryStore<Mark>> {
            self.store.clone()
        }

        async fn accepted_effect(&self, mark: &str) -> Mark {
            Mark { text: mark.to_owned(), accepted: true }
        }

        async fn refused_effect(&self, mark: &str) -> Mark {
            Mark { text: mark.to_owned(), accepted: false }
        }

        async fn marks(&self) -> Vec<String> {
            self.marks.lock().unwrap().clone()
        }
    }

    crate::conformance!(InMemory);
}

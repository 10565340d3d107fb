//! The reference store: the rules of [`Store`], said as plainly as possible, and gone with the process.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::job::{Job, JobId, NewJob};
use crate::lease::{Lease, Leased, WorkerId};
use crate::name::QueueName;
use crate::state::JobState;
use crate::store::{
    Claim, Enqueued, Intervention, JobFilter, QueueStatus, Settled, Settlement, Store, StoreError,
};

use super::jobs::Jobs;
use crate::wakeup::{Hint, Wakeup};

/// Jobs in memory, for tests and as the model of what a store does. One lock is one transaction.
pub struct MemoryStore<E> {
    jobs: Mutex<Jobs>,
    apply: Box<dyn Fn(&E) -> bool + Send + Sync>,
    wakeup: Wakeup,
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
        Self { jobs: Mutex::new(from.0), apply: Box::new(apply), wakeup: Wakeup::new() }
    }

    /// Tells on this board what there is to do.
    #[must_use]
    pub fn telling(self, wakeup: Wakeup) -> Self {
        Self { wakeup, ..self }
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
        let told: Vec<_> = new.iter().map(|new| (new.queue.clone(), Hint::due(new.run_at, now))).collect();
        let enqueued = new.into_iter().map(|new| jobs.enqueue(new, now)).collect();
        drop(jobs);
        told.iter().for_each(|(queue, hint)| self.wakeup.tell(queue, *hint));
        Ok(enqueued)
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
        let again = row.job.state == JobState::Available;
        let mut told: Vec<_> =
            next.iter().map(|new| (new.queue.clone(), Hint::due(new.run_at, now))).collect();
        told.extend(again.then(|| (row.job.queue.clone(), Hint::due(row.job.run_at, now))));
        for new in next {
            jobs.enqueue(new, now);
        }
        drop(jobs);
        told.iter().for_each(|(queue, hint)| self.wakeup.tell(queue, *hint));
        Ok(Settled::Done)
    }

    async fn rescue(&self, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.jobs().take_back(now, |row| row.expires_at <= now))
    }

    async fn rescue_worker(&self, worker: &WorkerId, now: Timestamp) -> Result<u64, StoreError> {
        Ok(self.jobs().take_back(now, |row| row.worker.as_ref() == Some(worker)))
    }

    async fn next_due(&self, queue: &QueueName) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.jobs().next_due(queue))
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
        if let Some(other) = jobs.live_with(job.exclusive_key.as_deref()) {
            return Ok(Intervention::ExclusiveKeyTaken(other));
        }
        if let Some(row) = jobs.rows.get_mut(&id) {
            row.job.attempts = 0;
            row.wait_until(now);
            self.wakeup.notify(&row.job.queue);
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

    async fn bring_forward(&self, queue: &QueueName, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let brought = self.jobs().bring_forward(queue, now, limit);
        self.wakeup.notify(queue);
        Ok(brought)
    }

    async fn pause(&self, queue: &QueueName, _now: Timestamp) -> Result<bool, StoreError> {
        Ok(self.jobs().pause(queue))
    }

    async fn resume(&self, queue: &QueueName, _now: Timestamp) -> Result<bool, StoreError> {
        let changed = self.jobs().resume(queue);
        self.wakeup.notify(queue);
        Ok(changed)
    }

    async fn queues(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError> {
        Ok(self.jobs().queues(now))
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

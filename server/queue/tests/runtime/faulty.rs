//! The reference store, with faults on demand.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::BoxFuture;
use queue::{
    Claim, Enqueued, Intervention, Job, JobFilter, JobId, Lease, Leased, MemoryStore, NewJob, QueueName,
    QueueStatus, Settled, Settlement, Store, StoreError, Timestamp, Wakeup, WorkerId,
};

/// A business change: it leaves its text, or is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    Accepted(&'static str),
    Refused(&'static str),
}

pub struct FaultyStore {
    inner: MemoryStore<Mark>,
    down: AtomicBool,
    /// How many claims were asked for, successful or not.
    pub claims: AtomicU32,
    /// How often the next due date was asked for.
    pub reads: AtomicU32,
    /// Happens once, within the next call of `next_due`, after the store has looked.
    pub after_next_due: Mutex<Option<BoxFuture<'static, ()>>>,
}

impl FaultyStore {
    /// A store that adds the marks it accepts to `marks`.
    pub fn new(marks: Arc<Mutex<Vec<&'static str>>>, wakeup: Wakeup) -> Self {
        let apply = move |mark: &Mark| match mark {
            Mark::Accepted(text) => {
                marks.lock().unwrap().push(text);
                true
            }
            Mark::Refused(_) => false,
        };
        Self {
            inner: MemoryStore::new(apply).telling(wakeup),
            down: AtomicBool::new(false),
            claims: AtomicU32::new(0),
            reads: AtomicU32::new(0),
            after_next_due: Mutex::new(None),
        }
    }

    /// Cuts the store off, or connects it again.
    pub fn set_down(&self, down: bool) {
        self.down.store(down, Ordering::SeqCst);
    }

    fn up(&self) -> Result<&MemoryStore<Mark>, StoreError> {
        match self.down.load(Ordering::SeqCst) {
            true => Err(StoreError::Unavailable("unplugged".to_owned())),
            false => Ok(&self.inner),
        }
    }
}

impl Store for FaultyStore {
    type Effect = Mark;

    async fn enqueue(&self, jobs: Vec<NewJob>, now: Timestamp) -> Result<Vec<Enqueued>, StoreError> {
        self.up()?.enqueue(jobs, now).await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Leased>, StoreError> {
        self.claims.fetch_add(1, Ordering::SeqCst);
        self.up()?.claim(claim).await
    }

    async fn heartbeat(
        &self,
        leases: &[Lease],
        now: Timestamp,
        lease_for: Duration,
    ) -> Result<Vec<Lease>, StoreError> {
        self.up()?.heartbeat(leases, now, lease_for).await
    }

    async fn settle(&self, settlement: Settlement<Mark>) -> Result<Settled<Mark>, StoreError> {
        self.up()?.settle(settlement).await
    }

    async fn rescue(&self, now: Timestamp) -> Result<u64, StoreError> {
        self.up()?.rescue(now).await
    }

    async fn rescue_worker(&self, worker: &WorkerId, now: Timestamp) -> Result<u64, StoreError> {
        self.up()?.rescue_worker(worker, now).await
    }

    async fn next_due(&self, queue: &QueueName) -> Result<Option<Timestamp>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let due = self.up()?.next_due(queue).await;
        let after = self.after_next_due.lock().unwrap().take();
        if let Some(after) = after {
            after.await;
        }
        due
    }

    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        self.up()?.get(id).await
    }

    async fn list(&self, filter: JobFilter) -> Result<Vec<Job>, StoreError> {
        self.up()?.list(filter).await
    }

    async fn retry(&self, id: JobId, now: Timestamp) -> Result<Intervention, StoreError> {
        self.up()?.retry(id, now).await
    }

    async fn discard(&self, id: JobId, now: Timestamp) -> Result<Intervention, StoreError> {
        self.up()?.discard(id, now).await
    }

    async fn prune(&self, finished_before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.up()?.prune(finished_before, limit).await
    }

    async fn bring_forward(&self, queue: &QueueName, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.up()?.bring_forward(queue, now, limit).await
    }

    async fn pause(&self, queue: &QueueName, now: Timestamp) -> Result<bool, StoreError> {
        self.up()?.pause(queue, now).await
    }

    async fn resume(&self, queue: &QueueName, now: Timestamp) -> Result<bool, StoreError> {
        self.up()?.resume(queue, now).await
    }

    async fn queues(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError> {
        self.up()?.queues(now).await
    }
}

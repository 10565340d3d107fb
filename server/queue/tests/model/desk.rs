//! One state: the store, the order, two workers and what is on its way between them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use queue::{
    Fence, JobFilter, JobId, JobKind, JobState, Lease, MemorySnapshot, MemoryStore, NewJob, QueueName, Store,
    StoreError, Timestamp, WorkerId,
};

use crate::ledger::{Effect, Ledger};

pub const QUEUE: QueueName = QueueName::new("payment");
/// A moment of the model is a millisecond; nothing depends on how long that is.
pub const LEASE_FOR: Duration = Duration::from_millis(2);
/// As in [`queue::WorkerConfig::trusted_for`]: shorter than the lease.
pub const TRUSTED_FOR: i64 = 1;
/// How long a handler that says "not now" puts its job off.
pub const PUT_OFF: Duration = Duration::from_millis(1);
pub const MAX_ATTEMPTS: u32 = 2;
pub const WORKERS: usize = 2;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Desk {
    /// What the monotonic clocks of the workers have counted.
    pub elapsed: i64,
    /// How far the wall clock has jumped ahead of them.
    pub jumped: i64,
    pub jobs: MemorySnapshot,
    pub ledger: Ledger,
    pub workers: [Worker; WORKERS],
    /// Settlements that were sent and have not reached the store. They may, whatever has become of their sender.
    pub on_their_way: BTreeMap<(JobId, Fence), Sent>,
    pub crashes: u8,
    pub second_chances: u8,
}

/// A worker's process, as far as the store can tell: see `queue::attempt` and `queue::heartbeat`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Worker {
    /// It was killed.
    Down,
    Idle,
    /// A handler works. It may do so for ever, or be stopped in the middle and go on much later.
    Working(Held),
    /// The result was sent, no answer has come.
    Settling(Held),
}

impl Worker {
    pub const fn holds_something(&self) -> bool {
        matches!(self, Self::Working(_) | Self::Settling(_))
    }
}

/// A claim in the eyes of its worker.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Held {
    pub lease: Lease,
    pub step: usize,
    pub attempts: u32,
    /// By its own monotonic clock.
    pub trusted_until: i64,
}

impl Held {
    /// More attempts were counted than there are: the handler is not called, the job is put aside.
    pub const fn is_exhausted(&self) -> bool {
        self.attempts > MAX_ATTEMPTS
    }
}

/// A settlement on its way to the store.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sent {
    pub lease: Lease,
    pub step: usize,
    pub verdict: Verdict,
    /// The order that the handler had before it.
    pub edits: u8,
}

/// What a handler came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    Done,
    TryAgain,
    NotNow,
    PutAside,
}

impl Desk {
    /// An order was accepted and its first job enqueued; two workers have started.
    pub fn open() -> Self {
        let mut desk = Self {
            elapsed: 0,
            jumped: 0,
            jobs: MemorySnapshot::default(),
            ledger: Ledger::default(),
            workers: [Worker::Idle, Worker::Idle],
            on_their_way: BTreeMap::new(),
            crashes: 0,
            second_chances: 0,
        };
        desk.enqueue(job_of(0, desk.now()));
        desk
    }

    /// What the wall clock shows.
    pub fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.elapsed + self.jumped)
    }

    /// Does one thing with the real store.
    pub fn ask<R, F>(&mut self, call: impl FnOnce(Arc<MemoryStore<Effect>>) -> F) -> R
    where
        F: Future<Output = Result<R, StoreError>>,
    {
        let ledger = Arc::new(Mutex::new(std::mem::take(&mut self.ledger)));
        let written = ledger.clone();
        let apply = move |effect: &Effect| written.lock().unwrap().apply(effect);
        let store = Arc::new(MemoryStore::resume(std::mem::take(&mut self.jobs), apply));
        let answer = call(store.clone()).now_or_never().expect("the reference store never waits").unwrap();
        self.jobs = store.snapshot();
        self.ledger = ledger.lock().unwrap().clone();
        answer
    }

    /// Brings what the onlooker knows up to date with what can be read, and forgets what is done, as the pruner does.
    pub fn look_again(&mut self) {
        let every = JobFilter { state: None, queue: None, before: None, limit: u32::MAX };
        let never = Timestamp::from_millis(i64::MAX);
        let jobs = self.ask(async |store| {
            store.prune(never, u32::MAX).await?;
            store.list(every).await
        });
        let known = std::mem::take(&mut self.ledger.live);
        for job in jobs.iter().filter(|job| job.state.is_live()) {
            let mut seen = known.get(&job.id).copied().unwrap_or_default();
            seen.holder = seen.holder.filter(|_| job.state == JobState::Running);
            self.ledger.live.insert(job.id, seen);
        }
        let aside = jobs.iter().find(|job| job.state == JobState::Quarantined);
        self.ledger.aside = aside.map(|job| job.id);
    }

    /// Enqueues a job from outside of any settlement.
    pub fn enqueue(&mut self, job: NewJob) {
        let now = self.now();
        self.ask(async |store| store.enqueue(vec![job], now).await);
        self.look_again();
        // A job that waited was moved, and begins anew.
        for seen in self.ledger.live.values_mut().filter(|seen| seen.holder.is_none()) {
            seen.calls = 0;
        }
    }

    /// Whether nothing is to be done before a person comes: the order is done, or was put where it is seen.
    pub fn is_settled(&self) -> bool {
        let Ledger { live, aside, .. } = &self.ledger;
        live.is_empty() && (self.ledger.next_step().is_none() || aside.is_some())
    }
}

/// The job that does a step of the order.
pub fn job_of(step: usize, run_at: Timestamp) -> NewJob {
    NewJob {
        queue: QUEUE,
        kind: JobKind::new("work_order"),
        exclusive_key: Some("order-1".to_owned()),
        fairness_key: None,
        payload: step.to_string(),
        run_at,
        max_attempts: MAX_ATTEMPTS,
    }
}

pub fn name(worker: usize) -> WorkerId {
    WorkerId::from(["left", "right"][worker])
}

//! A store, a clock that runs with the paused timers, and handlers made of closures.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use queue::{
    Backoff, Enqueued, Failure, Handler, Job, JobId, JobKind, JobState, Leased, NewJob, Policy, QueueName,
    Registry, Runtime, RuntimeClock, SeededRandom, Store, Timestamp, Verdict, Wakeup, Worker, WorkerConfig,
    WorkerId,
};

use crate::faulty::{FaultyStore, Mark};

pub const START: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub const QUEUE: QueueName = QueueName::new("payment");
pub const KIND: JobKind = JobKind::new("charge");
pub const POLICY: Policy = Policy {
    max_attempts: 3,
    time_limit: Duration::from_secs(60),
    backoff: Backoff { base: Duration::from_secs(2), cap: Duration::from_secs(60) },
};

pub fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub struct Bench {
    pub runtime: Runtime<FaultyStore>,
    marks: Arc<Mutex<Vec<&'static str>>>,
}

impl Bench {
    /// With one handler, for [`KIND`].
    pub fn new(handler: impl Handler<Mark> + 'static) -> Self {
        let marks = Arc::new(Mutex::new(Vec::new()));
        let wakeup = Wakeup::new();
        let runtime = Runtime {
            store: Arc::new(FaultyStore::new(marks.clone(), wakeup.clone())),
            registry: Arc::new(Registry::new().with(KIND, handler)),
            clock: Arc::new(RuntimeClock::starting_at(START)),
            random: Arc::new(SeededRandom::new(42)),
            wakeup,
        };
        Self { runtime, marks }
    }

    /// With a store that tells nobody here what there is to do.
    pub fn deaf(handler: impl Handler<Mark> + 'static) -> Self {
        let bench = Self::new(handler);
        Self { runtime: Runtime { wakeup: Wakeup::new(), ..bench.runtime }, ..bench }
    }

    pub fn store(&self) -> &FaultyStore {
        &self.runtime.store
    }

    pub fn config(&self) -> WorkerConfig {
        WorkerConfig::new(QUEUE, WorkerId::from("bench"))
    }

    pub fn worker(&self) -> Worker<FaultyStore> {
        Worker::new(self.runtime.clone(), self.config())
    }

    pub fn now(&self) -> Timestamp {
        self.runtime.clock.now()
    }

    pub async fn add(&self, new: NewJob) -> JobId {
        match self.store().enqueue(vec![new], self.now()).await.unwrap()[0] {
            Enqueued::Added(id) => id,
            other => panic!("the job was to be added, not {other:?}"),
        }
    }

    pub async fn find(&self, id: JobId) -> Job {
        self.store().get(id).await.unwrap().unwrap()
    }

    pub async fn state(&self, id: JobId) -> JobState {
        self.find(id).await.state
    }

    /// The business changes written so far.
    pub fn marks(&self) -> Vec<&'static str> {
        self.marks.lock().unwrap().clone()
    }
}

/// A job that is due from the start.
pub fn job(payload: &str) -> NewJob {
    NewJob {
        queue: QUEUE,
        kind: KIND,
        exclusive_key: None,
        fairness_key: None,
        payload: payload.to_owned(),
        run_at: START,
        max_attempts: POLICY.max_attempts,
    }
}

/// Handles by a closure.
pub struct Does<F>(pub F);

impl<F, R> Handler<Mark> for Does<F>
where
    F: Fn(Leased) -> R + Send + Sync,
    R: Future<Output = Verdict<Mark>> + Send + 'static,
{
    fn handle<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<Mark>> {
        (self.0)(leased.clone()).boxed()
    }

    fn policy(&self) -> Policy {
        POLICY
    }
}

/// A closure that has its hands full for ever, and counts how often it began and was dropped.
#[derive(Clone, Default)]
pub struct Hangs {
    pub begun: Arc<AtomicUsize>,
    pub dropped: Arc<AtomicUsize>,
}

impl Handler<Mark> for Hangs {
    fn handle<'a>(&'a self, _: &'a Leased) -> BoxFuture<'a, Verdict<Mark>> {
        struct OnDrop(Arc<AtomicUsize>);
        impl Drop for OnDrop {
            fn drop(&mut self) {
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        self.begun.fetch_add(1, Ordering::SeqCst);
        let on_drop = OnDrop(self.dropped.clone());
        async move {
            let _on_drop = on_drop;
            std::future::pending().await
        }
        .boxed()
    }

    fn policy(&self) -> Policy {
        POLICY
    }
}

/// Handles by one closure and revises by another.
pub struct Revises<H, R> {
    pub handle: H,
    pub revise: R,
}

impl<H, R> Handler<Mark> for Revises<H, R>
where
    H: Fn() -> Verdict<Mark> + Send + Sync,
    R: Fn(Mark) -> Verdict<Mark> + Send + Sync,
{
    fn handle<'a>(&'a self, _: &'a Leased) -> BoxFuture<'a, Verdict<Mark>> {
        async { (self.handle)() }.boxed()
    }

    fn revise<'a>(&'a self, _: &'a Leased, refused: Mark) -> BoxFuture<'a, Verdict<Mark>> {
        async { (self.revise)(refused) }.boxed()
    }
}

/// Panics, and then decides by a closure.
pub struct Recovers<F>(pub F);

impl<F> Handler<Mark> for Recovers<F>
where
    F: Fn(Failure) -> Verdict<Mark> + Send + Sync,
{
    fn handle<'a>(&'a self, _: &'a Leased) -> BoxFuture<'a, Verdict<Mark>> {
        panic!("out of paper")
    }

    fn failed<'a>(&'a self, _: &'a Leased, failure: Failure) -> BoxFuture<'a, Verdict<Mark>> {
        async { (self.0)(failure) }.boxed()
    }
}

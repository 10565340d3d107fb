//! Claims jobs of one queue and works them.

use std::sync::Arc;

use futures::future::join_all;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::attempt::{Attempt, Attempted};
use crate::config::WorkerConfig;
use crate::heartbeat::Heartbeat;
use crate::rate::Bucket;
use crate::runtime::Runtime;
use crate::store::{Claim, Store, StoreError};

/// Works one queue, a [`tick`](Self::tick) at a time; a [`Runner`](crate::Runner) keeps it going.
pub struct Worker<S: Store> {
    pub(crate) runtime: Runtime<S>,
    pub(crate) config: WorkerConfig,
    pub(crate) heartbeat: Heartbeat<S>,
    hand_back: watch::Sender<bool>,
    bucket: Option<Bucket>,
}

impl<S: Store> Worker<S> {
    /// A worker that has claimed nothing yet.
    pub fn new(runtime: Runtime<S>, config: WorkerConfig) -> Self {
        let heartbeat = Heartbeat::new(&runtime, &config);
        let bucket = config.rate.map(|rate| Bucket::new(rate, Instant::now()));
        Self { runtime, config, heartbeat, hand_back: watch::Sender::new(false), bucket }
    }

    /// Claims what is due, as much as the worker does at a time and its rate allows, works it, and returns when all of
    /// it is settled: what became of each job, in the order of the claim. Nothing when nothing was due.
    ///
    /// For tests and for programs that bring their own loop. Everything happens inside this future.
    ///
    /// # Errors
    ///
    /// When the store did not let it claim. Then nothing was worked.
    pub async fn tick(&self) -> Result<Vec<Attempted>, StoreError> {
        let attempts = self.claim(self.allowed(self.config.concurrency)).await?;
        tokio::select! {
            // A heartbeat that is due comes before anything else.
            biased;
            never = self.heartbeat.run() => match never {},
            attempted = join_all(attempts.into_iter().map(Attempt::run)) => Ok(attempted),
        }
    }

    /// How many of so many jobs may begin now.
    pub(crate) fn allowed(&self, jobs: usize) -> usize {
        self.bucket.as_ref().map_or(jobs, |bucket| jobs.min(bucket.tokens(Instant::now()) as usize))
    }

    /// When it is worth asking again after [`allowed`](Self::allowed) has said no.
    pub(crate) fn allowed_at(&self) -> Instant {
        self.bucket.as_ref().map_or_else(Instant::now, Bucket::half_full_at)
    }

    /// Claims at most so many jobs. From here on their leases are renewed.
    pub(crate) async fn claim(&self, limit: usize) -> Result<Vec<Attempt<S>>, StoreError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let claim = Claim {
            queue: self.config.queue.clone(),
            worker: self.config.worker.clone(),
            limit: u32::try_from(limit).unwrap_or(u32::MAX),
            now: self.runtime.now(),
            lease_for: self.config.lease_for,
        };
        let asked_at = Instant::now();
        let claimed = self.runtime.store.claim(claim).await?;
        if let Some(bucket) = &self.bucket {
            bucket.take(u32::try_from(claimed.len()).unwrap_or(u32::MAX), Instant::now());
        }
        Ok(claimed
            .into_iter()
            .map(|leased| Attempt {
                runtime: self.runtime.clone(),
                hold: self.heartbeat.hold(leased.lease, asked_at),
                leased: Arc::new(leased),
                hand_back: self.hand_back.subscribe(),
                burying: false,
            })
            .collect())
    }

    /// Stops every handler that is still at work; its job goes back into the queue.
    pub(crate) fn hand_back(&self) {
        self.hand_back.send_replace(true);
    }
}

//! Claims jobs of one queue and runs them.

use std::sync::Arc;

use futures::future::join_all;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::attempt::{Attempt, Attempted, Observer};
use crate::config::WorkerConfig;
use crate::heartbeat::Heartbeat;
use crate::rate::Bucket;
use crate::runtime::Runtime;
use crate::store::{Claim, Store, StoreError};

/// Claims and runs jobs of one queue, a batch with each [`tick`](Self::tick). A [`Runner`](crate::Runner) runs it in a loop.
pub struct Worker<S: Store> {
    pub(crate) runtime: Runtime<S>,
    pub(crate) config: WorkerConfig,
    pub(crate) heartbeat: Heartbeat<S>,
    hand_back: watch::Sender<bool>,
    bucket: Option<Bucket>,
    observer: Option<Observer>,
}

impl<S: Store> Worker<S> {
    /// A worker that holds no lease yet.
    pub fn new(runtime: Runtime<S>, config: WorkerConfig) -> Self {
        let heartbeat = Heartbeat::new(&runtime, &config);
        let bucket = config.rate.map(|rate| Bucket::new(rate, Instant::now()));
        Self { runtime, config, heartbeat, hand_back: watch::Sender::new(false), bucket, observer: None }
    }

    /// Sets what is called with every attempt that has ended, settled or not.
    #[must_use]
    pub fn observed_by(self, observer: impl Fn(&Attempted) + Send + Sync + 'static) -> Self {
        Self { observer: Some(Arc::new(observer)), ..self }
    }

    /// Claims due jobs up to the concurrency and the rate, runs them side by side, and returns their outcomes in the order
    /// of the claim when all are settled. Returns an empty list when nothing was due.
    ///
    /// For tests and for programs that bring their own loop. Everything happens inside this future.
    ///
    /// # Errors
    ///
    /// When the claim failed. Then no job was run.
    pub async fn tick(&self) -> Result<Vec<Attempted>, StoreError> {
        let attempts = self.claim(self.allowed(self.config.concurrency)).await?;
        tokio::select! {
            // A heartbeat that is due comes before anything else.
            biased;
            never = self.heartbeat.run() => match never {},
            attempted = join_all(attempts.into_iter().map(Attempt::run)) => Ok(attempted),
        }
    }

    /// How many of `jobs` may begin now by the rate limit.
    pub(crate) fn allowed(&self, jobs: usize) -> usize {
        self.bucket.as_ref().map_or(jobs, |bucket| jobs.min(bucket.tokens(Instant::now()) as usize))
    }

    /// When to ask again after [`allowed`](Self::allowed) has returned zero.
    pub(crate) fn allowed_at(&self) -> Instant {
        self.bucket.as_ref().map_or_else(Instant::now, Bucket::half_full_at)
    }

    /// Claims at most `limit` jobs. From here on their leases are renewed.
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
                lease: self.heartbeat.hold(leased.lease, asked_at),
                leased: Arc::new(leased),
                hand_back: self.hand_back.subscribe(),
                exhausted: false,
                observer: self.observer.clone(),
            })
            .collect())
    }

    /// Stops every running handler and returns its job to the queue.
    pub(crate) fn hand_back(&self) {
        self.hand_back.send_replace(true);
    }
}

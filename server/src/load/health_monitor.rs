//! Samples the health of the store for admission, and checkpoints its file when it is idle.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use orders::Service;
use queue::{BreakerState, Clock, QueueStatus, Store as _, StoreError, Timestamp};
use tokio::time::sleep;

use crate::external::breakers::Breakers;
use crate::load::admission::{Admission, HealthSample};
use crate::store::order_job::queue_of;
use crate::store::sqlite::SqliteStore;

/// How often the writer and the disk are sampled: a blocked writer is noticed before a long queue forms.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often the queues are sampled, which needs a database query.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// The health monitor.
pub struct HealthMonitor {
    /// The store.
    pub store: Arc<SqliteStore>,
    /// The state of the services.
    pub breakers: Arc<Breakers>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where the samples go.
    pub admission: Arc<Admission>,
}

impl HealthMonitor {
    /// Runs until it is dropped.
    pub async fn keep(&self) {
        // Separate loops, so that a slow query does not delay the disk sample.
        let oldest_job = AtomicU64::new(0);
        tokio::join!(self.ask(&oldest_job), self.look(&oldest_job), self.store.keep_tidy());
    }

    async fn ask(&self, oldest_job: &AtomicU64) {
        loop {
            match self.longest_wait(self.clock.now()).await {
                Ok(waited) => {
                    let millis = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
                    oldest_job.store(millis, Ordering::Relaxed);
                }
                Err(error) => tracing::warn!(%error, "how long work waits could not be read"),
            }
            sleep(ASK_EVERY).await;
        }
    }

    /// Returns how long the oldest due job has waited, without paused queues and unavailable services.
    async fn longest_wait(&self, now: Timestamp) -> Result<Duration, StoreError> {
        let queues = self.store.queues(now).await?;
        let working = queues.iter().filter(|queue| !queue.paused && self.works(queue, now));
        let oldest = working.filter_map(|queue| queue.oldest_due).min();
        Ok(oldest.map_or(Duration::ZERO, |due| now.since(due)))
    }

    fn works(&self, queue: &QueueStatus, now: Timestamp) -> bool {
        let service = Service::ALL.into_iter().find(|service| queue_of(*service) == queue.name);
        let breaker = service.and_then(|service| self.breakers.view(service, now));
        breaker.is_none_or(|breaker| breaker.state == BreakerState::Closed)
    }

    async fn look(&self, oldest_job: &AtomicU64) {
        loop {
            let (backlog, space) = (self.store.backlog(), self.store.space().ok());
            self.admission.look(&HealthSample {
                oldest_job: Duration::from_millis(oldest_job.load(Ordering::Relaxed)),
                oldest_command: backlog.oldest,
                commands: backlog.waiting,
                free_bytes: space.map(|space| space.free),
                log_bytes: space.map_or(0, |space| space.log),
            });
            sleep(LOOK_EVERY).await;
        }
    }
}

//! Samples the health of the store for admission, and checkpoints its file when it is idle.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use orders::Service;
use queue::{BreakerState, Clock, QueueStatus, StoreError, Timestamp};
use tokio::time::sleep;

use crate::external::breakers::Breakers;
use crate::load::admission::{Admission, HealthSample};
use crate::store::Store;
use crate::store::order_job::queue_of;

/// How often the writer and the disk are sampled: a blocked writer is noticed before a long queue forms.
const SAMPLE_INTERVAL: Duration = Duration::from_millis(100);
/// How often the queues are sampled, which needs a database query.
const QUEUE_INTERVAL: Duration = Duration::from_secs(1);

/// The health monitor.
pub struct HealthMonitor {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The state of the services.
    pub breakers: Arc<Breakers>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Where the samples go.
    pub admission: Arc<Admission>,
}

impl HealthMonitor {
    /// Runs until it is dropped.
    pub async fn run(&self) {
        // Separate loops, so that a slow query does not delay the disk sample.
        let oldest_job = AtomicU64::new(0);
        tokio::join!(
            self.sample_queues(&oldest_job),
            self.sample_writer(&oldest_job),
            self.store.run_maintenance()
        );
    }

    async fn sample_queues(&self, oldest_job: &AtomicU64) {
        loop {
            match self.longest_wait(self.clock.now()).await {
                Ok(waited) => {
                    let millis = u64::try_from(waited.as_millis()).unwrap_or(u64::MAX);
                    oldest_job.store(millis, Ordering::Relaxed);
                }
                Err(error) => tracing::warn!(%error, "the queues could not be sampled"),
            }
            sleep(QUEUE_INTERVAL).await;
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

    async fn sample_writer(&self, oldest_job: &AtomicU64) {
        loop {
            let (backlog, space) = (self.store.backlog(), self.store.space().ok());
            self.admission.update(&HealthSample {
                oldest_job: Duration::from_millis(oldest_job.load(Ordering::Relaxed)),
                oldest_command: backlog.oldest,
                commands: backlog.waiting,
                free_bytes: space.map(|space| space.free),
                wal_bytes: space.map_or(0, |space| space.log),
            });
            sleep(SAMPLE_INTERVAL).await;
        }
    }
}

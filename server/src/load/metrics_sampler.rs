//! Reads the state of store, queues and services for the metrics.

use std::fmt::Display;
use std::sync::Arc;

use async_trait::async_trait;
use orders::Service;
use queue::Clock;

use crate::external::breakers::Breakers;
use crate::metrics::{Sample, Sampler};
use crate::store::Store;

/// The sampler of the running server. It reads kept counters and the indexes of unfinished jobs.
pub struct MetricsSampler {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The state of the services.
    pub breakers: Arc<Breakers>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

#[async_trait]
impl Sampler for MetricsSampler {
    async fn sample(&self) -> Sample {
        let now = self.clock.now();
        let (queues, orders) = tokio::join!(self.store.queues(now), self.store.order_counts());
        let space = logged(self.store.space());
        let backlog = self.store.backlog();
        let breaker = |service| Some((service, self.breakers.view(service, now)?.state));
        Sample {
            at: now,
            queues: logged(queues),
            orders: logged(orders),
            breakers: Service::ALL.into_iter().filter_map(breaker).collect(),
            wal_bytes: space.map(|space| space.log),
            free_bytes: space.map(|space| space.free),
            commands_waiting: backlog.waiting,
            oldest_command: backlog.oldest,
        }
    }
}

fn logged<T>(reading: Result<T, impl Display>) -> Option<T> {
    reading.inspect_err(|error| tracing::warn!(%error, "a reading for the metrics failed")).ok()
}

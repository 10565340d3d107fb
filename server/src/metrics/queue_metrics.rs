//! The metrics of jobs.

use orders::Service;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::Registry;
use queue::Ended;

use super::labels::Labels;

/// In the order of [`place_of`].
const OUTCOMES: [&str; 7] =
    ["completed", "retried", "snoozed", "quarantined", "lease_lost", "handed_back", "unsettled"];

/// Ended attempts of each queue, and rescued jobs.
#[derive(Debug)]
pub struct QueueMetrics {
    /// Jobs taken back from a worker that stopped renewing its lease.
    pub rescued: Counter,
    /// In the order of [`Service::ALL`].
    attempts: [AttemptCounters; Service::ALL.len()],
}

/// The ended attempts of one queue.
#[derive(Debug, Clone)]
pub struct AttemptCounters([Counter; OUTCOMES.len()]);

impl QueueMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let family = Family::<Labels<2>, Counter>::default();
        let attempts = Service::ALL.map(|service| {
            AttemptCounters(OUTCOMES.map(|outcome| {
                family.get_or_create_owned(&[("queue", service.as_str()), ("outcome", outcome)])
            }))
        });
        registry.register("queue_attempts", "Ended attempts at jobs", family);
        let rescued = Counter::default();
        let help = "Jobs taken back from a worker that stopped renewing its lease";
        registry.register("queue_jobs_rescued", help, rescued.clone());
        Self { rescued, attempts }
    }

    /// Returns the counters of the queue of a service.
    pub fn attempts(&self, service: Service) -> AttemptCounters {
        self.attempts[service as usize].clone()
    }
}

impl AttemptCounters {
    /// Counts an ended attempt.
    pub fn count(&self, ended: &Ended) {
        self.0[place_of(ended)].inc();
    }
}

const fn place_of(ended: &Ended) -> usize {
    match ended {
        Ended::Completed => 0,
        Ended::Retried { .. } => 1,
        Ended::Snoozed { .. } => 2,
        Ended::Quarantined { .. } => 3,
        Ended::LeaseLost => 4,
        Ended::HandedBack => 5,
        Ended::Unsettled(_) => 6,
    }
}

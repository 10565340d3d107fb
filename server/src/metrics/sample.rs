//! What is read when the metrics are asked for.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use orders::desk::OrderCounts;
use orders::{Service, State};
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::{ConstGauge, Gauge};
use prometheus_client::registry::{Registry, Unit};
use queue::{BreakerState, QueueStatus, Timestamp};

use super::labels::Labels;

const BREAKER_STATES: [BreakerState; 4] =
    [BreakerState::Closed, BreakerState::Open, BreakerState::HalfOpen, BreakerState::Refused];

/// The state of the process at one time. What could not be read is none, and has no series then.
#[derive(Debug, Clone)]
pub struct Sample {
    /// The time.
    pub at: Timestamp,
    /// The queues that were ever used.
    pub queues: Option<Vec<QueueStatus>>,
    /// Orders by state.
    pub orders: Option<OrderCounts>,
    /// The circuit breakers.
    pub breakers: Vec<(Service, BreakerState)>,
    /// Size of the write-ahead log in bytes.
    pub wal_bytes: Option<u64>,
    /// Free bytes of the disk.
    pub free_bytes: Option<u64>,
    /// How many commands wait for the writer.
    pub commands_waiting: usize,
    /// How long the oldest command has waited.
    pub oldest_command: Duration,
}

impl Sample {
    /// Registers a gauge for each reading.
    pub(super) fn register(&self, registry: &mut Registry) {
        if let Some(queues) = &self.queues {
            register_queues(registry, queues, self.at);
        }
        if let Some(counts) = &self.orders {
            let orders = Family::<Labels<1>, Gauge>::default();
            for state in State::ALL {
                orders.get_or_create(&[("state", state.as_str())]).set(signed(count_of(counts, state)));
            }
            registry.register("orders", "Stored orders in each state", orders);
        }
        let breakers = Family::<Labels<2>, Gauge>::default();
        for (service, current) in &self.breakers {
            for state in BREAKER_STATES {
                let labels = [("service", service.as_str()), ("state", state.as_str())];
                breakers.get_or_create(&labels).set(i64::from(state == *current));
            }
        }
        registry.register("breaker_state", "1 for the state that the circuit breaker is in", breakers);
        self.register_store(registry);
    }

    fn register_store(&self, registry: &mut Registry) {
        let mut bytes = |name: &str, help: &str, value: Option<u64>| {
            if let Some(value) = value {
                registry.register_with_unit(name, help, Unit::Bytes, ConstGauge::new(value));
            }
        };
        bytes("store_wal", "Size of the write-ahead log", self.wal_bytes);
        bytes("store_disk_free", "Free bytes of the disk", self.free_bytes);
        let waiting = ConstGauge::new(self.commands_waiting);
        registry.register("store_commands_waiting", "Commands that wait for the writer", waiting);
        registry.register_with_unit(
            "store_oldest_command_age",
            "Age of the oldest unanswered command",
            Unit::Seconds,
            ConstGauge::new(self.oldest_command.as_secs_f64()),
        );
    }
}

/// Registers the queue of each service, also one without jobs. A queue of another name has no workers and no series.
fn register_queues(registry: &mut Registry, queues: &[QueueStatus], at: Timestamp) {
    let jobs = Family::<Labels<2>, Gauge>::default();
    let ages = Family::<Labels<1>, Gauge<f64, AtomicU64>>::default();
    let paused = Family::<Labels<1>, Gauge>::default();
    for service in Service::ALL {
        let queue = ("queue", service.as_str());
        let unused = QueueStatus::empty(service.as_str().into());
        let status = queues.iter().find(|status| status.name == unused.name).unwrap_or(&unused);
        let states = [
            ("due", status.due),
            ("scheduled", status.scheduled),
            ("running", status.running),
            ("quarantined", status.quarantined),
        ];
        for (state, count) in states {
            jobs.get_or_create(&[queue, ("state", state)]).set(signed(count));
        }
        let age = status.oldest_due.map_or(Duration::ZERO, |due| at.since(due));
        ages.get_or_create(&[queue]).set(age.as_secs_f64());
        paused.get_or_create(&[queue]).set(i64::from(status.paused));
    }
    registry.register("queue_jobs", "Jobs that are not finished", jobs);
    let help = "How long the oldest due job has waited";
    registry.register_with_unit("queue_oldest_due_age", help, Unit::Seconds, ages);
    registry.register("queue_paused", "1 while an operator has paused the queue", paused);
}

const fn count_of(counts: &OrderCounts, state: State) -> u64 {
    match state {
        State::Received => counts.received,
        State::Processing => counts.processing,
        State::ActionRequired => counts.action_required,
        State::InReview => counts.in_review,
        State::Confirmed => counts.confirmed,
        State::Shipped => counts.shipped,
        State::Delivered => counts.delivered,
        State::Cancelling => counts.cancelling,
        State::Cancelled => counts.cancelled,
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

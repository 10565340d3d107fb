//! The settings of a worker.

use std::time::Duration;

use crate::lease::WorkerId;
use crate::name::QueueName;
use crate::rate::Rate;

/// The settings of one worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerConfig {
    /// The queue it takes jobs from.
    pub queue: QueueName,
    /// The name it claims under; the same for all workers of a process.
    pub worker: WorkerId,
    /// How many jobs run at a time. With zero, none is run.
    pub concurrency: usize,
    /// How many jobs begin per second; `None` is no limit.
    pub rate: Option<Rate>,
    /// How long a lease lasts without a heartbeat: the time until the jobs of a crashed worker run again. It
    /// has to be several times longer than a commit or a pause of the process may take.
    pub lease_for: Duration,
    /// The longest time between two reads of the store. Jobs of this process are announced by the
    /// [`Wakeup`](crate::Wakeup) and due dates are known, so this is for jobs that other processes enqueue.
    pub poll_every: Duration,
    /// How long a shutdown waits for jobs in flight before it hands them back.
    pub drain_for: Duration,
}

impl WorkerConfig {
    /// The defaults: 16 jobs at a time, no rate limit, leases of 10 seconds, polls every second, 10 seconds to drain.
    pub fn new(queue: QueueName, worker: WorkerId) -> Self {
        Self {
            queue,
            worker,
            concurrency: 16,
            rate: None,
            lease_for: Duration::from_secs(10),
            poll_every: Duration::from_secs(1),
            drain_for: Duration::from_secs(10),
        }
    }

    /// The interval of heartbeats, a third of the lease: two may fail before the lease expires.
    pub fn beat_every(&self) -> Duration {
        self.lease_for / 3
    }

    /// How long the worker itself trusts a lease, counted from before it asked for it: nine tenths, so that it stops
    /// the job before another worker can claim it.
    pub fn trusted_for(&self) -> Duration {
        self.lease_for - self.lease_for / 10
    }
}

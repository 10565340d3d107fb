//! How a queue is worked.

use std::time::Duration;

use crate::lease::WorkerId;
use crate::name::QueueName;
use crate::rate::Rate;

/// What one worker works, how much of it at a time, and how long it waits for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerConfig {
    /// The queue it takes jobs from.
    pub queue: QueueName,
    /// The name it claims under; the same for all workers of a process.
    pub worker: WorkerId,
    /// At most so many jobs at a time. With none, nothing is worked.
    pub concurrency: usize,
    /// At most so many jobs begun in a time, besides; `None` is as many as there are.
    pub rate: Option<Rate>,
    /// How long a lease lasts without a heartbeat: the time until the jobs of a crashed worker run again. It
    /// has to be several times longer than a commit and a full stop of the process may take.
    pub lease_for: Duration,
    /// How long to sleep at most without looking into the store. Work of this process is announced by the
    /// [`Wakeup`](crate::Wakeup) and due dates are known, so this is for the work of other processes.
    pub poll_every: Duration,
    /// How long a shutdown waits for jobs in flight before it hands them back.
    pub drain_for: Duration,
}

impl WorkerConfig {
    /// The usual: 16 jobs at a time, as many as there are, leases of 10 seconds, a look every second, 10 seconds to drain.
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

    /// The time between heartbeats, a third of the lease: two may fail before the lease is in danger.
    pub fn beat_every(&self) -> Duration {
        self.lease_for / 3
    }

    /// How long the worker itself trusts a lease, counted from before it asked for it: nine tenths, so that it
    /// has let go of the job before anybody else may take it.
    pub fn trusted_for(&self) -> Duration {
        self.lease_for - self.lease_for / 10
    }
}

//! Keeps a worker going.

use std::pin::pin;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::attempt::Attempted;
use crate::store::Store;
use crate::wakeup::Listener;
use crate::worker::Worker;

/// The least pause after a look that found nothing to claim although something is said to be due.
const SHORTEST_REST: Duration = Duration::from_millis(10);

/// Works one queue until it is told to stop.
///
/// It looks when it is woken, when the next job is due, when a slot comes free that was wanted, and now and
/// then. Jobs run as tasks of their own, so that one that hogs its thread does not keep the others' leases
/// from being renewed.
pub struct Runner<S: Store> {
    worker: Worker<S>,
    listener: Listener,
    in_flight: JoinSet<Attempted>,
}

/// Until when there is nothing to do but wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Every slot is taken, and there may be more to do.
    UntilSlotFree,
    /// There are free slots and nothing to do before this moment, unless a wake-up comes.
    Until(Instant),
}

impl<S: Store> Runner<S> {
    /// Listens to the worker's queue from now on, before the first look.
    pub fn new(worker: Worker<S>) -> Self {
        let listener = worker.runtime.wakeup.subscribe(&worker.config.queue);
        Self { worker, listener, in_flight: JoinSet::new() }
    }

    /// Works until `shutdown` resolves; then claims nothing more, waits for the jobs in flight
    /// ([`drain_for`](crate::WorkerConfig::drain_for)), hands back those that are not done, and returns.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        let heartbeat = self.worker.heartbeat.clone();
        tokio::select! {
            // A heartbeat that is due comes before anything else.
            biased;
            never = heartbeat.run() => match never {},
            () = self.work(shutdown) => {}
        }
    }

    async fn work(&mut self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        // Only the rest is interrupted, never the claim: the jobs of a dropped claim would wait for the rescuer.
        let mut rest = Rest::Until(Instant::now());
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                () = self.rest(rest) => {}
            }
            rest = self.fill().await;
        }
        self.drain().await;
    }

    /// One look: starts as many due jobs as there are free slots, and tells how long to rest.
    pub async fn fill(&mut self) -> Rest {
        while let Some(joined) = self.in_flight.try_join_next() {
            log_lost_task(joined);
        }
        let free = self.worker.config.concurrency.saturating_sub(self.in_flight.len());
        if free == 0 {
            return Rest::UntilSlotFree;
        }
        let allowed = self.worker.allowed(free);
        if allowed == 0 {
            return Rest::Until(self.worker.allowed_at());
        }
        let attempts = match self.worker.claim(allowed).await {
            Ok(attempts) => attempts,
            Err(error) => {
                tracing::warn!(queue.name = %self.worker.config.queue, %error, "could not claim jobs; trying again later");
                return Rest::Until(Instant::now() + self.worker.config.poll_every);
            }
        };
        let claimed = attempts.len();
        for attempt in attempts {
            self.in_flight.spawn(attempt.run());
        }
        if claimed < allowed {
            Rest::Until(Instant::now() + self.until_due().await)
        } else if allowed < free {
            Rest::Until(self.worker.allowed_at())
        } else {
            Rest::UntilSlotFree
        }
    }

    /// The time until the next job is due, as far as the store knows, and never longer than a poll.
    async fn until_due(&self) -> Duration {
        let poll_every = self.worker.config.poll_every;
        match self.worker.runtime.store.next_due(&self.worker.config.queue).await {
            Ok(Some(due)) => due.since(self.worker.runtime.now()).max(SHORTEST_REST).min(poll_every),
            Ok(None) => poll_every,
            Err(error) => {
                tracing::warn!(queue.name = %self.worker.config.queue, %error, "could not ask for the next due job; polling");
                poll_every
            }
        }
    }

    async fn rest(&mut self, rest: Rest) {
        match rest {
            Rest::UntilSlotFree => match self.in_flight.join_next().await {
                Some(joined) => log_lost_task(joined),
                None => std::future::pending().await,
            },
            Rest::Until(moment) => tokio::select! {
                () = self.listener.woken() => {}
                () = tokio::time::sleep_until(moment) => {}
            },
        }
    }

    async fn drain(&mut self) {
        if self.joined_within(self.worker.config.drain_for).await {
            return;
        }
        tracing::info!(queue.name = %self.worker.config.queue, jobs = self.in_flight.len(), "handing back the jobs that did not finish in time");
        self.worker.hand_back();
        // After that long the leases are over, and the rescuer does what the store did not let us do.
        if !self.joined_within(self.worker.config.lease_for).await {
            self.in_flight.shutdown().await;
        }
    }

    async fn joined_within(&mut self, limit: Duration) -> bool {
        let all = async {
            while let Some(joined) = self.in_flight.join_next().await {
                log_lost_task(joined);
            }
        };
        tokio::time::timeout(limit, all).await.is_ok()
    }
}

/// Panics of handlers are caught before; this is a fault of the store or of the runtime itself.
fn log_lost_task(joined: Result<Attempted, JoinError>) {
    if let Err(error) = joined {
        tracing::error!(%error, "an attempt broke off; its job runs again when its lease has expired");
    }
}

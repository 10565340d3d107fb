//! Keeps a worker going.

use std::pin::pin;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::attempt::Attempted;
use crate::clock::Timestamp;
use crate::outlook::Outlook;
use crate::store::Store;
use crate::wakeup::Listener;
use crate::worker::Worker;

/// The least pause after a look that found nothing although something was said to be due.
const SHORTEST_REST: Duration = Duration::from_millis(10);

/// Works one queue until it is told to stop.
///
/// It looks when it is woken, when the next job is due, when a slot comes free that was wanted, and now and then. It
/// claims only when something seems to be due, so that an idle or paused queue costs others nothing. Jobs run as tasks of their own, so that one that hogs its thread does not keep the others' leases
/// from being renewed.
pub struct Runner<S: Store> {
    worker: Worker<S>,
    listener: Listener,
    outlook: Outlook,
    in_flight: JoinSet<Attempted>,
}

/// Until when there is nothing to do but wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// Every slot is taken, and there may be more to do.
    UntilSlotFree,
    /// There are free slots and nothing to do before this moment, unless a wake-up comes.
    Until(Instant),
    /// There is nothing to do before this moment, whatever is told.
    Asleep(Instant),
}

impl<S: Store> Runner<S> {
    /// Listens to the worker's queue from now on, before the first look.
    pub fn new(worker: Worker<S>) -> Self {
        let listener = worker.runtime.wakeup.subscribe(&worker.config.queue);
        Self { worker, listener, outlook: Outlook::unknown(), in_flight: JoinSet::new() }
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
            return Rest::Asleep(self.worker.allowed_at());
        }
        if let Some(hint) = self.listener.told() {
            self.outlook.hear(hint);
        }
        if self.outlook.wants_reading(self.now()) {
            let seemed_ready = self.outlook.is_ready();
            if !self.read().await {
                return self.poll();
            }
            if seemed_ready && !self.outlook.is_ready() {
                // A paused queue is told of new jobs all the time, and it is no use to read every time.
                return Rest::Asleep(self.outlook.look_at(self.now()).min(Instant::now() + SHORTEST_REST));
            }
        }
        if !self.outlook.is_ready() {
            return Rest::Until(self.outlook.look_at(self.now()));
        }
        let attempts = match self.worker.claim(allowed).await {
            Ok(attempts) => attempts,
            Err(error) => {
                tracing::warn!(queue.name = %self.worker.config.queue, %error, "could not claim jobs; trying again later");
                return self.poll();
            }
        };
        let claimed = attempts.len();
        for attempt in attempts {
            self.in_flight.spawn(attempt.run());
        }
        if claimed == allowed {
            self.outlook.filled();
            return if allowed < free { Rest::Asleep(self.worker.allowed_at()) } else { Rest::UntilSlotFree };
        }
        self.outlook.emptied(claimed);
        if self.outlook.wants_reading(self.now()) && !self.read().await {
            return self.poll();
        }
        if self.outlook.is_ready() {
            // It is said to be due and could not be claimed: somebody else is faster, or the clock was set.
            return Rest::Until(Instant::now() + SHORTEST_REST);
        }
        Rest::Until(self.outlook.look_at(self.now()))
    }

    /// Asks the store when the next job is due. Whether it answered.
    async fn read(&mut self) -> bool {
        match self.worker.runtime.store.next_due(&self.worker.config.queue).await {
            Ok(due) => {
                self.outlook.read(due, self.now(), self.worker.config.poll_every);
                true
            }
            Err(error) => {
                tracing::warn!(queue.name = %self.worker.config.queue, %error, "could not ask for the next due job; polling");
                false
            }
        }
    }

    fn poll(&self) -> Rest {
        Rest::Until(Instant::now() + self.worker.config.poll_every)
    }

    fn now(&self) -> Timestamp {
        self.worker.runtime.now()
    }

    async fn rest(&mut self, rest: Rest) {
        match rest {
            Rest::UntilSlotFree => match self.in_flight.join_next().await {
                Some(joined) => log_lost_task(joined),
                None => std::future::pending().await,
            },
            Rest::Asleep(moment) => tokio::time::sleep_until(moment).await,
            Rest::Until(moment) => tokio::select! {
                hint = self.listener.woken() => self.outlook.hear(hint),
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

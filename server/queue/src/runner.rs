//! Runs a worker in a loop.

use std::pin::pin;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::attempt::Attempted;
use crate::clock::Timestamp;
use crate::due_cache::DueCache;
use crate::store::Store;
use crate::wakeup::Listener;
use crate::worker::Worker;

/// The wait after a claim that found nothing although a job was due.
const MIN_WAIT: Duration = Duration::from_millis(10);

/// Runs the jobs of one queue until shutdown.
///
/// It checks the queue after a hint, when the next job is due, when a slot becomes free, and at the poll interval. It
/// claims only when a job seems to be due, so that an idle or paused queue costs no write. Each job runs as a task of
/// its own, so that one that blocks its thread does not keep the leases of the others from being renewed.
pub struct Runner<S: Store> {
    worker: Worker<S>,
    listener: Listener,
    due_cache: DueCache,
    in_flight: JoinSet<Attempted>,
}

/// What a runner waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// For a free slot: all are taken, and more jobs may be due.
    SlotFree,
    /// Until this moment or a hint, whichever comes first.
    UntilOrHint(Instant),
    /// Until this moment; hints do not end it.
    Until(Instant),
}

impl<S: Store> Runner<S> {
    /// Subscribes to the hints of the worker's queue, before the first check.
    pub fn new(worker: Worker<S>) -> Self {
        let listener = worker.runtime.wakeup.subscribe(&worker.config.queue);
        Self { worker, listener, due_cache: DueCache::unknown(), in_flight: JoinSet::new() }
    }

    /// Runs until `shutdown` resolves; then claims nothing more, waits for the jobs in flight for
    /// [`drain_for`](crate::WorkerConfig::drain_for), hands back those that are not done, and returns.
    pub async fn run(mut self, shutdown: impl Future<Output = ()>) {
        let heartbeat = self.worker.heartbeat.clone();
        tokio::select! {
            // Leases are renewed before anything else is polled.
            biased;
            never = heartbeat.run() => match never {},
            () = self.work(shutdown) => {}
        }
    }

    async fn work(&mut self, shutdown: impl Future<Output = ()>) {
        let mut shutdown = pin!(shutdown);
        // Only the wait is cancelled, never a claim: the jobs of a cancelled claim would wait for the rescuer.
        let mut wait = Wait::UntilOrHint(Instant::now());
        loop {
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                () = self.wait(wait) => {}
            }
            wait = self.fill().await;
        }
        self.drain().await;
    }

    /// Starts as many due jobs as there are free slots, and returns what to wait for.
    pub async fn fill(&mut self) -> Wait {
        while let Some(joined) = self.in_flight.try_join_next() {
            log_lost_task(joined);
        }
        let free = self.worker.config.concurrency.saturating_sub(self.in_flight.len());
        if free == 0 {
            return Wait::SlotFree;
        }
        let allowed = self.worker.allowed(free);
        if allowed == 0 {
            return Wait::Until(self.worker.allowed_at());
        }
        if let Some(hint) = self.listener.take() {
            self.due_cache.apply(hint);
        }
        if self.due_cache.needs_read(self.now()) {
            let seemed_ready = self.due_cache.is_ready();
            if !self.read().await {
                return self.poll();
            }
            if seemed_ready && !self.due_cache.is_ready() {
                // A paused queue keeps getting hints of new jobs, and reading after each would be useless.
                return Wait::Until(self.due_cache.check_at(self.now()).min(Instant::now() + MIN_WAIT));
            }
        }
        if !self.due_cache.is_ready() {
            return Wait::UntilOrHint(self.due_cache.check_at(self.now()));
        }
        let attempts = match self.worker.claim(allowed).await {
            Ok(attempts) => attempts,
            Err(error) => {
                tracing::warn!(queue.name = %self.worker.config.queue, %error, "jobs could not be claimed; trying again later");
                return self.poll();
            }
        };
        let claimed = attempts.len();
        for attempt in attempts {
            self.in_flight.spawn(attempt.run());
        }
        if claimed == allowed {
            self.due_cache.reached_limit();
            return if allowed < free { Wait::Until(self.worker.allowed_at()) } else { Wait::SlotFree };
        }
        self.due_cache.claimed_all(claimed);
        if self.due_cache.needs_read(self.now()) && !self.read().await {
            return self.poll();
        }
        if self.due_cache.is_ready() {
            // A job is due and could not be claimed: another worker was faster, or the clock was set.
            return Wait::UntilOrHint(Instant::now() + MIN_WAIT);
        }
        Wait::UntilOrHint(self.due_cache.check_at(self.now()))
    }

    /// Asks the store when the next job is due. Returns whether it answered.
    async fn read(&mut self) -> bool {
        match self.worker.runtime.store.next_due(&self.worker.config.queue).await {
            Ok(due) => {
                self.due_cache.refresh(due, self.now(), self.worker.config.poll_every);
                true
            }
            Err(error) => {
                tracing::warn!(queue.name = %self.worker.config.queue, %error, "the next due job could not be read; polling");
                false
            }
        }
    }

    fn poll(&self) -> Wait {
        Wait::UntilOrHint(Instant::now() + self.worker.config.poll_every)
    }

    fn now(&self) -> Timestamp {
        self.worker.runtime.now()
    }

    async fn wait(&mut self, wait: Wait) {
        match wait {
            Wait::SlotFree => match self.in_flight.join_next().await {
                Some(joined) => log_lost_task(joined),
                None => std::future::pending().await,
            },
            Wait::Until(moment) => tokio::time::sleep_until(moment).await,
            Wait::UntilOrHint(moment) => tokio::select! {
                hint = self.listener.recv() => self.due_cache.apply(hint),
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
        // After that long the leases have expired, and the rescuer takes the jobs back.
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

/// Panics of handlers are caught in the attempt; a panic here is a bug of the store or of this crate.
fn log_lost_task(joined: Result<Attempted, JoinError>) {
    if let Err(error) = joined {
        tracing::error!(%error, "the task of an attempt panicked; its job runs again when its lease has expired");
    }
}

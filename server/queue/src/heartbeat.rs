//! Renews the leases of a worker, and tells when one can no longer be trusted.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::clock::Clock;
use crate::config::WorkerConfig;
use crate::job::JobId;
use crate::lease::{Fence, Lease};
use crate::runtime::Runtime;
use crate::store::{Store, StoreError};

/// Renews the leases that one worker holds. Clones share the same leases.
///
/// Trust is local and pessimistic. It is measured with the monotonic clock, from *before* the store was asked,
/// and it ends before the lease does: a worker that was paused or cut off stops its jobs by itself, without
/// an answer from the store.
pub struct Heartbeat<S> {
    store: Arc<S>,
    clock: Arc<dyn Clock>,
    lease_for: Duration,
    beat_every: Duration,
    trusted_for: Duration,
    held: Held,
}

/// For each lease, until when it is trusted; `None` when the store said that it is lost.
type Held = Arc<Mutex<HashMap<(JobId, Fence), (Lease, watch::Sender<Option<Instant>>)>>>;

/// The result of [`Heartbeat::beat`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Renewals {
    /// Leases that were renewed.
    pub renewed: usize,
    /// Leases that were lost.
    pub lost: usize,
}

impl<S: Store> Heartbeat<S> {
    /// A heartbeat without leases.
    pub fn new(runtime: &Runtime<S>, config: &WorkerConfig) -> Self {
        Self {
            store: runtime.store.clone(),
            clock: runtime.clock.clone(),
            lease_for: config.lease_for,
            beat_every: config.beat_every(),
            trusted_for: config.trusted_for(),
            held: Held::default(),
        }
    }

    /// Renews this lease with every beat from now on, until the returned value is dropped. `asked_at` is the moment
    /// just before the claim was sent to the store.
    pub fn hold(&self, lease: Lease, asked_at: Instant) -> HeldLease {
        let (sender, trust) = watch::channel(Some(asked_at + self.trusted_for));
        let key = (lease.job, lease.fence);
        lock(&self.held).insert(key, (lease, sender));
        HeldLease { key, trust, held: self.held.clone() }
    }

    /// Renews everything held, once.
    ///
    /// An error renews nothing and ends nothing: trust lasts until its end, which leaves time for another beat.
    pub async fn beat(&self) -> Result<Renewals, StoreError> {
        let leases: Vec<Lease> = lock(&self.held).values().map(|(lease, _)| *lease).collect();
        if leases.is_empty() {
            return Ok(Renewals::default());
        }
        let asked_at = Instant::now();
        let renewed = self.store.heartbeat(&leases, self.clock.now(), self.lease_for).await?;
        let renewed: HashMap<_, _> =
            renewed.into_iter().map(|lease| ((lease.job, lease.fence), lease)).collect();

        let mut beat = Renewals::default();
        let mut held = lock(&self.held);
        for lease in leases {
            let key = (lease.job, lease.fence);
            // Its job ended while the store was asked.
            let Some((lease, trust)) = held.get_mut(&key) else { continue };
            if let Some(renewed) = renewed.get(&key) {
                *lease = *renewed;
                trust.send_replace(Some(asked_at + self.trusted_for));
                beat.renewed += 1;
            } else {
                trust.send_replace(None);
                beat.lost += 1;
            }
        }
        Ok(beat)
    }

    /// Renews all leases again and again, at the interval of the configuration.
    pub async fn run(&self) -> Infallible {
        let mut beats = tokio::time::interval_at(Instant::now() + self.beat_every, self.beat_every);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            beats.tick().await;
            if let Err(error) = self.beat().await {
                tracing::warn!(%error, "leases could not be renewed; trying again with the next heartbeat");
            }
        }
    }
}

impl<S> Clone for Heartbeat<S> {
    fn clone(&self) -> Self {
        Self { store: self.store.clone(), clock: self.clock.clone(), held: self.held.clone(), ..*self }
    }
}

/// A lease while its job runs. Dropping it ends the renewals.
#[derive(Debug)]
pub struct HeldLease {
    key: (JobId, Fence),
    trust: watch::Receiver<Option<Instant>>,
    held: Held,
}

impl HeldLease {
    /// Whether the lease can be trusted now.
    ///
    /// Checked in addition to [`lost`](Self::lost): after the whole process was suspended, a finished handler may be
    /// polled before the timer that was to stop it.
    pub fn is_trusted(&self) -> bool {
        self.trust.borrow().is_some_and(|until| Instant::now() < until)
    }

    /// Waits until the lease can no longer be trusted: it was lost, or could not be renewed in time.
    pub async fn lost(&mut self) {
        loop {
            let Some(until) = *self.trust.borrow_and_update() else { return };
            tokio::select! {
                biased;
                changed = self.trust.changed() => if changed.is_err() { return },
                () = tokio::time::sleep_until(until) => return,
            }
        }
    }
}

impl Drop for HeldLease {
    fn drop(&mut self) {
        lock(&self.held).remove(&self.key);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

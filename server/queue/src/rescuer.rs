//! Takes jobs back from the dead.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::lease::WorkerId;
use crate::runtime::Runtime;
use crate::store::{Store, StoreError};

/// Returns jobs whose worker has stopped renewing its lease to their queues. One per process; any number of them
/// side by side do no harm.
#[derive(Debug)]
pub struct Rescuer<S: Store> {
    runtime: Runtime<S>,
    every: Duration,
}

impl<S: Store> Rescuer<S> {
    /// A rescuer that looks every second.
    pub fn new(runtime: Runtime<S>) -> Self {
        Self { runtime, every: Duration::from_secs(1) }
    }

    /// Sets the time between two looks, which adds to the time a crashed worker's job waits.
    #[must_use]
    pub fn every(self, every: Duration) -> Self {
        Self { every, ..self }
    }

    /// Takes back every job whose lease has expired, and tells how many.
    ///
    /// # Errors
    ///
    /// When the store did not do it.
    pub async fn rescue(&self) -> Result<u64, StoreError> {
        let rescued = self.runtime.store.rescue(self.runtime.now()).await?;
        self.announce(rescued, "took back jobs whose leases had expired");
        Ok(rescued)
    }

    /// Takes back at once what a worker of this name still holds, and tells how much. To be called when a process
    /// starts, with its own name and before its first claim: whoever held something under that name is dead.
    ///
    /// # Errors
    ///
    /// When the store did not do it. The jobs are then rescued when their leases expire.
    pub async fn rescue_former_self(&self, worker: &WorkerId) -> Result<u64, StoreError> {
        let rescued = self.runtime.store.rescue_worker(worker, self.runtime.now()).await?;
        self.announce(rescued, "took back the jobs of the process before this one");
        Ok(rescued)
    }

    /// Rescues until `shutdown` resolves.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let rescues = async {
            let mut looks = tokio::time::interval(self.every);
            looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                looks.tick().await;
                if let Err(error) = self.rescue().await {
                    tracing::warn!(%error, "could not look for expired leases; trying again later");
                }
            }
        };
        tokio::select! {
            () = shutdown => {}
            () = rescues => {}
        }
    }

    fn announce(&self, rescued: u64, what: &str) {
        if rescued > 0 {
            tracing::warn!(jobs = rescued, "{what}");
            self.runtime.wakeup.notify_all();
        }
    }
}

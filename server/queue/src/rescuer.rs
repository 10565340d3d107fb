//! Takes jobs back from dead workers.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::lease::WorkerId;
use crate::runtime::Runtime;
use crate::store::{Store, StoreError};

/// Makes jobs available again whose worker has stopped renewing their lease. Runs in every process; any number of
/// rescuers can run side by side.
#[derive(Debug)]
pub struct Rescuer<S: Store> {
    runtime: Runtime<S>,
    every: Duration,
}

impl<S: Store> Rescuer<S> {
    /// A rescuer with an interval of one second.
    pub fn new(runtime: Runtime<S>) -> Self {
        Self { runtime, every: Duration::from_secs(1) }
    }

    /// Sets the interval, which adds to the time for which the job of a crashed worker waits.
    #[must_use]
    pub fn every(self, every: Duration) -> Self {
        Self { every, ..self }
    }

    /// Takes back every job whose lease has expired, and returns how many.
    ///
    /// # Errors
    ///
    /// When the store returns one.
    pub async fn rescue(&self) -> Result<u64, StoreError> {
        let rescued = self.runtime.store.rescue(self.runtime.now()).await?;
        self.announce(rescued, "took back jobs whose leases had expired");
        Ok(rescued)
    }

    /// Takes back at once what a worker of this name still holds, and returns how many jobs. To be called when a process
    /// starts, with its own name and before its first claim: the process that held them is dead.
    ///
    /// # Errors
    ///
    /// When the store returns one. The jobs are then rescued when their leases expire.
    pub async fn rescue_previous_process(&self, worker: &WorkerId) -> Result<u64, StoreError> {
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
                    tracing::warn!(%error, "expired leases could not be rescued; trying again later");
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

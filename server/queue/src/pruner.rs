//! Deletes old finished jobs.

use std::time::Duration;

use tokio::time::MissedTickBehavior;

use crate::runtime::Runtime;
use crate::store::{Store, StoreError};

/// Deletes completed and discarded jobs some time after they ended. Quarantined jobs stay.
#[derive(Debug)]
pub struct Pruner<S: Store> {
    runtime: Runtime<S>,
    config: PrunerConfig,
}

/// What is kept how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PrunerConfig {
    /// How long a finished job is kept for people to look at.
    pub keep_for: Duration,
    /// The time between two rounds.
    pub every: Duration,
    /// At most so many jobs are deleted in one transaction, so that other writes do not wait long.
    pub batch: u32,
}

impl Default for PrunerConfig {
    /// A day; a round every minute, in transactions of 500.
    fn default() -> Self {
        Self { keep_for: Duration::from_secs(24 * 60 * 60), every: Duration::from_secs(60), batch: 500 }
    }
}

impl<S: Store> Pruner<S> {
    /// A pruner for the store of this runtime.
    pub fn new(runtime: Runtime<S>, config: PrunerConfig) -> Self {
        Self { runtime, config }
    }

    /// Deletes everything old enough, batch by batch, and returns how many jobs that were.
    ///
    /// # Errors
    ///
    /// When the store returns one. The batches before stay deleted.
    pub async fn prune(&self) -> Result<u64, StoreError> {
        let finished_before = self.runtime.now() - self.config.keep_for;
        let batch = self.config.batch.max(1);
        let mut pruned = 0;
        loop {
            let gone = self.runtime.store.prune(finished_before, batch).await?;
            pruned += gone;
            if gone < u64::from(batch) {
                return Ok(pruned);
            }
        }
    }

    /// Prunes until `shutdown` resolves.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let rounds = async {
            let mut rounds = tokio::time::interval(self.config.every);
            rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                rounds.tick().await;
                match self.prune().await {
                    Ok(pruned) => tracing::debug!(jobs = pruned, "pruned old jobs"),
                    Err(error) => tracing::warn!(%error, "old jobs could not be pruned; trying again later"),
                }
            }
        };
        tokio::select! {
            () = shutdown => {}
            () = rounds => {}
        }
    }
}

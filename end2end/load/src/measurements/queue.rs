//! How many jobs pass through the queue of the store.
//!
//! A caller enqueues some hundreds of jobs in one transaction, as one that has many would, claims as many, and settles
//! each by itself as completed, all at the same time, so that the settlements share commits. Nothing else is done for a
//! job: it has no handler, no effect and no key. It counts when its settlement is acknowledged, so when it is durable.
//! No job is pruned, so the table grows as it does between two prunings.
//!
//! BullMQ 5 on Redis (`appendfsync everysec`, so a power cut loses up to a second of acknowledged jobs) completed 17,900
//! no-op jobs a second on cores of the same kind.
//!
//! The store runs in a process of its own ([`run_here`]), so that it shares nothing with the client of the other
//! measurements. The server has another allocator than this program.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::future::try_join_all;
use queue::{
    Claim, Clock as _, JobKind, Lease, NewJob, Outcome as JobOutcome, Policy, QueueName, Settled, Settlement,
    Store as _, StoreError, SystemClock,
};
use server::store::Health as _;
use server::store::sqlite::{SqliteConfig, SqliteStore};
use tokio::process::Command;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::bench::{Bench, Outcome};
use crate::measure::Measured;
use crate::table::{heading, row};

/// So many callers use the store at the same time. With their jobs, half of the writer's queue is in use.
const CALLERS: usize = 8;
/// So many jobs a caller enqueues, claims and settles at a time.
const JOBS: u32 = 500;
const QUEUE: QueueName = QueueName::new("no-op");
const KIND: JobKind = JobKind::new("no-op");
/// Longer than a caller takes for its jobs.
const LEASE: Duration = Duration::from_secs(10);

/// A caller could not go on.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the lease of a job was lost")]
    LeaseLost,
    #[error("the process that measures the queue ended with {0}")]
    Process(std::process::ExitStatus),
}

/// Runs this program for the measurement.
pub async fn run(bench: &Bench) -> Outcome {
    let bound = bench.bound(bench.most_connections()).await?;
    heading("no-op jobs");
    let status = Command::new(std::env::current_exe()?)
        .args(["--measure-queue", &bound.per_second.to_string()])
        .args(["--seconds", &bench.duration.as_secs().to_string()])
        .arg("--folder")
        .arg(&bench.folder)
        .kill_on_drop(true)
        .status()
        .await?;
    if status.success() { Ok(()) } else { Err(QueueError::Process(status).into()) }
}

/// Measures in this process, with a database inside `folder`.
pub async fn run_here(folder: &Path, duration: Duration, bound_per_second: f64) -> Outcome {
    let folder = tempfile::Builder::new().prefix("load-").tempdir_in(folder)?;
    let config = SqliteConfig { path: folder.path().join("docket.db"), public_url: String::new() };
    let store = SqliteStore::open(&config, Box::new(drop)).await?;
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        let store = store.clone();
        callers.spawn(async move {
            let mut latencies = Vec::new();
            while started.elapsed() < duration {
                latencies.extend(work(&store, number).await?);
            }
            Ok::<_, QueueError>(latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(joined) = callers.join_next().await {
        latencies.extend(joined??);
    }
    let measured = Measured::of(latencies, started.elapsed());
    store.close().await;
    row("enqueued, claimed, settled", &measured, Some(bound_per_second));
    Ok(())
}

/// Passes some jobs through the queue, and returns how long each took from the enqueuing to its settlement.
async fn work(store: &Arc<SqliteStore>, caller: usize) -> Result<Vec<Duration>, QueueError> {
    let (clock, began) = (SystemClock, Instant::now());
    let now = clock.now();
    let job = NewJob {
        queue: QUEUE,
        kind: KIND,
        exclusive_key: None,
        fairness_key: None,
        payload: String::new(),
        run_at: now,
        max_attempts: Policy::DEFAULT.max_attempts,
    };
    store.enqueue(vec![job; JOBS as usize], now).await?;
    // Every caller claims as many as it has enqueued, so there are always enough.
    let claim = Claim {
        queue: QUEUE,
        worker: format!("caller-{caller}").into(),
        limit: JOBS,
        now: clock.now(),
        lease_for: LEASE,
    };
    let leased = store.claim(claim).await?;
    try_join_all(leased.into_iter().map(|leased| async move {
        complete(store, leased.lease).await?;
        Ok(began.elapsed())
    }))
    .await
}

async fn complete(store: &SqliteStore, lease: Lease) -> Result<(), QueueError> {
    let settlement = Settlement {
        lease,
        now: SystemClock.now(),
        outcome: JobOutcome::Completed,
        effect: None,
        next: vec![],
    };
    match store.settle(settlement).await? {
        Settled::Done => Ok(()),
        Settled::LeaseLost | Settled::Refused(_) => Err(QueueError::LeaseLost),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_job_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        let config = SqliteConfig { path: folder.path().join("docket.db"), public_url: String::new() };
        let store = SqliteStore::open(&config, Box::new(drop)).await.unwrap();
        assert_eq!(work(&store, 0).await.unwrap().len(), JOBS as usize);
        assert_eq!(store.next_due(&QUEUE).await.unwrap(), None);
        store.close().await;
    }
}

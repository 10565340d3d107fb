//! What the sentences are made of.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::job::{Job, JobId, NewJob};
use crate::lease::{Lease, Leased, WorkerId};
use crate::name::{JobKind, QueueName};
use crate::store::{Claim, Enqueued, Outcome, Settled, Settlement, Store};

/// The moment at which every sentence begins.
pub const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);
pub const LEASE: Duration = Duration::from_secs(10);
pub const QUEUE: QueueName = QueueName::new("payment");
pub const OTHER_QUEUE: QueueName = QueueName::new("carrier");
pub const KIND: JobKind = JobKind::new("authorise_payment");

pub fn later(seconds: u64) -> Timestamp {
    NOW + Duration::from_secs(seconds)
}

/// A job that is due now, without exclusive key, with three attempts.
pub fn job(payload: &str) -> NewJob {
    let payload = payload.to_owned();
    NewJob {
        queue: QUEUE,
        kind: KIND,
        exclusive_key: None,
        fairness_key: None,
        payload,
        run_at: NOW,
        max_attempts: 3,
    }
}

pub fn with_exclusive_key(exclusive_key: &str, payload: &str) -> NewJob {
    NewJob { exclusive_key: Some(exclusive_key.to_owned()), ..job(payload) }
}

/// A job of this customer.
pub fn with_fairness_key(fairness_key: &str, payload: &str) -> NewJob {
    NewJob { fairness_key: Some(fairness_key.to_owned()), ..job(payload) }
}

pub async fn enqueue<S: Store>(store: &S, new: NewJob) -> Enqueued {
    let told = store.enqueue(vec![new], NOW).await.expect("enqueue");
    assert_eq!(told.len(), 1, "one answer for each job");
    told[0]
}

/// Enqueues a job that nothing stands in the way of.
pub async fn add<S: Store>(store: &S, new: NewJob) -> JobId {
    match enqueue(store, new).await {
        Enqueued::Added(id) => id,
        other => panic!("the job was to be added, not {other:?}"),
    }
}

pub fn worker(name: &str) -> WorkerId {
    WorkerId::from(name)
}

pub async fn claim_as<S: Store>(store: &S, name: &str, limit: u32, now: Timestamp) -> Vec<Leased> {
    let claim = Claim { queue: QUEUE, worker: worker(name), limit, now, lease_for: LEASE };
    store.claim(claim).await.expect("claim")
}

pub async fn claim<S: Store>(store: &S, limit: u32, now: Timestamp) -> Vec<Leased> {
    claim_as(store, "worker", limit, now).await
}

/// Claims the one job that is due.
pub async fn claim_one<S: Store>(store: &S, now: Timestamp) -> Leased {
    let mut claimed = claim(store, 2, now).await;
    assert_eq!(claimed.len(), 1, "exactly one job is due");
    claimed.remove(0)
}

/// The payloads of what is due, claimed in order.
pub async fn claimed_payloads<S: Store>(store: &S, limit: u32, now: Timestamp) -> Vec<String> {
    claim(store, limit, now).await.into_iter().map(|leased| leased.job.payload).collect()
}

pub fn settlement<E>(lease: Lease, outcome: Outcome) -> Settlement<E> {
    Settlement { lease, now: NOW, outcome, effect: None, next: Vec::new() }
}

pub async fn settle<S: Store>(store: &S, settlement: Settlement<S::Effect>) -> Settled<S::Effect> {
    store.settle(settlement).await.expect("settle")
}

/// Settles a lease that is held, with nothing else to write.
pub async fn end<S: Store>(store: &S, lease: Lease, outcome: Outcome) {
    assert_done(settle(store, settlement(lease, outcome)).await);
}

#[track_caller]
pub fn assert_done<E>(settled: Settled<E>) {
    assert!(matches!(settled, Settled::Done), "the lease is held and the effect fits");
}

#[track_caller]
pub fn assert_lost<E>(settled: Settled<E>) {
    assert!(matches!(settled, Settled::LeaseLost), "the lease is lost");
}

pub fn failed(run_at: Timestamp) -> Outcome {
    Outcome::RetryAt { run_at, error: "no answer".to_owned() }
}

pub fn put_off(run_at: Timestamp) -> Outcome {
    Outcome::Snooze { run_at, error: None }
}

pub fn hopeless() -> Outcome {
    Outcome::Quarantined { error: "no such thing".to_owned() }
}

pub async fn find<S: Store>(store: &S, id: JobId) -> Job {
    store.get(id).await.expect("get").expect("the job is there")
}

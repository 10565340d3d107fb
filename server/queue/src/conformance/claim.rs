//! Who gets which job.

use std::collections::HashSet;

use super::Harness;
use super::fixture::*;
use crate::job::NewJob;
use crate::state::JobState;
use crate::store::{Intervention, Store};

pub async fn due_jobs_are_claimed_by_their_time_and_then_by_their_id<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    for (payload, run_at) in [("third", 2), ("first", 1), ("fourth", 2), ("last", 3), ("second", 1)] {
        add(&*store, NewJob { run_at: later(run_at), ..job(payload) }).await;
    }
    let order = claimed_payloads(&*store, 9, later(9)).await;
    assert_eq!(order, ["first", "second", "third", "fourth", "last"]);
}

pub async fn a_job_is_not_claimed_before_its_time<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, NewJob { run_at: later(1), ..job("a") }).await;
    let just_before = later(1) - std::time::Duration::from_millis(1);
    assert!(claim(&*store, 9, just_before).await.is_empty());
    assert_eq!(claim(&*store, 9, later(1)).await.len(), 1);
}

pub async fn a_claim_takes_no_more_than_its_limit<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    for payload in ["a", "b", "c"] {
        add(&*store, job(payload)).await;
    }
    assert!(claim(&*store, 0, NOW).await.is_empty());
    assert_eq!(claimed_payloads(&*store, 2, NOW).await, ["a", "b"]);
    assert_eq!(claimed_payloads(&*store, 2, NOW).await, ["c"]);
}

pub async fn a_claim_takes_only_from_its_queue<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, NewJob { queue: OTHER_QUEUE, ..job("theirs") }).await;
    add(&*store, job("ours")).await;
    assert_eq!(claimed_payloads(&*store, 9, NOW).await, ["ours"]);
}

pub async fn an_attempt_is_counted_when_it_is_claimed<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = add(&*store, job("a")).await;
    for attempt in 1..=3 {
        let leased = claim_one(&*store, NOW).await;
        assert_eq!((leased.job.attempts, leased.job.state), (attempt, JobState::Running));
        assert_eq!(find(&*store, id).await, leased.job);
        end(&*store, leased.lease, failed(NOW)).await;
    }
}

pub async fn a_claimed_job_is_not_claimed_again<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    claim_one(&*store, NOW).await;
    assert!(claim(&*store, 9, NOW).await.is_empty());
    assert!(claim(&*store, 9, later(3_600)).await.is_empty(), "only the rescuer takes it away");
}

pub async fn concurrent_claims_never_share_a_job<H: Harness>() {
    const JOBS: usize = 100;
    let harness = H::start().await;
    let store = harness.store();
    let jobs = (0..JOBS).map(|payload| job(&payload.to_string())).collect();
    store.enqueue(jobs, NOW).await.expect("enqueue");
    let workers: Vec<_> = (0..8)
        .map(|worker| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                loop {
                    let claimed = claim_as(&*store, &format!("worker-{worker}"), 3, NOW).await;
                    if claimed.is_empty() {
                        return mine;
                    }
                    mine.extend(claimed.into_iter().map(|leased| leased.job.id));
                }
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.expect("worker"));
    }
    assert_eq!(all.len(), JOBS);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), JOBS);
}

pub async fn a_lease_expires_when_its_claim_said<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = add(&*store, job("a")).await;
    let leased = claim_one(&*store, later(5)).await;
    assert_eq!((leased.lease.job, leased.lease.expires_at), (id, later(5) + LEASE));
}

pub async fn a_later_claim_has_a_higher_fence_whatever_happened_in_between<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = add(&*store, with_exclusive_key("order-1", "a")).await;
    let mut fences = Vec::new();
    let mut now = NOW;

    let leased = claim_one(&*store, now).await;
    fences.push(leased.lease.fence);
    end(&*store, leased.lease, put_off(now)).await;

    fences.push(claim_one(&*store, now).await.lease.fence);
    now = now + LEASE;
    store.rescue(now).await.expect("rescue");

    let leased = claim_one(&*store, now).await;
    fences.push(leased.lease.fence);
    end(&*store, leased.lease, failed(now)).await;

    enqueue(&*store, with_exclusive_key("order-1", "moved")).await;
    let leased = claim_one(&*store, now).await;
    fences.push(leased.lease.fence);
    end(&*store, leased.lease, hopeless()).await;

    assert_eq!(store.retry(id, now).await.expect("retry"), Intervention::Done);
    fences.push(claim_one(&*store, now).await.lease.fence);

    assert!(fences.is_sorted_by(|a, b| a < b), "{fences:?}");
}

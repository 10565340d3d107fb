//! What is forgotten, and what never is.

use super::Harness;
use super::fixture::*;
use crate::clock::Timestamp;
use crate::job::{JobId, NewJob};
use crate::store::{Outcome, Settlement, Store};

async fn completed_at<S: Store>(store: &S, now: Timestamp) -> JobId {
    add(store, job("done")).await;
    let leased = claim_one(store, NOW).await;
    assert_done(settle(store, Settlement { now, ..settlement(leased.lease, Outcome::Completed) }).await);
    leased.job.id
}

pub async fn finished_jobs_are_pruned_by_age<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let old = completed_at(&*store, later(1)).await;
    let young = completed_at(&*store, later(2)).await;
    let dropped = add(&*store, job("dropped")).await;
    store.discard(dropped, later(1)).await.expect("discard");
    assert_eq!(store.prune(later(2), 9).await, Ok(2));
    assert_eq!(store.get(old).await, Ok(None));
    assert_eq!(store.get(dropped).await, Ok(None));
    assert_eq!(find(&*store, young).await.id, young);
}

pub async fn a_prune_takes_no_more_than_its_limit<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    for _ in 0..5 {
        completed_at(&*store, later(1)).await;
    }
    for expected in [2, 2, 1, 0] {
        assert_eq!(store.prune(later(2), 2).await, Ok(expected));
    }
}

pub async fn live_and_quarantined_jobs_are_never_pruned<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let quarantined = add(&*store, job("quarantined")).await;
    let leased = claim_one(&*store, NOW).await;
    end(&*store, leased.lease, hopeless()).await;
    let running = add(&*store, job("running")).await;
    claim_one(&*store, NOW).await;
    let waiting = add(&*store, NewJob { run_at: later(9), ..job("waiting") }).await;
    assert_eq!(store.prune(later(1_000_000_000), 99).await, Ok(0));
    for id in [quarantined, running, waiting] {
        assert_eq!(find(&*store, id).await.id, id);
    }
}

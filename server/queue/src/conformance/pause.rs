//! What a pause holds up, and what it does not.

use super::Harness;
use super::fixture::*;
use crate::job::NewJob;
use crate::state::JobState;
use crate::store::{Claim, Enqueued, Outcome, Store};

async fn paused<H: Harness>() -> H {
    let harness = H::start().await;
    assert_eq!(harness.store().pause(&QUEUE, NOW).await, Ok(true));
    harness
}

pub async fn a_paused_queue_claims_nothing_until_it_is_resumed<H: Harness>() {
    let harness = paused::<H>().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    assert!(claim(&*store, 9, later(3_600)).await.is_empty());
    assert_eq!(store.next_due(&QUEUE).await, Ok(None));
    assert_eq!(store.resume(&QUEUE, later(1)).await, Ok(true));
    assert_eq!(store.next_due(&QUEUE).await, Ok(Some(NOW)));
    assert_eq!(claimed_payloads(&*store, 9, NOW).await, ["a"]);
}

pub async fn a_pause_does_not_affect_other_queues<H: Harness>() {
    let harness = paused::<H>().await;
    let store = harness.store();
    add(&*store, NewJob { queue: OTHER_QUEUE, ..job("b") }).await;
    let claim = Claim { queue: OTHER_QUEUE, worker: worker("worker"), limit: 9, now: NOW, lease_for: LEASE };
    assert_eq!(store.claim(claim).await.expect("claim").len(), 1);
}

pub async fn running_jobs_continue_during_a_pause<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    for payload in ["renewed", "settled", "lost"] {
        add(&*store, with_exclusive_key(payload, payload)).await;
    }
    let [renewed, settled, lost] = claim(&*store, 3, NOW).await.try_into().expect("three jobs");
    assert_eq!(store.pause(&QUEUE, NOW).await, Ok(true));
    store.heartbeat(&[renewed.lease], later(5), LEASE).await.expect("heartbeat");
    end(&*store, settled.lease, Outcome::Completed).await;
    assert_eq!(store.rescue(later(10)).await, Ok(1));
    assert_eq!(find(&*store, lost.job.id).await.state, JobState::Available);
    assert_eq!(enqueue(&*store, with_exclusive_key("lost", "moved")).await, Enqueued::Moved(lost.job.id));
    assert!(claim(&*store, 9, later(10)).await.is_empty());
}

pub async fn pausing_and_resuming_are_idempotent<H: Harness>() {
    let harness = paused::<H>().await;
    let store = harness.store();
    assert_eq!(store.pause(&QUEUE, later(1)).await, Ok(false));
    assert_eq!(store.resume(&QUEUE, later(2)).await, Ok(true));
    assert_eq!(store.resume(&QUEUE, later(3)).await, Ok(false));
    assert_eq!(store.resume(&OTHER_QUEUE, later(3)).await, Ok(false), "it was never paused");
}

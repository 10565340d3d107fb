//! What an operator can do.

use super::Harness;
use super::fixture::*;
use crate::job::{JobId, NewJob};
use crate::state::JobState;
use crate::store::{Intervention, Outcome, Store};

pub async fn waiting_jobs_are_brought_forward_the_earliest_first<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    for (payload, run_at) in [("third", 30), ("first", 10), ("due", 0), ("second", 20)] {
        add(&*store, NewJob { run_at: later(run_at), ..job(payload) }).await;
    }
    add(&*store, NewJob { queue: OTHER_QUEUE, run_at: later(30), ..job("elsewhere") }).await;
    assert_eq!(store.bring_forward(&QUEUE, later(5), 2).await, Ok(2));
    assert_eq!(claimed_payloads(&*store, 1, later(5)).await, ["due"], "it was due before");
    let mut brought = claimed_payloads(&*store, 9, later(5)).await;
    brought.sort();
    assert_eq!(brought, ["first", "second"]);
    assert_eq!(store.bring_forward(&QUEUE, later(5), 2).await, Ok(1));
    assert_eq!(store.bring_forward(&QUEUE, later(5), 2).await, Ok(0));
    assert_eq!(claim_one(&*store, later(5)).await.job.run_at, later(5));
    assert_eq!(store.next_due(&OTHER_QUEUE).await, Ok(Some(later(30))));
}

async fn quarantined<S: Store>(store: &S) -> JobId {
    add(store, with_exclusive_key("order-1", "poison")).await;
    let leased = claim_one(store, NOW).await;
    end(store, leased.lease, hopeless()).await;
    leased.job.id
}

pub async fn a_retried_job_is_available_at_once_without_attempts<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = quarantined(&*store).await;
    assert_eq!(store.retry(id, later(5)).await, Ok(Intervention::Done));
    let retried = find(&*store, id).await;
    assert_eq!((retried.state, retried.attempts), (JobState::Available, 0));
    assert_eq!((retried.run_at, retried.ended_at), (later(5), None));
    assert_eq!(retried.last_error.as_deref(), Some("no such thing"));
    assert_eq!(claim_one(&*store, later(5)).await.job.attempts, 1);
}

pub async fn only_a_quarantined_job_is_retried<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    assert_eq!(store.retry(JobId(404), NOW).await, Ok(Intervention::NotFound));
    let id = add(&*store, job("a")).await;
    assert_eq!(store.retry(id, NOW).await, Ok(Intervention::WrongState(JobState::Available)));
    let leased = claim_one(&*store, NOW).await;
    assert_eq!(store.retry(id, NOW).await, Ok(Intervention::WrongState(JobState::Running)));
    end(&*store, leased.lease, Outcome::Completed).await;
    assert_eq!(store.retry(id, NOW).await, Ok(Intervention::WrongState(JobState::Completed)));
}

pub async fn a_retry_waits_for_its_exclusive_key<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = quarantined(&*store).await;
    let other = add(&*store, with_exclusive_key("order-1", "other")).await;
    assert_eq!(store.retry(id, NOW).await, Ok(Intervention::ExclusiveKeyTaken(other)));
    let leased = claim_one(&*store, NOW).await;
    assert_eq!(store.retry(id, NOW).await, Ok(Intervention::ExclusiveKeyTaken(other)));
    assert_eq!(find(&*store, id).await.state, JobState::Quarantined);
    end(&*store, leased.lease, Outcome::Completed).await;
    assert_eq!(store.retry(id, NOW).await, Ok(Intervention::Done));
}

pub async fn waiting_and_quarantined_jobs_are_discarded<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let poison = quarantined(&*store).await;
    let waiting = add(&*store, job("waiting")).await;
    for id in [poison, waiting] {
        assert_eq!(store.discard(id, later(5)).await, Ok(Intervention::Done));
        let job = find(&*store, id).await;
        assert_eq!((job.state, job.ended_at), (JobState::Discarded, Some(later(5))));
    }
    assert!(claim(&*store, 9, later(3_600)).await.is_empty());
}

pub async fn a_running_or_finished_job_is_not_discarded<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    assert_eq!(store.discard(JobId(404), NOW).await, Ok(Intervention::NotFound));
    let id = add(&*store, job("a")).await;
    let leased = claim_one(&*store, NOW).await;
    assert_eq!(store.discard(id, NOW).await, Ok(Intervention::WrongState(JobState::Running)));
    end(&*store, leased.lease, Outcome::Completed).await;
    assert_eq!(store.discard(id, NOW).await, Ok(Intervention::WrongState(JobState::Completed)));
    let dropped = add(&*store, job("b")).await;
    store.discard(dropped, NOW).await.expect("discard");
    assert_eq!(store.discard(dropped, NOW).await, Ok(Intervention::WrongState(JobState::Discarded)));
}

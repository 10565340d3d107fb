//! What becomes of the jobs of the dead.

use std::collections::BTreeMap;
use std::time::Duration;

use super::Harness;
use super::fixture::*;
use crate::crash_backoff::available_after_crash_at;
use crate::job::NewJob;
use crate::state::JobState;
use crate::store::{Outcome, Settlement, Store};

pub async fn a_job_with_an_expired_lease_is_available_at_once<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = add(&*store, job("a")).await;
    claim_one(&*store, NOW).await;
    assert_eq!(store.rescue(later(10)).await, Ok(1));
    let rescued = find(&*store, id).await;
    assert_eq!((rescued.state, rescued.attempts, rescued.ended_at), (JobState::Available, 1, None));
    assert_eq!(claim_one(&*store, later(10)).await.job.attempts, 2);
    assert_eq!(store.rescue(later(10)).await, Ok(0), "the new lease is fresh");
}

pub async fn a_lease_that_has_not_expired_is_left_alone<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    let leased = claim_one(&*store, NOW).await;
    let just_before = leased.lease.expires_at - std::time::Duration::from_millis(1);
    assert_eq!(store.rescue(just_before).await, Ok(0));
    end(&*store, leased.lease, Outcome::Completed).await;
    assert_eq!(store.rescue(later(10)).await, Ok(0), "settled in time");
}

pub async fn a_renewed_lease_is_left_alone<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    let leased = claim_one(&*store, NOW).await;
    store.heartbeat(&[leased.lease], later(9), LEASE).await.expect("heartbeat");
    assert_eq!(store.rescue(later(18)).await, Ok(0));
    assert_eq!(store.rescue(later(19)).await, Ok(1));
}

pub async fn a_job_that_crashed_its_last_worker_is_claimed_once_more_to_be_quarantined<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = add(&*store, NewJob { max_attempts: 2, ..job("poison") }).await;
    claim_one(&*store, NOW).await;
    assert_eq!(store.rescue(later(10)).await, Ok(1));
    claim_one(&*store, later(10)).await;
    assert_eq!(store.rescue(later(20)).await, Ok(1));
    let spent = find(&*store, id).await;
    assert_eq!((spent.state, spent.attempts, spent.ended_at), (JobState::Available, 2, None));
    assert!(spent.last_error.is_some(), "an operator reads why");
    let burial = claim_one(&*store, later(20)).await;
    assert_eq!((burial.job.attempts, burial.job.attempts_are_spent()), (3, true));
    end(&*store, burial.lease, put_off(later(21))).await;
    let burial = claim_one(&*store, later(21)).await;
    assert_eq!(burial.job.attempts, 3, "a burial that is put off is still a burial");
    end(&*store, burial.lease, hopeless()).await;
    assert_eq!(find(&*store, id).await.state, JobState::Quarantined);
}

pub async fn jobs_that_crash_repeatedly_become_available_at_different_times<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let ids = [add(&*store, job("a")).await, add(&*store, job("b")).await];
    let mut was_due = BTreeMap::from(ids.map(|id| (id, NOW)));
    let mut now = NOW;
    for attempts in 1..=5 {
        assert_eq!(claim_as(&*store, "dead", 9, now).await.len(), 2);
        assert_eq!(store.rescue_worker(&worker("dead"), now).await, Ok(2));
        for id in ids {
            let due = find(&*store, id).await.run_at;
            assert_eq!(due, available_after_crash_at(id, attempts, was_due[&id], now), "{attempts} attempts");
            assert!(attempts > 2 || due <= now, "it was lost by accident, for all we know");
            was_due.insert(id, due);
        }
        now = now + Duration::from_secs(60);
    }
}

pub async fn rescuing_a_worker_takes_back_its_jobs_and_no_others<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    add(&*store, job("b")).await;
    add(&*store, NewJob { max_attempts: 1, ..job("poison") }).await;
    add(&*store, job("c")).await;
    claim_as(&*store, "dead", 3, NOW).await;
    let living = claim_as(&*store, "living", 1, NOW).await;
    assert_eq!(store.rescue_worker(&worker("dead"), later(1)).await, Ok(3));
    assert_eq!(claimed_payloads(&*store, 9, later(1)).await, ["a", "b", "poison"]);
    end(&*store, living[0].lease, Outcome::Completed).await;
    assert_eq!(store.rescue_worker(&worker("unknown"), later(1)).await, Ok(0));
}

pub async fn a_dead_worker_settles_nothing<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    let [zombie] = claim_as(&*store, "dead", 1, NOW).await.try_into().expect("one job");
    assert_eq!(store.rescue_worker(&worker("dead"), NOW).await, Ok(1));
    let effect = Some(harness.accepted_effect("undead").await);
    assert_lost(settle(&*store, Settlement { effect, ..settlement(zombie.lease, Outcome::Completed) }).await);
    assert!(harness.marks().await.is_empty());
}

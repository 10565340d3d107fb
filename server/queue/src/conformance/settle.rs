//! How an attempt ends.

use super::fixture::*;
use super::{EffectOf, Harness};
use crate::job::NewJob;
use crate::lease::Leased;
use crate::state::JobState;
use crate::store::{Outcome, Settled, Settlement, Store};

fn completed<E>(leased: &Leased, effect: E) -> Settlement<E> {
    Settlement { effect: Some(effect), ..settlement(leased.lease, Outcome::Completed) }
}

/// A store with one job, claimed at the beginning of time.
async fn with_one_claimed<H: Harness>() -> (H, Leased) {
    let harness = H::start().await;
    add(&*harness.store(), with_exclusive_key("order-1", "a")).await;
    let leased = claim_one(&*harness.store(), NOW).await;
    (harness, leased)
}

pub async fn a_completed_job_has_its_effect_once<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let store = harness.store();
    let effect = harness.accepted_effect("charged").await;
    assert_done(settle(&*store, Settlement { now: later(2), ..completed(&leased, effect) }).await);
    let job = find(&*store, leased.job.id).await;
    assert_eq!((job.state, job.ended_at, job.attempts), (JobState::Completed, Some(later(2)), 1));
    assert_eq!(harness.marks().await, ["charged"]);
    assert!(claim(&*store, 9, later(3_600)).await.is_empty());
}

pub async fn a_job_without_an_effect_completes_too<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    end(&*harness.store(), leased.lease, Outcome::Completed).await;
    assert_eq!(find(&*harness.store(), leased.job.id).await.state, JobState::Completed);
    assert!(harness.marks().await.is_empty());
}

pub async fn a_failed_attempt_is_available_later_with_its_error<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let store = harness.store();
    end(&*store, leased.lease, failed(later(7))).await;
    let job = find(&*store, leased.job.id).await;
    assert_eq!((job.state, job.run_at, job.attempts), (JobState::Available, later(7), 1));
    assert_eq!((job.last_error.as_deref(), job.ended_at), (Some("no answer"), None));
    assert!(claim(&*store, 9, later(6)).await.is_empty());
    let again = claim_one(&*store, later(7)).await;
    end(&*store, again.lease, Outcome::Completed).await;
    let job = find(&*store, leased.job.id).await;
    assert_eq!((job.attempts, job.last_error.as_deref()), (2, Some("no answer")));
}

pub async fn a_failed_last_attempt_is_quarantined<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = add(&*store, NewJob { max_attempts: 1, ..job("a") }).await;
    let leased = claim_one(&*store, NOW).await;
    let settlement = Settlement { now: later(2), ..settlement(leased.lease, failed(later(7))) };
    assert_done(settle(&*store, settlement).await);
    let job = find(&*store, id).await;
    assert_eq!((job.state, job.ended_at), (JobState::Quarantined, Some(later(2))));
    assert_eq!(job.last_error.as_deref(), Some("no answer"));
    assert!(claim(&*store, 9, later(3_600)).await.is_empty());
}

pub async fn a_snoozed_attempt_is_not_counted<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let store = harness.store();
    end(&*store, leased.lease, put_off(later(7))).await;
    let job = find(&*store, leased.job.id).await;
    assert_eq!((job.state, job.run_at, job.attempts), (JobState::Available, later(7), 0));
    assert_eq!((job.last_error, job.ended_at), (None, None));
    let again = claim_one(&*store, later(7)).await;
    assert_eq!(again.job.attempts, 1);
    let why = |error: &str| Some(error.to_owned());
    end(&*store, again.lease, Outcome::Snooze { run_at: later(8), error: why("closed on Sundays") }).await;
    let again = claim_one(&*store, later(8)).await;
    end(&*store, again.lease, put_off(later(9))).await;
    let job = find(&*store, leased.job.id).await;
    assert_eq!((job.attempts, job.last_error), (0, why("closed on Sundays")), "the last reason is kept");
}

pub async fn a_quarantined_job_waits_for_an_operator<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let store = harness.store();
    end(&*store, leased.lease, hopeless()).await;
    let job = find(&*store, leased.job.id).await;
    assert_eq!((job.state, job.ended_at), (JobState::Quarantined, Some(NOW)));
    assert_eq!(job.last_error.as_deref(), Some("no such thing"));
    assert!(claim(&*store, 9, later(3_600)).await.is_empty());
    assert_eq!(store.rescue(later(3_600)).await, Ok(0));
}

pub async fn an_effect_is_written_with_every_outcome<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let outcomes = [failed(later(9)), put_off(later(9)), hopeless(), Outcome::Completed];
    for (mark, outcome) in ["retried", "snoozed", "quarantined", "completed"].into_iter().zip(outcomes) {
        add(&*store, job(mark)).await;
        let leased = claim_one(&*store, NOW).await;
        let effect = Some(harness.accepted_effect(mark).await);
        assert_done(settle(&*store, Settlement { effect, ..settlement(leased.lease, outcome) }).await);
    }
    let mut marks = harness.marks().await;
    marks.sort();
    assert_eq!(marks, ["completed", "quarantined", "retried", "snoozed"]);
}

pub async fn a_lease_settles_once<H: Harness>() {
    for outcome in [Outcome::Completed, failed(NOW), put_off(NOW), hopeless()] {
        let (harness, leased) = with_one_claimed::<H>().await;
        let store = harness.store();
        end(&*store, leased.lease, outcome).await;
        let before = find(&*store, leased.job.id).await;
        let effect = harness.accepted_effect("again").await;
        assert_lost(settle(&*store, completed(&leased, effect)).await);
        assert_eq!(find(&*store, leased.job.id).await, before);
        assert!(harness.marks().await.is_empty());
    }
}

pub async fn concurrent_settlements_of_one_lease_write_one_effect<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let mut settlers = Vec::new();
    for settler in 0..8 {
        let (store, lease) = (harness.store(), leased.lease);
        let effect = Some(harness.accepted_effect(&settler.to_string()).await);
        settlers.push(tokio::spawn(async move {
            let settlement = Settlement { effect, ..settlement(lease, Outcome::Completed) };
            matches!(settle(&*store, settlement).await, Settled::Done)
        }));
    }
    let mut done = 0;
    for settler in settlers {
        done += usize::from(settler.await.expect("settler"));
    }
    assert_eq!((done, harness.marks().await.len()), (1, 1));
}

pub async fn a_late_settlement_after_a_rescue_writes_nothing<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let store = harness.store();
    assert_eq!(store.rescue(later(10)).await, Ok(1));
    let before = find(&*store, leased.job.id).await;
    let effect = harness.accepted_effect("late").await;
    let late = Settlement { next: vec![job("follows")], ..completed(&leased, effect) };
    assert_lost(settle(&*store, late).await);
    assert_eq!(find(&*store, leased.job.id).await, before);
    assert!(harness.marks().await.is_empty());
    assert_eq!(claimed_payloads(&*store, 9, later(10)).await, ["a"], "nothing follows");
}

pub async fn a_stale_fence_does_not_settle_the_claim_of_its_successor<H: Harness>() {
    let (harness, stale) = with_one_claimed::<H>().await;
    let store = harness.store();
    store.rescue(later(10)).await.expect("rescue");
    let successor = claim_one(&*store, later(10)).await;
    for outcome in [Outcome::Completed, failed(NOW), put_off(NOW), hopeless()] {
        let effect = Some(harness.accepted_effect("stale").await);
        assert_lost(settle(&*store, Settlement { effect, ..settlement(stale.lease, outcome) }).await);
    }
    assert_eq!(find(&*store, stale.job.id).await, successor.job);
    let effect = harness.accepted_effect("successor").await;
    assert_done(settle(&*store, completed(&successor, effect)).await);
    assert_eq!(harness.marks().await, ["successor"]);
}

pub async fn a_refused_effect_comes_back_and_changes_nothing<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let store = harness.store();
    let effect = harness.refused_effect("refused").await;
    let refused = Settlement { next: vec![job("follows")], ..completed(&leased, effect) };
    let Settled::Refused(effect) = settle(&*store, refused).await else {
        panic!("the effect was to be refused")
    };
    assert_eq!(find(&*store, leased.job.id).await, leased.job);
    assert!(harness.marks().await.is_empty());
    assert!(claim(&*store, 9, NOW).await.is_empty(), "nothing follows");
    let again: Settled<EffectOf<H>> = settle(&*store, completed(&leased, effect)).await;
    assert!(matches!(again, Settled::Refused(_)), "it is the effect that was refused");
}

pub async fn a_refused_settlement_can_be_settled_with_another_effect<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let store = harness.store();
    let refused = harness.refused_effect("refused").await;
    let settled = settle(&*store, completed(&leased, refused)).await;
    assert!(matches!(settled, Settled::Refused(_)));
    assert_eq!(store.heartbeat(&[leased.lease], later(1), LEASE).await.expect("heartbeat").len(), 1);
    let revised = harness.accepted_effect("revised").await;
    assert_done(settle(&*store, completed(&leased, revised)).await);
    assert_eq!(harness.marks().await, ["revised"]);
}

pub async fn following_jobs_are_enqueued_with_the_settlement<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let store = harness.store();
    let next = vec![job("mail"), NewJob { queue: OTHER_QUEUE, ..with_exclusive_key("order-2", "ship") }];
    let settled = Settlement { next, now: later(2), ..settlement(leased.lease, Outcome::Completed) };
    assert_done(settle(&*store, settled).await);
    let mail = claim_one(&*store, NOW).await;
    assert_eq!((mail.job.payload.as_str(), mail.job.created_at), ("mail", later(2)));
    assert_eq!(store.next_due(&OTHER_QUEUE).await, Ok(Some(NOW)));
}

pub async fn the_next_job_with_the_exclusive_key_is_added_at_completion<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let store = harness.store();
    let next = vec![with_exclusive_key("order-1", "b")];
    assert_done(settle(&*store, Settlement { next, ..settlement(leased.lease, Outcome::Completed) }).await);
    let follower = claim_one(&*store, NOW).await;
    assert_ne!(follower.job.id, leased.job.id);
    assert_eq!(
        (follower.job.payload.as_str(), follower.job.exclusive_key.as_deref()),
        ("b", Some("order-1"))
    );
}

pub async fn the_next_job_with_the_exclusive_key_replaces_a_failed_attempt<H: Harness>() {
    let (harness, leased) = with_one_claimed::<H>().await;
    let store = harness.store();
    let next = vec![with_exclusive_key("order-1", "undo")];
    assert_done(settle(&*store, Settlement { next, ..settlement(leased.lease, failed(later(60))) }).await);
    let replaced = claim_one(&*store, NOW).await;
    assert_eq!((replaced.job.id, replaced.job.payload.as_str()), (leased.job.id, "undo"));
    assert_eq!(replaced.job.attempts, 1);
}

pub async fn the_next_job_is_dropped_while_a_job_with_its_exclusive_key_runs<H: Harness>() {
    let (harness, running) = with_one_claimed::<H>().await;
    let store = harness.store();
    add(&*store, job("other")).await;
    let other = claim_one(&*store, NOW).await;
    let next = vec![with_exclusive_key("order-1", "b")];
    assert_done(settle(&*store, Settlement { next, ..settlement(other.lease, Outcome::Completed) }).await);
    assert_eq!(find(&*store, running.job.id).await, running.job);
    assert!(claim(&*store, 9, NOW).await.is_empty());
}

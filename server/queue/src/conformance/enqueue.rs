//! What becomes of a new job.

use super::Harness;
use super::fixture::*;
use crate::job::{Job, NewJob};
use crate::name::JobKind;
use crate::state::JobState;
use crate::store::{Enqueued, Outcome, Store};

pub async fn an_enqueued_job_is_available_with_its_fields<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let exclusive_key = Some("order-1".to_owned());
    let new = NewJob { exclusive_key, run_at: later(60), ..with_fairness_key("ada", "{\"order\":1}") };
    let id = add(&*store, new).await;
    let expected = Job {
        id,
        queue: QUEUE,
        kind: KIND,
        exclusive_key: Some("order-1".to_owned()),
        fairness_key: Some("ada".to_owned()),
        payload: "{\"order\":1}".to_owned(),
        state: JobState::Available,
        attempts: 0,
        max_attempts: 3,
        run_at: later(60),
        created_at: NOW,
        ended_at: None,
        last_error: None,
    };
    assert_eq!(find(&*store, id).await, expected);
}

pub async fn later_jobs_have_higher_ids<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let told = store.enqueue(vec![job("a"), job("b"), job("c")], NOW).await.expect("enqueue");
    let [Enqueued::Added(a), Enqueued::Added(b), Enqueued::Added(c)] = told[..] else {
        panic!("three jobs were to be added, in order: {told:?}")
    };
    let d = add(&*store, job("d")).await;
    assert!(a < b && b < c && c < d, "{a} {b} {c} {d}");
}

pub async fn jobs_without_an_exclusive_key_do_not_affect_each_other<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, job("a")).await;
    add(&*store, job("b")).await;
    assert_eq!(claimed_payloads(&*store, 9, NOW).await, ["a", "b"]);
    add(&*store, job("c")).await;
}

pub async fn a_new_job_moves_the_waiting_job_with_its_exclusive_key<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = add(&*store, NewJob { run_at: later(3_600), ..with_exclusive_key("order-1", "old") }).await;
    let bystander =
        add(&*store, NewJob { run_at: later(3_600), ..with_exclusive_key("order-2", "other") }).await;
    let new = NewJob {
        queue: OTHER_QUEUE,
        kind: JobKind::new("arrange_shipping"),
        run_at: later(5),
        max_attempts: 7,
        fairness_key: Some("ada".to_owned()),
        ..with_exclusive_key("order-1", "new")
    };
    assert_eq!(enqueue(&*store, new).await, Enqueued::Moved(id));
    let moved = find(&*store, id).await;
    assert_eq!((moved.queue, moved.kind.as_str()), (OTHER_QUEUE, "arrange_shipping"));
    assert_eq!((moved.payload.as_str(), moved.run_at, moved.max_attempts), ("new", later(5), 7));
    assert_eq!((moved.state, moved.fairness_key.as_deref()), (JobState::Available, Some("ada")));
    assert_eq!(find(&*store, bystander).await.payload, "other");
    assert!(claim(&*store, 9, later(5)).await.is_empty(), "it has left its old queue");
}

pub async fn a_moved_job_begins_with_no_attempts_and_no_error<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = add(&*store, with_exclusive_key("order-1", "old")).await;
    let leased = claim_one(&*store, NOW).await;
    end(&*store, leased.lease, failed(later(60))).await;
    assert_eq!(find(&*store, id).await.attempts, 1);
    assert_eq!(enqueue(&*store, with_exclusive_key("order-1", "new")).await, Enqueued::Moved(id));
    let moved = find(&*store, id).await;
    assert_eq!((moved.attempts, moved.last_error), (0, None));
    assert_eq!(claim_one(&*store, NOW).await.job.payload, "new");
}

pub async fn a_new_job_is_dropped_while_a_job_with_its_exclusive_key_runs<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let id = add(&*store, with_exclusive_key("order-1", "running")).await;
    let leased = claim_one(&*store, NOW).await;
    let before = find(&*store, id).await;
    let new = NewJob { queue: OTHER_QUEUE, ..with_exclusive_key("order-1", "new") };
    assert_eq!(enqueue(&*store, new).await, Enqueued::Dropped(id));
    assert_eq!(find(&*store, id).await, before);
    end(&*store, leased.lease, Outcome::Completed).await;
    assert!(claim(&*store, 9, NOW).await.is_empty(), "the dropped job is nowhere");
}

pub async fn the_exclusive_key_holds_among_the_jobs_of_one_call<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let jobs =
        vec![with_exclusive_key("order-1", "first"), job("free"), with_exclusive_key("order-1", "second")];
    let told = store.enqueue(jobs, NOW).await.expect("enqueue");
    assert!(matches!(told[..], [Enqueued::Added(a), Enqueued::Added(_), Enqueued::Moved(b)] if a == b));
    assert_eq!(claimed_payloads(&*store, 9, NOW).await, ["second", "free"]);
}

pub async fn an_exclusive_key_is_free_when_its_job_is_no_longer_live<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    for outcome in [Outcome::Completed, hopeless()] {
        add(&*store, with_exclusive_key("order-1", "worked")).await;
        let leased = claim_one(&*store, NOW).await;
        end(&*store, leased.lease, outcome).await;
    }
    let dropped = add(&*store, with_exclusive_key("order-1", "unwanted")).await;
    store.discard(dropped, NOW).await.expect("discard");
    add(&*store, with_exclusive_key("order-1", "last")).await;
}

pub async fn concurrent_enqueues_leave_one_live_job_per_exclusive_key<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let callers: Vec<_> = (0..16)
        .map(|caller| {
            let store = store.clone();
            tokio::spawn(
                async move { enqueue(&*store, with_exclusive_key("order-1", &caller.to_string())).await },
            )
        })
        .collect();
    let mut added = 0;
    for caller in callers {
        added += usize::from(matches!(caller.await.expect("caller"), Enqueued::Added(_)));
    }
    assert_eq!(added, 1);
    assert_eq!(claim(&*store, 99, NOW).await.len(), 1);
}

//! What can be seen from outside.

use super::Harness;
use super::fixture::*;
use crate::job::{JobId, NewJob};
use crate::name::QueueName;
use crate::state::JobState;
use crate::store::{JobFilter, Outcome, QueueStatus, Store};

pub async fn the_next_due_date_is_that_of_the_earliest_job<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, NewJob { run_at: later(20), ..job("late") }).await;
    add(&*store, NewJob { run_at: later(10), ..job("soon") }).await;
    add(&*store, NewJob { run_at: later(1), queue: OTHER_QUEUE, ..job("elsewhere") }).await;
    assert_eq!(store.next_due(&QUEUE).await, Ok(Some(later(10))));
    claim_one(&*store, later(10)).await;
    assert_eq!(store.next_due(&QUEUE).await, Ok(Some(later(20))), "a running job is not waiting");
}

pub async fn nothing_is_due_when_nothing_waits<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    assert_eq!(store.next_due(&QUEUE).await, Ok(None));
    add(&*store, job("a")).await;
    let leased = claim_one(&*store, NOW).await;
    end(&*store, leased.lease, hopeless()).await;
    assert_eq!(store.next_due(&QUEUE).await, Ok(None));
}

pub async fn an_unknown_id_is_not_found<H: Harness>() {
    let harness = H::start().await;
    assert_eq!(harness.store().get(JobId(404)).await, Ok(None));
}

pub async fn a_list_is_filtered_and_paged_newest_first<H: Harness>() {
    async fn payloads<S: Store>(store: &S, filter: JobFilter) -> Vec<String> {
        store.list(filter).await.expect("list").into_iter().map(|job| job.payload).collect()
    }
    let harness = H::start().await;
    let store = harness.store();
    let a = add(&*store, job("a")).await;
    add(&*store, NewJob { queue: OTHER_QUEUE, ..job("b") }).await;
    let c = add(&*store, job("c")).await;
    add(&*store, job("d")).await;
    store.discard(a, NOW).await.expect("discard");

    let all = JobFilter { state: None, queue: None, before: None, limit: 9 };
    assert_eq!(payloads(&*store, all.clone()).await, ["d", "c", "b", "a"]);
    let ours = JobFilter { queue: Some(QUEUE), ..all.clone() };
    assert_eq!(payloads(&*store, ours.clone()).await, ["d", "c", "a"]);
    let waiting = JobFilter { state: Some(JobState::Available), ..ours.clone() };
    assert_eq!(payloads(&*store, waiting).await, ["d", "c"]);
    let first_page = JobFilter { limit: 2, ..ours.clone() };
    assert_eq!(payloads(&*store, first_page).await, ["d", "c"]);
    let second_page = JobFilter { before: Some(c), limit: 2, ..ours };
    assert_eq!(payloads(&*store, second_page).await, ["a"]);
    let discarded = JobFilter { state: Some(JobState::Discarded), ..all };
    assert_eq!(payloads(&*store, discarded).await, ["a"]);
}

pub async fn a_list_shows_a_job_in_each_of_its_states<H: Harness>() {
    use JobState::{Available, Completed, Discarded, Quarantined, Running};

    /// The states of the queue's jobs, oldest first; each is found under its state alone, too.
    async fn states<S: Store>(store: &S) -> Vec<JobState> {
        let ours = JobFilter { state: None, queue: Some(QUEUE), before: None, limit: 9 };
        let jobs = store.list(ours.clone()).await.expect("list");
        for state in [Available, Running, Completed, Quarantined, Discarded] {
            let found = store.list(JobFilter { state: Some(state), ..ours.clone() }).await.expect("list");
            assert!(found.iter().eq(jobs.iter().filter(|job| job.state == state)), "{state:?}: {found:?}");
        }
        jobs.iter().rev().map(|job| job.state).collect()
    }
    let harness = H::start().await;
    let store = harness.store();
    add(&*store, NewJob { queue: OTHER_QUEUE, ..job("elsewhere") }).await;
    assert_eq!(states(&*store).await, []);

    let id = add(&*store, NewJob { max_attempts: 1, ..with_exclusive_key("order-1", "a") }).await;
    assert_eq!(states(&*store).await, [Available]);
    let leased = claim_one(&*store, NOW).await;
    assert_eq!(states(&*store).await, [Running]);
    end(&*store, leased.lease, put_off(NOW)).await;
    assert_eq!(states(&*store).await, [Available]);
    claim_one(&*store, NOW).await;
    store.rescue(later(10)).await.expect("rescue");
    assert_eq!(states(&*store).await, [Available]);
    let leased = claim_one(&*store, NOW).await;
    end(&*store, leased.lease, hopeless()).await;
    assert_eq!(states(&*store).await, [Quarantined]);
    store.retry(id, NOW).await.expect("retry");
    assert_eq!(states(&*store).await, [Available]);
    let leased = claim_one(&*store, NOW).await;
    end(&*store, leased.lease, Outcome::Completed).await;
    assert_eq!(states(&*store).await, [Completed]);

    let moved = NewJob { exclusive_key: Some("order-2".to_owned()), ..job("b") };
    let id = add(&*store, moved.clone()).await;
    enqueue(&*store, NewJob { queue: QueueName::new("mail"), ..moved.clone() }).await;
    assert_eq!(states(&*store).await, [Completed], "moved away");
    enqueue(&*store, moved).await;
    assert_eq!(states(&*store).await, [Completed, Available]);
    store.discard(id, NOW).await.expect("discard");
    assert_eq!(states(&*store).await, [Completed, Discarded]);
    store.prune(later(1), 9).await.expect("prune");
    assert_eq!(states(&*store).await, []);
}

pub async fn queues_count_their_jobs_by_state<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    assert_eq!(store.queues(NOW).await, Ok(vec![]));
    for (payload, run_at) in [("a", 1), ("b", 0), ("c", 2), ("d", 3), ("e", 4)] {
        add(&*store, NewJob { run_at: later(run_at), ..job(payload) }).await;
    }
    claim(&*store, 1, later(0)).await;
    let poison = claim(&*store, 1, later(1)).await.remove(0);
    end(&*store, poison.lease, hopeless()).await;
    add(&*store, NewJob { queue: OTHER_QUEUE, ..job("elsewhere") }).await;
    store.pause(&"mail".into(), NOW).await.expect("pause");
    let none = QueueStatus::empty;
    let expected = [
        QueueStatus { due: 1, oldest_due: Some(NOW), ..none(OTHER_QUEUE) },
        QueueStatus { paused: true, ..none("mail".into()) },
        QueueStatus {
            due: 2,
            scheduled: 1,
            running: 1,
            quarantined: 1,
            oldest_due: Some(later(2)),
            ..none(QUEUE)
        },
    ];
    assert_eq!(store.queues(later(3)).await.expect("queues"), expected);

    for leased in claim(&*store, 9, later(9)).await {
        end(&*store, leased.lease, Outcome::Completed).await;
    }
    store.rescue(later(10)).await.expect("rescue");
    for leased in claim(&*store, 9, later(10)).await {
        end(&*store, leased.lease, Outcome::Completed).await;
    }
    store.retry(poison.job.id, NOW).await.expect("retry");
    store.discard(poison.job.id, NOW).await.expect("discard");
    store.resume(&"mail".into(), NOW).await.expect("resume");
    let expected = [expected[0].clone(), none("mail".into()), none(QUEUE)];
    assert_eq!(store.queues(later(3)).await.expect("queues"), expected, "what is finished is not told");
}

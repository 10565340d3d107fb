//! Whose turn it is.

use super::Harness;
use super::fixture::*;
use crate::job::NewJob;
use crate::random::{Random, SeededRandom};
use crate::store::{Outcome, Store};

/// Adds that many jobs of a fairness key, in one call.
async fn add_many<S: Store>(store: &S, fairness_key: &str, jobs: usize) {
    let jobs = (0..jobs).map(|n| with_fairness_key(fairness_key, &format!("{fairness_key}{n}"))).collect();
    store.enqueue(jobs, NOW).await.expect("enqueue");
}

/// Whose jobs so many claims of one job bring, one after the other.
async fn turns<S: Store>(store: &S, claims: usize) -> String {
    let mut turns = String::new();
    for _ in 0..claims {
        let leased = claim(store, 1, NOW).await.remove(0);
        turns += leased.job.fairness_key.as_deref().unwrap_or("-");
        end(store, leased.lease, Outcome::Completed).await;
    }
    turns
}

pub async fn a_thousand_jobs_of_one_key_do_not_starve_the_single_job_of_another<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add_many(&*store, "a", 1_000).await;
    assert_eq!(claim(&*store, 100, NOW).await.len(), 100);
    add_many(&*store, "b", 1).await;
    add(&*store, job("nobody's")).await;
    let next = claimed_payloads(&*store, 3, NOW).await;
    assert_eq!(next, ["a100", "b0", "nobody's"]);
}

pub async fn waiting_fairness_keys_are_served_in_turns<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    for (fairness_key, jobs) in [("a", 5), ("b", 3), ("c", 1)] {
        add_many(&*store, fairness_key, jobs).await;
    }
    assert_eq!(turns(&*store, 9).await, "abcababaa");
}

pub async fn the_earliest_job_of_a_fairness_key_comes_first<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    for (payload, run_at) in [("fourth", 4), ("second", 2), ("first", 1), ("third", 2)] {
        add(&*store, NewJob { run_at: later(run_at), ..with_fairness_key("a", payload) }).await;
    }
    let order = claimed_payloads(&*store, 9, later(9)).await;
    assert_eq!(order, ["first", "second", "third", "fourth"]);
}

pub async fn a_fairness_key_that_comes_back_has_neither_debt_nor_credit<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add_many(&*store, "a", 20).await;
    assert_eq!(turns(&*store, 20).await, "a".repeat(20));
    add_many(&*store, "b", 5).await;
    assert_eq!(turns(&*store, 1).await, "b");
    add_many(&*store, "a", 3).await;
    assert_eq!(turns(&*store, 7).await, "bababab", "twenty before count for nothing");
    add_many(&*store, "a", 20).await;
    assert_eq!(turns(&*store, 10).await, "a".repeat(10));
    add_many(&*store, "b", 3).await;
    assert_eq!(turns(&*store, 6).await, "ababab", "and so does having waited for nothing");
}

pub async fn fairness_keys_of_one_queue_do_not_affect_another<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    let elsewhere =
        (0..9).map(|_| NewJob { queue: OTHER_QUEUE, ..with_fairness_key("a", "elsewhere") }).collect();
    store.enqueue(elsewhere, NOW).await.expect("enqueue");
    add_many(&*store, "b", 2).await;
    add_many(&*store, "a", 2).await;
    assert_eq!(turns(&*store, 4).await, "baba");
}

pub async fn a_retried_job_queues_up_again<H: Harness>() {
    let harness = H::start().await;
    let store = harness.store();
    add_many(&*store, "a", 3).await;
    let leased = claim(&*store, 1, NOW).await.remove(0);
    end(&*store, leased.lease, failed(NOW)).await;
    add_many(&*store, "b", 2).await;
    assert_eq!(claimed_payloads(&*store, 9, NOW).await, ["a1", "b0", "a2", "b1", "a0"]);
}

pub async fn two_busy_fairness_keys_are_never_two_jobs_apart<H: Harness>() {
    const SHARES: [&str; 3] = ["a", "b", "c"];
    let harness = H::start().await;
    let (store, random) = (harness.store(), SeededRandom::new(11));
    let mut waiting = [0_usize; 3];
    let mut served = [0_i32; 3];
    for _ in 0..60 {
        for (fairness_key, waiting) in SHARES.iter().zip(&mut waiting) {
            // Whoever runs out has waited for nothing and begins with the others.
            let new = (random.next_u64() % 6) as usize + 3_usize.saturating_sub(*waiting);
            add_many(&*store, fairness_key, new).await;
            *waiting += new;
        }
        for leased in claim(&*store, 1 + (random.next_u64() % 3) as u32, NOW).await {
            let fairness_key = SHARES
                .iter()
                .position(|fairness_key| leased.job.fairness_key.as_deref() == Some(fairness_key));
            let fairness_key = fairness_key.expect("one of the three");
            waiting[fairness_key] -= 1;
            served[fairness_key] += 1;
        }
        let apart = served.iter().max().zip(served.iter().min()).map(|(most, least)| most - least);
        assert!(apart <= Some(1), "{served:?}");
    }
}

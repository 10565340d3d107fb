use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt;
use queue::{
    Attempted, Ended, Failure, JobKind, JobState, NewJob, QueueName, Store, StoreError, Verdict, Worker,
    WorkerConfig,
};

use crate::bench::{Bench, Does, Hangs, KIND, POLICY, Recovers, Revises, START, job, seconds};
use crate::faulty::{FaultyStore, Mark};

/// One tick in which exactly one job is worked.
async fn tick_one(worker: &Worker<FaultyStore>) -> Ended {
    let attempted = worker.tick().await.unwrap();
    assert_eq!(attempted.len(), 1, "{attempted:?}");
    attempted[0].ended.clone()
}

#[tokio::test(start_paused = true)]
async fn a_tick_runs_due_jobs_and_returns_their_outcomes() {
    let bench = Bench::new(Does(async |leased: queue::Leased| match leased.job.payload.as_str() {
        "good" => Verdict::completed().with_effect(Mark::Accepted("charged")),
        _ => Verdict::quarantine("no such card"),
    }));
    let good = bench.add(job("good")).await;
    let bad = bench.add(job("bad")).await;
    let later = bench.add(NewJob { run_at: START + seconds(1), ..job("good") }).await;
    let expected = [
        Attempted { job: good, attempt: 1, ended: Ended::Completed },
        Attempted { job: bad, attempt: 1, ended: Ended::Quarantined { error: "no such card".to_owned() } },
    ];
    assert_eq!(bench.worker().tick().await.unwrap(), expected);
    assert_eq!(bench.state(good).await, JobState::Completed);
    assert_eq!(bench.state(bad).await, JobState::Quarantined);
    assert_eq!(bench.state(later).await, JobState::Available);
    assert_eq!(bench.marks(), ["charged"]);
}

#[tokio::test(start_paused = true)]
async fn an_observer_gets_every_attempt_that_has_ended() {
    let bench = Bench::new(Does(async |leased: queue::Leased| match leased.job.payload.as_str() {
        "good" => Verdict::completed(),
        _ => panic!("bad"),
    }));
    bench.add(job("good")).await;
    bench.add(job("bad")).await;
    let (sender, seen) = std::sync::mpsc::channel();
    let worker = bench.worker().observed_by(move |attempted| sender.send(attempted.clone()).unwrap());
    let mut attempted = worker.tick().await.unwrap();
    let mut observed: Vec<Attempted> = seen.try_iter().collect();
    attempted.sort_by_key(|attempt| attempt.job);
    observed.sort_by_key(|attempt| attempt.job);
    assert_eq!(observed, attempted);
    assert_eq!(observed.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_tick_with_nothing_due_does_nothing() {
    let bench = Bench::new(Hangs::default());
    assert_eq!(bench.worker().tick().await, Ok(vec![]));
}

#[tokio::test(start_paused = true)]
async fn a_tick_takes_no_more_than_its_concurrency() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    for _ in 0..5 {
        bench.add(job("")).await;
    }
    let worker = Worker::new(bench.runtime.clone(), WorkerConfig { concurrency: 2, ..bench.config() });
    for expected in [2, 2, 1, 0] {
        assert_eq!(worker.tick().await.unwrap().len(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_tick_takes_no_more_than_its_rate_allows() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    for _ in 0..5 {
        bench.add(job("")).await;
    }
    let rate = Some(queue::Rate { every: seconds(1), burst: 2 });
    let worker = Worker::new(bench.runtime.clone(), WorkerConfig { rate, ..bench.config() });
    assert_eq!(worker.tick().await.unwrap().len(), 2);
    assert_eq!(worker.tick().await.unwrap().len(), 0);
    tokio::time::advance(seconds(1)).await;
    assert_eq!(worker.tick().await.unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_tick_returns_the_error_of_its_claim() {
    let bench = Bench::new(Hangs::default());
    bench.store().set_down(true);
    assert!(matches!(bench.worker().tick().await, Err(StoreError::Unavailable(_))));
}

#[tokio::test(start_paused = true)]
async fn following_jobs_are_enqueued_and_hinted_after_the_commit() {
    let carrier = QueueName::new("carrier");
    let next = NewJob { queue: carrier.clone(), exclusive_key: Some("order-1".to_owned()), ..job("ship") };
    let follower = next.clone();
    let bench = Bench::new(Does(move |_| {
        let verdict = Verdict::completed().with_next(next.clone());
        async { verdict }
    }));
    let mut listener = bench.runtime.wakeup.subscribe(&carrier);
    bench.add(NewJob { exclusive_key: follower.exclusive_key.clone(), ..job("charge") }).await;
    assert_eq!(listener.recv().now_or_never(), None);
    assert_eq!(tick_one(&bench.worker()).await, Ended::Completed);
    assert_eq!(listener.recv().now_or_never(), Some(queue::Hint::READY));
    assert_eq!(bench.store().next_due(&carrier).await, Ok(Some(START)));
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failed_attempt_with_its_message() {
    let bench = Bench::new(Does(async |leased: queue::Leased| -> Verdict<Mark> {
        panic!("job {} is out of paper", leased.job.payload)
    }));
    let id = bench.add(job("7")).await;
    let error = "the handler panicked: job 7 is out of paper";
    let ended = tick_one(&bench.worker()).await;
    assert!(matches!(ended, Ended::Retried { error: said, .. } if said == error));
    let failed = bench.find(id).await;
    assert_eq!((failed.state, failed.attempts), (JobState::Available, 1));
    assert_eq!(failed.last_error.as_deref(), Some(error));
}

#[tokio::test(start_paused = true)]
async fn a_panic_does_not_affect_other_jobs_of_the_tick() {
    let bench = Bench::new(Does(async |leased: queue::Leased| match leased.job.payload.as_str() {
        "poison" => panic!("out of paper"),
        _ => Verdict::completed(),
    }));
    for payload in ["fine", "poison", "fine"] {
        bench.add(job(payload)).await;
    }
    let ended: Vec<_> = bench.worker().tick().await.unwrap().into_iter().map(|done| done.ended).collect();
    assert!(matches!(ended[..], [Ended::Completed, Ended::Retried { .. }, Ended::Completed]), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_job_that_always_panics_is_quarantined_after_its_last_attempt() {
    let bench = Bench::new(Recovers(|_| Verdict::retry_after(seconds(0), "again")));
    let id = bench.add(NewJob { max_attempts: 2, ..job("") }).await;
    let worker = bench.worker();
    assert!(matches!(tick_one(&worker).await, Ended::Retried { .. }));
    tokio::time::advance(seconds(60)).await;
    assert_eq!(tick_one(&worker).await, Ended::Quarantined { error: "again".to_owned() });
    assert_eq!(bench.state(id).await, JobState::Quarantined);
}

#[tokio::test(start_paused = true)]
async fn a_handler_past_its_time_limit_is_cancelled_and_retried() {
    let handler = Hangs::default();
    let bench = Bench::new(handler.clone());
    bench.add(job("")).await;
    let ended = tick_one(&bench.worker()).await;
    assert!(
        matches!(ended, Ended::Retried { error, .. } if error == "the attempt exceeded its limit of 60s")
    );
    assert!((POLICY.time_limit..POLICY.time_limit + seconds(1)).contains(&bench.now().since(START)));
    assert_eq!(handler.dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_handler_can_write_an_effect_after_a_failure() {
    let bench = Bench::new(Recovers(|failure| {
        assert_eq!(failure, Failure::Panicked("out of paper".to_owned()));
        Verdict::retry_at(START + seconds(7), "paper is coming").with_effect(Mark::Accepted("delayed"))
    }));
    bench.add(job("")).await;
    let expected = Ended::Retried { run_at: START + seconds(7), error: "paper is coming".to_owned() };
    assert_eq!(tick_one(&bench.worker()).await, expected);
    assert_eq!(bench.marks(), ["delayed"]);
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_handling_a_panic_is_a_failed_attempt() {
    let bench = Bench::new(Recovers(|_| panic!("and out of ink")));
    bench.add(job("")).await;
    let ended = tick_one(&bench.worker()).await;
    assert!(matches!(ended, Ended::Retried { error, .. } if error == "the handler panicked: out of paper"));
}

#[tokio::test(start_paused = true)]
async fn a_retry_without_a_delay_uses_the_growing_backoff() {
    let bench = Bench::new(Does(async |_| Verdict::retry("no answer")));
    bench.add(NewJob { max_attempts: 100, ..job("") }).await;
    for attempt in 1..20 {
        let now = bench.now();
        let Ended::Retried { run_at, .. } = tick_one(&bench.worker()).await else {
            panic!("attempts are left")
        };
        assert!((now..=now + POLICY.backoff.ceiling(attempt)).contains(&run_at), "attempt {attempt}");
        tokio::time::advance(seconds(60)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_for_the_delay_of_retry_after() {
    let bench = Bench::new(Does(async |_| Verdict::retry_after(seconds(30), "too many requests")));
    bench.add(job("")).await;
    let ended = tick_one(&bench.worker()).await;
    let range = START + seconds(30)..=START + seconds(32);
    assert!(matches!(ended, Ended::Retried { run_at, .. } if range.contains(&run_at)), "{ended:?}");
}

#[tokio::test(start_paused = true)]
async fn a_snoozed_job_keeps_its_attempts() {
    let bench = Bench::new(Does(async |_| Verdict::snooze(START + seconds(5))));
    let id = bench.add(NewJob { max_attempts: 1, ..job("") }).await;
    assert_eq!(tick_one(&bench.worker()).await, Ended::Snoozed { run_at: START + seconds(5), why: None });
    assert_eq!((bench.state(id).await, bench.find(id).await.attempts), (JobState::Available, 0));
}

#[tokio::test(start_paused = true)]
async fn a_job_of_an_unknown_kind_is_retried_and_quarantined_in_the_end() {
    let bench = Bench::new(Hangs::default());
    let unknown = NewJob { kind: JobKind::new("engrave"), max_attempts: 2, ..job("") };
    let id = bench.add(unknown).await;
    assert!(matches!(tick_one(&bench.worker()).await, Ended::Retried { .. }));
    tokio::time::advance(seconds(60)).await;
    let error = "no handler is registered for engrave".to_owned();
    assert_eq!(tick_one(&bench.worker()).await, Ended::Quarantined { error });
    assert_eq!(bench.state(id).await, JobState::Quarantined);
}

#[tokio::test(start_paused = true)]
async fn a_refused_effect_is_decided_again_without_repeating_the_call() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let bench = Bench::new(Revises {
        handle: move || {
            counted.fetch_add(1, Ordering::SeqCst);
            Verdict::completed().with_effect(Mark::Refused("confirmed")).with_next(job("never"))
        },
        revise: |refused| {
            assert_eq!(refused, Mark::Refused("confirmed"));
            Verdict::completed().with_effect(Mark::Accepted("voided"))
        },
    });
    bench.add(job("")).await;
    let worker = bench.worker();
    assert_eq!(tick_one(&worker).await, Ended::Completed);
    assert_eq!((calls.load(Ordering::SeqCst), bench.marks()), (1, vec!["voided"]));
    assert_eq!(worker.tick().await, Ok(vec![]), "what followed from the refused verdict is forgotten");
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_does_not_revise_is_retried() {
    let bench = Bench::new(Does(async |_| Verdict::completed().with_effect(Mark::Refused("confirmed"))));
    bench.add(job("")).await;
    assert!(matches!(tick_one(&bench.worker()).await, Ended::Retried { .. }));
    assert!(bench.marks().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_effect_is_always_refused_is_retried_later() {
    let bench = Bench::new(Revises {
        handle: || Verdict::completed().with_effect(Mark::Refused("confirmed")),
        revise: |refused| Verdict::completed().with_effect(refused),
    });
    bench.add(job("")).await;
    assert!(matches!(tick_one(&bench.worker()).await, Ended::Retried { .. }));
}

#[tokio::test(start_paused = true)]
async fn a_job_whose_result_is_not_written_runs_again_after_its_lease() {
    let slot: Arc<std::sync::Mutex<Option<Arc<FaultyStore>>>> = Arc::default();
    let unplugged = slot.clone();
    let bench = Bench::new(Does(move |_| {
        // Only the first attempt pulls the plug.
        if let Some(store) = unplugged.lock().unwrap().take() {
            store.set_down(true);
        }
        async { Verdict::completed().with_effect(Mark::Accepted("charged")) }
    }));
    *slot.lock().unwrap() = Some(bench.runtime.store.clone());
    let id = bench.add(job("")).await;
    let worker = bench.worker();
    assert!(matches!(tick_one(&worker).await, Ended::Unsettled(StoreError::Unavailable(_))));
    bench.store().set_down(false);
    assert_eq!((bench.state(id).await, bench.marks().len()), (JobState::Running, 0));
    tokio::time::advance(seconds(10)).await;
    assert_eq!(bench.store().rescue(bench.now()).await, Ok(1));
    assert_eq!(tick_one(&worker).await, Ended::Completed);
    assert_eq!((bench.find(id).await.attempts, bench.marks()), (2, vec!["charged"]));
}

#[test]
fn the_kinds_of_a_registry_can_be_listed() {
    let registry = queue::Registry::new().with(KIND, Hangs::default());
    assert_eq!(registry.kinds().collect::<Vec<_>>(), [&KIND]);
}

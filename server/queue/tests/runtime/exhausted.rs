use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::FutureExt;
use futures::future::BoxFuture;
use queue::{Claim, Ended, Handler, JobId, JobState, Leased, NewJob, Policy, Store, Verdict, WorkerId};

use crate::bench::{Bench, POLICY, QUEUE, job, seconds};
use crate::faulty::Mark;

/// Works by one closure and buries by another.
struct Buries<H, E> {
    handle: H,
    exhausted: E,
}

impl<H, E> Handler<Mark> for Buries<H, E>
where
    H: Fn() -> Verdict<Mark> + Send + Sync,
    E: Fn(&Leased) -> Verdict<Mark> + Send + Sync,
{
    fn handle<'a>(&'a self, _: &'a Leased) -> BoxFuture<'a, Verdict<Mark>> {
        async { (self.handle)() }.boxed()
    }

    fn exhausted<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<Mark>> {
        async { (self.exhausted)(leased) }.boxed()
    }

    fn policy(&self) -> Policy {
        POLICY
    }
}

fn never() -> Verdict<Mark> {
    panic!("a spent job is not worked")
}

fn buried(leased: &Leased) -> Verdict<Mark> {
    let error = leased.job.last_error.clone().unwrap_or_default();
    Verdict::quarantine(error).with_effect(Mark::Accepted("in review"))
}

/// A job whose only attempt took its worker down.
async fn spent(bench: &Bench) -> JobId {
    let id = bench.add(NewJob { max_attempts: 1, ..job("") }).await;
    lose_a_worker(bench).await;
    id
}

async fn lose_a_worker(bench: &Bench) {
    let worker = WorkerId::from("dead");
    let (now, lease_for) = (bench.now(), seconds(10));
    let claim = Claim { queue: QUEUE, worker: worker.clone(), limit: 1, now, lease_for };
    assert_eq!(bench.store().claim(claim).await.unwrap().len(), 1);
    assert_eq!(bench.store().rescue_worker(&worker, now).await, Ok(1));
}

async fn tick_one(bench: &Bench) -> Ended {
    let attempted = bench.worker().tick().await.unwrap();
    assert_eq!(attempted.len(), 1, "{attempted:?}");
    attempted[0].ended.clone()
}

fn quarantined(error: &str) -> Ended {
    Ended::Quarantined { error: error.to_owned() }
}

#[tokio::test(start_paused = true)]
async fn a_job_that_crashed_its_last_worker_is_quarantined_by_its_handler_and_not_run() {
    let bench = Bench::new(Buries { handle: never, exhausted: buried });
    let id = spent(&bench).await;
    assert_eq!(tick_one(&bench).await, quarantined("the worker was lost"));
    assert_eq!((bench.state(id).await, bench.marks()), (JobState::Quarantined, vec!["in review"]));
}

#[tokio::test(start_paused = true)]
async fn a_last_attempt_without_an_effect_is_quarantined_with_its_error() {
    for (handle, error) in [
        ((|| Verdict::retry("no answer")) as fn() -> Verdict<Mark>, "no answer"),
        (|| panic!("out of paper"), "the handler panicked: out of paper"),
        (|| Verdict::completed().with_effect(Mark::Refused("done")), "the store refused the result"),
    ] {
        let bench = Bench::new(Buries { handle, exhausted: buried });
        let id = bench.add(NewJob { max_attempts: 1, ..job("") }).await;
        assert_eq!(tick_one(&bench).await, quarantined(error));
        assert_eq!((bench.state(id).await, bench.marks()), (JobState::Quarantined, vec!["in review"]));
    }
}

#[tokio::test(start_paused = true)]
async fn the_effect_of_a_last_attempt_is_written() {
    let handle = || Verdict::retry("no answer").with_effect(Mark::Accepted("delayed"));
    let exhausted = |_: &Leased| panic!("the handler has said what there is to say");
    let bench = Bench::new(Buries { handle, exhausted });
    bench.add(NewJob { max_attempts: 1, ..job("") }).await;
    assert_eq!((tick_one(&bench).await, bench.marks()), (quarantined("no answer"), vec!["delayed"]));
}

#[tokio::test(start_paused = true)]
async fn a_job_with_attempts_left_is_not_quarantined() {
    let exhausted = |_: &Leased| panic!("it is not spent");
    let bench = Bench::new(Buries { handle: || Verdict::retry("no answer"), exhausted });
    bench.add(NewJob { max_attempts: 2, ..job("") }).await;
    assert!(matches!(tick_one(&bench).await, Ended::Retried { .. }));
}

#[tokio::test(start_paused = true)]
async fn the_default_handler_quarantines_with_the_last_error() {
    let bench = Bench::new(crate::bench::Does(async |_| never()));
    spent(&bench).await;
    assert_eq!(tick_one(&bench).await, quarantined("the worker was lost"));
}

#[tokio::test(start_paused = true)]
async fn a_refused_quarantine_is_decided_again_and_a_retried_one_is_snoozed() {
    let calls = Arc::new(AtomicU32::new(0));
    let counted = calls.clone();
    let exhausted = move |leased: &Leased| match counted.fetch_add(1, Ordering::SeqCst) {
        0 => Verdict::quarantine("poison").with_effect(Mark::Refused("in review")),
        1 => Verdict::retry("the order cannot be read"),
        _ => buried(leased),
    };
    let bench = Bench::new(Buries { handle: never, exhausted });
    let id = spent(&bench).await;
    let Ended::Snoozed { run_at, why } = tick_one(&bench).await else { panic!("it is to be put off") };
    assert_eq!((why.as_deref(), calls.load(Ordering::SeqCst)), (Some("the order cannot be read"), 2));
    assert_eq!((bench.state(id).await, bench.marks()), (JobState::Available, vec![]));
    tokio::time::advance(run_at.since(bench.now())).await;
    assert_eq!(tick_one(&bench).await, quarantined("the order cannot be read"));
    assert_eq!((calls.load(Ordering::SeqCst), bench.marks()), (3, vec!["in review"]));
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_quarantining_still_quarantines() {
    let bench = Bench::new(Buries { handle: never, exhausted: |_: &Leased| panic!("out of earth") });
    spent(&bench).await;
    assert_eq!(tick_one(&bench).await, quarantined("the handler panicked: out of earth"));
}

#[tokio::test(start_paused = true)]
async fn a_job_that_crashes_the_workers_that_quarantine_it_is_quarantined_without_its_handler() {
    let exhausted = |_: &Leased| panic!("nobody goes near it any more");
    let bench = Bench::new(Buries { handle: never, exhausted });
    spent(&bench).await;
    for _ in 0..3 {
        lose_a_worker(&bench).await;
        // It comes back later each time.
        tokio::time::advance(seconds(5)).await;
    }
    let error = "the worker was lost whenever the exhausted job was to be quarantined";
    assert_eq!(tick_one(&bench).await, quarantined(error));
}

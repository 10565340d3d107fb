use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::FutureExt;
use queue::{JobId, JobState, NewJob, Runner, Store, Verdict, Wait, Worker, WorkerConfig};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::bench::{Bench, Does, Hangs, QUEUE, START, job, seconds};
use crate::faulty::Mark;

const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// A runner that never polls within the time of a test.
fn runner(bench: &Bench) -> Runner<crate::faulty::FaultyStore> {
    let config = WorkerConfig { poll_every: NEVER, ..bench.config() };
    Runner::new(Worker::new(bench.runtime.clone(), config))
}

struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    fn start(runner: Runner<crate::faulty::FaultyStore>) -> Self {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(runner.run(stopped.map(|_| ()))) }
    }

    async fn stop(self) {
        self.stop.send(()).expect("the runner runs");
        self.task.await.expect("the runner returns");
    }
}

/// Waits until the job is completed and tells how long after the start that was.
async fn completed_after(bench: &Bench, id: JobId) -> Duration {
    let completed = async {
        while bench.state(id).await != JobState::Completed {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(seconds(120), completed).await.expect("the job is completed in the end");
    bench.now().since(START)
}

/// How often the store was asked to claim, and to read what is due.
fn asked(bench: &Bench) -> (u32, u32) {
    let count = |counter: &std::sync::atomic::AtomicU32| counter.load(Ordering::SeqCst);
    (count(&bench.store().claims), count(&bench.store().reads))
}

/// Lets every task go on until it waits for something, while no more than a few milliseconds pass.
async fn settle_down() {
    tokio::time::sleep(Duration::from_millis(5)).await;
}

#[tokio::test(start_paused = true)]
async fn a_runner_runs_waiting_jobs() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    let id = bench.add(job("")).await;
    let running = Running::start(runner(&bench));
    assert!(completed_after(&bench, id).await < seconds(1));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_hint_wakes_a_runner_at_once() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    let running = Running::start(runner(&bench));
    settle_down().await;
    let id = bench.add(job("")).await;
    assert!(completed_after(&bench, id).await < seconds(1));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_job_added_between_the_read_and_the_wait_is_not_missed() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    let runtime = bench.runtime.clone();
    let in_between = async move {
        runtime.store.enqueue(vec![job("")], START).await.unwrap();
    };
    *bench.store().after_next_due.lock().unwrap() = Some(in_between.boxed());
    let running = Running::start(runner(&bench));
    settle_down().await;
    assert!(completed_after(&bench, JobId(1)).await < seconds(1));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_runner_wakes_when_the_next_job_is_due() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    let id = bench.add(NewJob { run_at: START + seconds(30), ..job("") }).await;
    let running = Running::start(runner(&bench));
    assert_eq!(completed_after(&bench, id).await.as_secs(), 30);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_runner_polls_for_jobs_without_a_hint() {
    let bench = Bench::deaf(Does(async |_| Verdict::completed()));
    let config = WorkerConfig { poll_every: seconds(3), ..bench.config() };
    let running = Running::start(Runner::new(Worker::new(bench.runtime.clone(), config)));
    settle_down().await;
    let id = bench.add(job("")).await;
    assert!(completed_after(&bench, id).await <= seconds(4));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_failed_attempt_is_retried_when_it_is_due() {
    let bench = Bench::new(Does(async |leased: queue::Leased| match leased.job.attempts {
        1 => Verdict::retry_at(START + seconds(20), "no answer"),
        _ => Verdict::completed(),
    }));
    let id = bench.add(job("")).await;
    let running = Running::start(runner(&bench));
    assert_eq!(completed_after(&bench, id).await.as_secs(), 20);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_runner_never_exceeds_its_concurrency() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (at_work, peak) = (now.clone(), most.clone());
    let bench = Bench::new(Does(move |_| {
        let at_work = at_work.clone();
        peak.fetch_max(at_work.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        async move {
            tokio::time::sleep(seconds(1)).await;
            at_work.fetch_sub(1, Ordering::SeqCst);
            Verdict::completed()
        }
    }));
    let mut last = None;
    for _ in 0..10 {
        last = Some(bench.add(job("")).await);
    }
    let config = WorkerConfig { concurrency: 3, poll_every: NEVER, ..bench.config() };
    let running = Running::start(Runner::new(Worker::new(bench.runtime.clone(), config)));
    assert_eq!(
        completed_after(&bench, last.unwrap()).await.as_secs(),
        4,
        "ten jobs of a second, three at a time"
    );
    assert_eq!(most.load(Ordering::SeqCst), 3);
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_runner_starts_no_more_jobs_than_its_rate_allows() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    let mut last = None;
    for _ in 0..31 {
        last = Some(bench.add(job("")).await);
    }
    let rate = Some(queue::Rate { every: seconds(1), burst: 1 });
    let config = WorkerConfig { rate, concurrency: 8, poll_every: NEVER, ..bench.config() };
    let running = Running::start(Runner::new(Worker::new(bench.runtime.clone(), config)));
    assert_eq!(completed_after(&bench, last.unwrap()).await.as_secs(), 30, "the first needs no waiting");
    assert_eq!(bench.store().claims.load(Ordering::SeqCst), 31, "nothing is asked for that may not begin");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_runner_does_not_use_the_store() {
    let bench = Bench::new(Hangs::default());
    let running = Running::start(runner(&bench));
    tokio::time::sleep(seconds(3_600)).await;
    assert_eq!(asked(&bench), (0, 1), "one read and no claim");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_busy_runner_claims_once_per_hint_and_does_not_read() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    let running = Running::start(runner(&bench));
    for _ in 0..10 {
        settle_down().await;
        let id = bench.add(job("")).await;
        completed_after(&bench, id).await;
    }
    assert_eq!(asked(&bench), (10, 1), "it reads when it begins");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_hint_about_a_later_job_causes_no_claim_and_no_read_before() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    let running = Running::start(runner(&bench));
    settle_down().await;
    let mut last = None;
    for wait in [30, 10, 20] {
        last = Some(bench.add(NewJob { run_at: START + seconds(wait), ..job("") }).await);
    }
    tokio::time::sleep(seconds(9)).await;
    assert_eq!(asked(&bench), (0, 1));
    assert_eq!(completed_after(&bench, last.unwrap()).await.as_secs(), 20);
    assert_eq!(asked(&bench), (2, 3), "what comes after the earliest is not remembered");
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn hints_about_a_paused_queue_cause_no_claims() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    bench.store().pause(&QUEUE, START).await.unwrap();
    let running = Running::start(runner(&bench));
    for _ in 0..1_000 {
        settle_down().await;
        bench.add(job("")).await;
    }
    let (claims, reads) = asked(&bench);
    assert!(
        claims <= 1 && reads <= 501,
        "{claims} claims and {reads} reads, one in ten milliseconds at most"
    );
    bench.store().resume(&QUEUE, bench.now()).await.unwrap();
    let resumed = bench.now();
    completed_after(&bench, JobId(1)).await;
    assert!(bench.now().since(resumed) < Duration::from_millis(20));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_runner_continues_after_an_outage_of_the_store() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    let id = bench.add(job("")).await;
    bench.store().set_down(true);
    let running = Running::start(Runner::new(bench.worker()));
    tokio::time::sleep(seconds(30)).await;
    bench.store().set_down(false);
    assert!(completed_after(&bench, id).await < seconds(32));
    running.stop().await;
}

#[tokio::test(start_paused = true)]
async fn filling_the_slots_returns_what_to_wait_for() {
    let bench = Bench::new(Hangs::default());
    let config = WorkerConfig { concurrency: 1, poll_every: seconds(5), ..bench.config() };
    let mut runner = Runner::new(Worker::new(bench.runtime.clone(), config));
    let polled = Wait::UntilOrHint(tokio::time::Instant::now() + seconds(5));
    assert_eq!(runner.fill().await, polled, "nothing waits");
    bench.add(NewJob { run_at: START + seconds(3), ..job("") }).await;
    let due = Wait::UntilOrHint(tokio::time::Instant::now() + seconds(3));
    assert_eq!(runner.fill().await, due, "a job is due in three seconds");
    bench.add(job("")).await;
    assert_eq!(runner.fill().await, Wait::SlotFree, "the only slot is taken");
}

#[tokio::test(start_paused = true)]
async fn an_idle_runner_stops_at_once() {
    let bench = Bench::new(Hangs::default());
    let running = Running::start(runner(&bench));
    settle_down().await;
    let before = bench.now();
    running.stop().await;
    assert_eq!(bench.now(), before);
}

#[tokio::test(start_paused = true)]
async fn a_runner_stopped_before_its_start_claims_nothing() {
    let bench = Bench::new(Hangs::default());
    let id = bench.add(job("")).await;
    runner(&bench).run(async {}).await;
    assert_eq!(bench.state(id).await, JobState::Available);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_waits_for_jobs_in_flight_and_claims_nothing() {
    let bench = Bench::new(Does(async |_| {
        tokio::time::sleep(seconds(6)).await;
        Verdict::completed().with_effect(Mark::Accepted("charged"))
    }));
    let in_flight = bench.add(job("")).await;
    let running = Running::start(runner(&bench));
    settle_down().await;
    let (stopped, new) = tokio::join!(running.stop(), async {
        settle_down().await;
        bench.add(job("")).await
    });
    let () = stopped;
    assert_eq!(bench.state(in_flight).await, JobState::Completed);
    assert_eq!(bench.state(new).await, JobState::Available);
    assert_eq!((bench.now().since(START).as_secs(), bench.marks()), (6, vec!["charged"]));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_hands_back_what_does_not_finish_in_time() {
    let handler = Hangs::default();
    let bench = Bench::new(handler.clone());
    let id = bench.add(job("")).await;
    let running = Running::start(runner(&bench));
    settle_down().await;
    running.stop().await;
    assert_eq!(bench.now().since(START).as_secs(), 10, "the time to drain");
    assert_eq!(handler.dropped.load(Ordering::SeqCst), 1);
    let job = bench.find(id).await;
    assert_eq!((job.state, job.attempts), (JobState::Available, 0));
    assert_eq!(job.run_at, bench.now());
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_during_an_outage_of_the_store() {
    let bench = Bench::new(Hangs::default());
    let id = bench.add(job("")).await;
    let running = Running::start(runner(&bench));
    settle_down().await;
    bench.store().set_down(true);
    running.stop().await;
    bench.store().set_down(false);
    assert_eq!(bench.state(id).await, JobState::Running, "it is the rescuer's");
}

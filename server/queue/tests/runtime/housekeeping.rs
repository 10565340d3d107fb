use futures::FutureExt;
use queue::{Ended, JobId, JobState, Pruner, PrunerConfig, Rescuer, Store, Verdict, WorkerId};

use crate::bench::{Bench, Does, Hangs, QUEUE, START, job, seconds};

/// A job that a worker of this name has claimed and never comes back to.
async fn abandoned(bench: &Bench, name: &str) -> JobId {
    let id = bench.add(job("")).await;
    let claim = queue::Claim {
        queue: QUEUE,
        worker: WorkerId::from(name),
        limit: 1,
        now: bench.now(),
        lease_for: seconds(10),
    };
    assert_eq!(bench.store().claim(claim).await.unwrap()[0].job.id, id);
    id
}

#[tokio::test(start_paused = true)]
async fn jobs_of_a_crashed_worker_run_again_within_seconds_of_their_lease() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    let id = abandoned(&bench, "dead").await;
    let mut listener = bench.runtime.wakeup.subscribe(&QUEUE);
    let rescuer = Rescuer::new(bench.runtime.clone());
    tokio::select! {
        _ = listener.recv() => {}
        () = rescuer.run(tokio::time::sleep(seconds(60))) => panic!("nobody was woken"),
    }
    assert!((10..=11).contains(&bench.now().since(START).as_secs()));
    assert_eq!(bench.worker().tick().await.unwrap()[0].ended, Ended::Completed);
    assert_eq!(bench.find(id).await.attempts, 2);
}

#[tokio::test(start_paused = true)]
async fn a_rescue_without_jobs_wakes_no_runner() {
    let bench = Bench::new(Hangs::default());
    let id = abandoned(&bench, "living").await;
    let mut listener = bench.runtime.wakeup.subscribe(&QUEUE);
    assert_eq!(Rescuer::new(bench.runtime.clone()).rescue().await, Ok(0));
    assert_eq!(listener.recv().now_or_never(), None);
    assert_eq!(bench.state(id).await, JobState::Running);
}

#[tokio::test(start_paused = true)]
async fn a_restarted_process_takes_back_its_jobs_at_once() {
    let bench = Bench::new(Hangs::default());
    let ours = abandoned(&bench, "us").await;
    let theirs = abandoned(&bench, "them").await;
    let rescuer = Rescuer::new(bench.runtime.clone());
    assert_eq!(rescuer.rescue_previous_process(&WorkerId::from("us")).await, Ok(1));
    assert_eq!(bench.state(ours).await, JobState::Available);
    assert_eq!(bench.state(theirs).await, JobState::Running);
}

#[tokio::test(start_paused = true)]
async fn a_rescuer_continues_after_an_outage_of_the_store() {
    let bench = Bench::new(Hangs::default());
    let id = abandoned(&bench, "dead").await;
    bench.store().set_down(true);
    let rescuer = Rescuer::new(bench.runtime.clone());
    rescuer.run(tokio::time::sleep(seconds(20))).await;
    bench.store().set_down(false);
    assert_eq!(bench.state(id).await, JobState::Running);
    rescuer.run(tokio::time::sleep(seconds(2))).await;
    assert_eq!(bench.state(id).await, JobState::Available);
}

#[tokio::test(start_paused = true)]
async fn a_prune_deletes_all_old_jobs_in_batches() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    for _ in 0..16 {
        bench.add(job("")).await;
    }
    assert_eq!(bench.worker().tick().await.unwrap().len(), 16);
    let config = PrunerConfig { keep_for: seconds(60), batch: 5, ..PrunerConfig::default() };
    let pruner = Pruner::new(bench.runtime.clone(), config);
    assert_eq!(pruner.prune().await, Ok(0), "too young");
    tokio::time::advance(seconds(61)).await;
    assert_eq!(pruner.prune().await, Ok(16));
    assert_eq!(bench.store().get(JobId(1)).await, Ok(None));
}

#[tokio::test(start_paused = true)]
async fn a_pruner_prunes_at_its_interval_until_it_is_stopped() {
    let bench = Bench::new(Does(async |_| Verdict::completed()));
    let id = bench.add(job("")).await;
    bench.worker().tick().await.unwrap();
    let config = PrunerConfig { keep_for: seconds(60), ..PrunerConfig::default() };
    Pruner::new(bench.runtime.clone(), config).run(tokio::time::sleep(seconds(150))).await;
    assert_eq!(bench.store().get(id).await, Ok(None));
}

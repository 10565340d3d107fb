use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};

use futures::FutureExt;
use queue::{Claim, Ended, Heartbeat, JobState, Lease, Renewals, Rescuer, Store, Verdict, WorkerId};
use tokio::time::Instant;

use crate::bench::{Bench, Does, Hangs, QUEUE, START, job, seconds};
use crate::faulty::{FaultyStore, Mark};

/// Claims a job by hand, without a worker.
async fn claim(bench: &Bench) -> Lease {
    let config = bench.config();
    let claim = Claim {
        queue: QUEUE,
        worker: config.worker,
        limit: 1,
        now: bench.now(),
        lease_for: config.lease_for,
    };
    bench.store().claim(claim).await.unwrap()[0].lease
}

#[tokio::test(start_paused = true)]
async fn a_job_that_takes_longer_than_its_lease_runs_once() {
    let bench = Bench::new(Does(async |_| {
        tokio::time::sleep(seconds(45)).await;
        Verdict::completed().with_effect(Mark::Accepted("charged"))
    }));
    let id = bench.add(job("")).await;
    let rescuer = Rescuer::new(bench.runtime.clone());
    let worker = bench.worker();
    tokio::select! {
        attempted = worker.tick() => assert_eq!(attempted.unwrap()[0].ended, Ended::Completed),
        () = rescuer.run(std::future::pending()) => unreachable!(),
    }
    assert_eq!((bench.find(id).await.attempts, bench.marks()), (1, vec!["charged"]));
}

#[tokio::test(start_paused = true)]
async fn a_lost_lease_stops_its_handler_and_settles_nothing() {
    let handler = Hangs::default();
    let bench = Bench::new(handler.clone());
    let id = bench.add(job("")).await;
    let worker = bench.worker();
    let (attempted, ()) = tokio::join!(worker.tick(), async {
        tokio::time::sleep(seconds(1)).await;
        let taken = bench.store().rescue_worker(&WorkerId::from("bench"), bench.now()).await;
        assert_eq!(taken, Ok(1));
    });
    assert_eq!(attempted.unwrap()[0].ended, Ended::LeaseLost);
    assert!(bench.now() < START + seconds(5), "the next heartbeat tells");
    assert_eq!(handler.dropped.load(Ordering::SeqCst), 1);
    assert_eq!((bench.state(id).await, bench.marks().len()), (JobState::Available, 0));
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_is_cut_off_stops_its_job_before_its_lease_expires() {
    let handler = Hangs::default();
    let bench = Bench::new(handler.clone());
    let id = bench.add(job("")).await;
    let worker = bench.worker();
    let (attempted, ()) = tokio::join!(worker.tick(), async {
        while handler.begun.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        bench.store().set_down(true);
    });
    assert_eq!(attempted.unwrap()[0].ended, Ended::LeaseLost);
    assert!(bench.now() < START + seconds(10), "nobody else can have the job yet");
    assert_eq!(handler.dropped.load(Ordering::SeqCst), 1);
    bench.store().set_down(false);
    assert_eq!(bench.state(id).await, JobState::Running, "it is the rescuer's");
}

#[tokio::test(start_paused = true)]
async fn a_result_after_the_end_of_the_trusted_time_is_not_sent() {
    let slot: Arc<Mutex<Option<Arc<FaultyStore>>>> = Arc::default();
    let store = slot.clone();
    let bench = Bench::new(Does(move |_| {
        let store = store.lock().unwrap().take().unwrap();
        async move {
            // As if the whole machine had been stopped for a while and came back without a network.
            store.set_down(true);
            tokio::time::advance(seconds(20)).await;
            Verdict::completed().with_effect(Mark::Accepted("zombie"))
        }
    }));
    *slot.lock().unwrap() = Some(bench.runtime.store.clone());
    bench.add(job("")).await;
    assert_eq!(bench.worker().tick().await.unwrap()[0].ended, Ended::LeaseLost);
    assert!(bench.marks().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_heartbeat_counts_renewed_and_lost_leases() {
    let bench = Bench::new(Hangs::default());
    bench.add(job("kept")).await;
    bench.add(job("lost")).await;
    let heartbeat = Heartbeat::new(&bench.runtime, &bench.config());
    let mut kept = heartbeat.hold(claim(&bench).await, Instant::now());
    let lease = claim(&bench).await;
    let mut lost = heartbeat.hold(lease, Instant::now());
    let settled = queue::Settlement {
        lease,
        now: bench.now(),
        outcome: queue::Outcome::Completed,
        effect: None,
        next: vec![],
    };
    bench.store().settle(settled).await.unwrap();

    assert_eq!(heartbeat.beat().await, Ok(Renewals { renewed: 1, lost: 1 }));
    assert_eq!(lost.lost().now_or_never(), Some(()));
    assert_eq!(kept.lost().now_or_never(), None);
}

#[tokio::test(start_paused = true)]
async fn the_lease_time_starts_before_the_store_is_called() {
    let bench = Bench::new(Hangs::default());
    bench.add(job("")).await;
    let asked_at = Instant::now();
    let lease = claim(&bench).await;
    tokio::time::advance(seconds(4)).await;
    let heartbeat = Heartbeat::new(&bench.runtime, &bench.config());
    let mut hold = heartbeat.hold(lease, asked_at);
    hold.lost().await;
    assert_eq!(asked_at.elapsed().as_secs(), 9);
}

#[tokio::test(start_paused = true)]
async fn the_heartbeat_after_a_failed_one_renews_the_lease() {
    let bench = Bench::new(Hangs::default());
    bench.add(job("")).await;
    let heartbeat = Heartbeat::new(&bench.runtime, &bench.config());
    let mut hold = heartbeat.hold(claim(&bench).await, Instant::now());
    tokio::time::advance(seconds(4)).await;
    bench.store().set_down(true);
    assert!(heartbeat.beat().await.is_err());
    assert_eq!(hold.lost().now_or_never(), None);
    bench.store().set_down(false);
    tokio::time::advance(seconds(4)).await;
    assert_eq!(heartbeat.beat().await, Ok(Renewals { renewed: 1, lost: 0 }));
    tokio::time::advance(seconds(8)).await;
    assert_eq!(hold.lost().now_or_never(), None);
    tokio::time::advance(seconds(2)).await;
    assert_eq!(hold.lost().now_or_never(), Some(()));
}

#[tokio::test(start_paused = true)]
async fn a_dropped_lease_is_not_renewed() {
    let bench = Bench::new(Hangs::default());
    bench.add(job("")).await;
    let heartbeat = Heartbeat::new(&bench.runtime, &bench.config());
    drop(heartbeat.hold(claim(&bench).await, Instant::now()));
    assert_eq!(heartbeat.beat().await, Ok(Renewals::default()));
    assert_eq!(bench.store().rescue(START + seconds(10)).await, Ok(1));
}

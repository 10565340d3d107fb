//! A long run with random faults.

use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use rustix::process::Signal;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "soak",
    description: "half an hour of random kills, suspensions, stops and faults of the services",
    pass: "lost, doubled, stuck 0; memory, descriptors and write-ahead log flat",
    is_smoke_test: false,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

async fn run(config: RunConfig) -> Result<Findings> {
    let minutes = config.pick(1, 5, 30);
    let load = Load { clients: 16, watched_orders: 10_000, ..Load::unlimited(25.0) };
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, Options::default().delivering(), load).await?;
    let mut rng = Rng::with_seed(config.seed);
    let until = Instant::now() + Duration::from_secs(minutes * 60);
    let mut faults = 0;
    while Instant::now() < until {
        sleep(Duration::from_millis(rng.u64(1_000..6_000))).await;
        inject_fault(&mut trial, &mut rng).await?;
        faults += 1;
    }
    trial.driver.stop();
    trial.system.sandbox.clear_faults().await?;
    trial.driver.wait_until_answered().await;
    findings.figure("minutes", minutes);
    findings.figure("faults", faults);
    let (memory, files) = trial.system.docket.resource_usage().unwrap_or_default();
    findings.expect(memory < 400 * 1024, || format!("its memory is {} MB", memory / 1024));
    findings.expect(files < 500, || format!("it has {files} open files"));
    trial.finish(findings).await
}

/// Injects one random fault, and restarts the server if it has ended.
async fn inject_fault(trial: &mut Trial, rng: &mut Rng) -> Result<()> {
    let service = if rng.bool() { "payment" } else { "carrier" };
    let seconds = rng.u64(1..8);
    match rng.u32(0..10) {
        0..2 => drop(trial.kill_and_restart().await?),
        2 => {
            trial.system.docket.stop(Duration::from_secs(60)).await?;
            trial.system.docket.start().await?;
        }
        3 => {
            trial.system.docket.signal(Signal::STOP);
            // Longer than the lease or shorter.
            sleep(Duration::from_millis(rng.u64(500..5_000))).await;
            trial.system.docket.signal(Signal::CONT);
        }
        kind => {
            let mode = ["down", "slow", "errors", "answer_lost", "rate_limited"][kind as usize % 5];
            let fault = json!({"mode": mode, "rate": rng.f64(), "latency_ms": 2_000, "for_seconds": seconds});
            trial.system.sandbox.set_fault(service, &fault).await?;
        }
    }
    trial.restart_if_ended().await?;
    Ok(())
}

//! Random faults of every kind over a long time.

use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;
use serde_json::json;
use tokio::time::Instant;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "soak",
    description: "half an hour of random kills, suspensions, stops and service faults",
    passes_when: "lost, doubled, stuck 0; memory, descriptors and write-ahead log flat",
    in_smoke_run: false,
    requires: &[],
    body: |config, options| Box::pin(run(config, options)),
};

async fn run(config: RunConfig, options: Options) -> Result<Findings> {
    let minutes = config.pick(1, 5, 30);
    let load = Load { clients: 16, watched_orders: 10_000, ..Load::endless(25.0) };
    let mut trial = Trial::start(&config, options.with_delivery(), load).await?;
    let end = Instant::now() + Duration::from_secs(minutes * 60);
    let mut faults = 0;
    while Instant::now() < end {
        trial.random_pause(1_000..6_000).await;
        inject_random_fault(&mut trial).await?;
        faults += 1;
    }
    trial.driver.stop();
    trial.system.sandbox.clear_faults().await?;
    trial.driver.join().await;
    let (memory, files) = trial.system.docket.footprint().unwrap_or_default();
    let findings = &mut trial.findings;
    findings.figure("minutes", minutes);
    findings.figure("faults", faults);
    findings.expect(memory < 400 * 1024, || format!("its memory is {} MB", memory / 1024));
    findings.expect(files < 500, || format!("it holds {files} descriptors"));
    trial.finish().await
}

async fn inject_random_fault(trial: &mut Trial) -> Result<()> {
    let service = if trial.rng.bool() { "payment" } else { "carrier" };
    let seconds = trial.rng.u64(1..8);
    match trial.rng.u32(0..10) {
        0..2 => drop(trial.kill_and_restart().await?),
        2 => {
            trial.system.docket.stop(Duration::from_secs(60)).await?;
            trial.system.docket.start().await?;
        }
        3 => {
            trial.system.docket.signal(Signal::STOP);
            // Sometimes past the lease of 3 seconds.
            trial.random_pause(500..5_000).await;
            trial.system.docket.signal(Signal::CONT);
        }
        kind => {
            let mode = ["down", "slow", "errors", "answer_lost", "rate_limited"][kind as usize % 5];
            let rate = trial.rng.f64();
            let fault = json!({"mode": mode, "rate": rate, "latency_ms": 2_000, "for_seconds": seconds});
            trial.system.sandbox.set_fault(service, &fault).await?;
        }
    }
    trial.restart_if_ended().await?;
    Ok(())
}

//! The process is suspended past every lease it holds, with calls running, and resumes as if nothing had happened.

use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;
use serde_json::json;
use tokio::time::sleep;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "zombie",
    description: "SIGSTOP past the lease with calls under way, then SIGCONT",
    pass: "every stale write is refused: doubled 0",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

const LEASE: Duration = Duration::from_secs(1);

async fn run(config: RunConfig) -> Result<Findings> {
    let mut findings = Findings::default();
    let rounds = config.pick(4, 15, 60);
    let load = Load {
        clients: 16,
        orders: config.pick(300, 1_500, 6_000),
        per_second: config.pick(20.0, 25.0, 30.0),
        ..Load::default()
    };
    let options = Options::default().with("DOCKET_LEASE_SECONDS", LEASE.as_secs());
    let trial = Trial::begin(&config, options, load).await?;
    // Slow calls are running whenever the process is suspended.
    let slow = json!({"mode": "slow", "latency_ms": 700});
    trial.system.sandbox.fault_all(&slow).await?;
    let mut rng = fastrand::Rng::with_seed(config.seed);
    for _ in 0..rounds {
        sleep(Duration::from_millis(rng.u64(800..1_500))).await;
        trial.system.docket.signal(Signal::STOP);
        trial.history.annotate("suspended");
        // Only time makes the lease expire.
        sleep(LEASE + Duration::from_millis(rng.u64(300..900))).await;
        trial.system.docket.signal(Signal::CONT);
        trial.history.annotate("awake");
    }
    findings.figure("suspended", rounds);
    trial.finish(findings).await
}

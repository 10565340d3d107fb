//! The process is suspended with running calls until every lease that it holds has expired, and then continues.

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
    description: "SIGSTOP for longer than the lease with running calls, then SIGCONT",
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
    let options = Options::default().with_setting("DOCKET_LEASE_SECONDS", LEASE.as_secs());
    let trial = Trial::begin(&config, options, load).await?;
    // Slow services, so that calls are running whenever the process is suspended.
    let slow = json!({"mode": "slow", "latency_ms": 700});
    trial.system.sandbox.set_faults(&slow).await?;
    let mut rng = fastrand::Rng::with_seed(config.seed);
    for _ in 0..rounds {
        sleep(Duration::from_millis(rng.u64(800..1_500))).await;
        trial.system.docket.signal(Signal::STOP);
        trial.history.annotate("suspended");
        // The lease expires by time alone.
        sleep(LEASE + Duration::from_millis(rng.u64(300..900))).await;
        trial.system.docket.signal(Signal::CONT);
        trial.history.annotate("continued");
    }
    findings.figure("suspensions", rounds);
    trial.finish(findings).await
}

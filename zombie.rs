//! The process is suspended past every lease with calls under way, and resumes as if nothing had happened.

use std::time::Duration;

use anyhow::Result;
use rustix::process::Signal;
use tokio::time::sleep;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::system::{Options, slow};
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "zombie",
    description: "SIGSTOP past the lease with calls under way, then SIGCONT",
    passes_when: "every stale write is refused: doubled 0",
    in_smoke_run: true,
    requires: &[],
    body: |config, options| Box::pin(run(config, options)),
};

const LEASE: Duration = Duration::from_secs(1);

async fn run(config: RunConfig, options: Options) -> Result<Findings> {
    let rounds = config.pick(4, 15, 60);
    let load = Load {
        clients: 16,
        orders: config.pick(300, 1_500, 6_000),
        per_second: config.pick(20.0, 25.0, 30.0),
        ..Load::default()
    };
    let options = options.with("DOCKET_LEASE_SECONDS", LEASE.as_secs());
    let mut trial = Trial::start(&config, options, load).await?;
    // So that calls are under way whenever the process is suspended.
    trial.system.sandbox.set_faults(&slow(Duration::from_millis(700))).await?;
    for _ in 0..rounds {
        trial.random_pause(800..1_500).await;
        trial.system.docket.signal(Signal::STOP);
        trial.history.annotate("suspended");
        sleep(LEASE).await;
        trial.random_pause(300..900).await;
        trial.system.docket.signal(Signal::CONT);
        trial.history.annotate("resumed");
    }
    trial.findings.figure("suspended", rounds);
    trial.finish().await
}

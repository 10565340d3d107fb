//! `kill -9` at random times, repeatedly, while customers place orders of every kind.

use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use tokio::time::sleep;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::measure::spread;
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "kill-loop",
    description: "kill -9 every 0.5 to 3 s while customers order, cancel, correct and watch, and the carrier delivers",
    pass: "lost, doubled, stuck 0",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(async move { run_with(&config, Options::default().delivering()).await }),
};

/// Runs it with these options.
///
/// # Errors
/// When the experiment itself fails.
pub async fn run_with(config: &RunConfig, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let kills = config.pick(10, 30, 200);
    let load = Load {
        clients: config.pick(8, 16, 32),
        orders: config.pick(250, 3_000, 20_000),
        per_second: config.pick(40.0, 60.0, 50.0),
        watched_orders: config.pick(10, 30, 60),
        ..Load::default()
    };
    let mut rng = Rng::with_seed(config.seed);
    let mut trial = Trial::begin(config, options, load).await?;
    let (mut ready, mut resumed) = (Vec::new(), Vec::new());
    for _ in 0..kills {
        let max_millis = config.pick(1_500, 3_000, 3_000);
        sleep(Duration::from_millis(rng.u64(500..max_millis))).await;
        let recovery = trial.kill_and_restart().await?;
        ready.push(recovery.ready);
        resumed.extend(recovery.resumed);
    }
    findings.figure("kills", kills);
    findings.figure("from kill to ready", spread(&ready));
    findings.figure("from kill to the first step", spread(&resumed));
    trial.finish(findings).await
}

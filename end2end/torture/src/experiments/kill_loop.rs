//! `kill -9` repeatedly, at random times, while customers of every kind order.

use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use tokio::time::sleep;

use crate::driver::Load;
use crate::experiment::{Bench, Experiment, Findings};
use crate::measure::spread;
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "kill-loop",
    how: "kill -9 every 0.5 to 3 s while customers order, cancel, mend and watch, and the carrier delivers",
    pass: "lost, doubled, stuck 0",
    in_slice: true,
    needs: &[],
    run: |bench| Box::pin(async move { with(&bench, Options::default().delivering()).await }),
};

/// Runs it with these options.
///
/// # Errors
/// When the experiment itself fails.
pub async fn with(bench: &Bench, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let kills = bench.pick(10, 30, 200);
    let load = Load {
        clients: bench.pick(8, 16, 32),
        orders: bench.pick(250, 3_000, 20_000),
        per_second: bench.pick(40.0, 60.0, 50.0),
        watched: bench.pick(10, 30, 60),
        ..Load::default()
    };
    let mut rng = Rng::with_seed(bench.seed);
    let mut trial = Trial::begin(bench, options, load).await?;
    let (mut ready, mut resumed) = (Vec::new(), Vec::new());
    for _ in 0..kills {
        let longest = bench.pick(1_500, 3_000, 3_000);
        sleep(Duration::from_millis(rng.u64(500..longest))).await;
        let recovery = trial.kill_and_restart().await?;
        ready.push(recovery.ready);
        resumed.extend(recovery.resumed);
    }
    findings.fact("kills", kills);
    findings.fact("from kill to ready", spread(&ready));
    findings.fact("from kill to the first step", spread(&resumed));
    trial.finish(findings).await
}

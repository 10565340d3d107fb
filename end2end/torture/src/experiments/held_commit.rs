//! A commit hangs while customers wait for it, and the server is killed before it completes.

use std::time::Duration;

use anyhow::Result;
use tokio::time::timeout;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::system::Options;
use crate::trial::Trial;
use crate::workload::Mix;

pub const EXPERIMENT: Experiment = Experiment {
    name: "held-commit",
    description: "the writer hangs between the commands of a batch and its commit, and the server is killed there",
    pass: "no order was acknowledged before its commit: lost 0",
    is_smoke_test: false,
    requires: &[Requirement::Failpoints],
    run: |config| Box::pin(async move { run_with(&config.with_failpoints()?, Options::default()).await }),
};

/// Twenty commits as slow as on a slow disk, so that every customer waits for the next one, which hangs.
const FAILPOINTS: &str = "before-commit=20*sleep(25)->1*return(hang)";
/// The log line of the hang.
const HANG_LINE: &str = "stays at before-commit";
/// How long it may take to reach the point on a slow machine.
const HANGS_WITHIN: Duration = Duration::from_secs(20);
/// After this time without an acknowledgement, every earlier answer has arrived.
const SILENCE: Duration = Duration::from_millis(500);

/// Runs it with these options.
///
/// # Errors
/// When the experiment itself fails.
pub async fn run_with(config: &RunConfig, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let rounds = config.pick(3, 10, 30);
    // Each customer orders as soon as it is answered.
    let load = Load { mix: Mix::Confirmable, ..Load::unlimited(1e6) };
    let mut trial = Trial::begin(config, options, load).await?;
    for _ in 0..rounds {
        trial.restart_with_failpoints(FAILPOINTS).await?;
        let hangs = trial.system.docket.wait_for_line(HANG_LINE, HANGS_WITHIN).await;
        findings.expect(hangs, || "no commit hangs".to_owned());
        let mut acknowledged = trial.history.acknowledgements();
        while timeout(SILENCE, acknowledged.changed()).await.is_ok() {}
    }
    trial.driver.stop();
    trial.kill_and_restart().await?;
    findings.figure("hanging commits", rounds);
    trial.finish(findings).await
}

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
    description: "the writer stops between the work of a batch and its commit, with customers in it, and is killed there",
    pass: "nobody was told of an order that was not committed: lost 0",
    is_smoke_test: false,
    requires: &[Requirement::Failpoints],
    run: |config| Box::pin(async move { with(&config.with_failpoints()?, Options::default()).await }),
};

/// Commits as slow as on a slow disk, so that every customer is in the next batch, and then one that hangs.
const HOLDS: &str = "before-commit=20*sleep(25)->1*return(hang)";
/// The log line of the hang.
const HELD: &str = "stays at before-commit";
/// How long it may take to reach the point on a slow machine.
const HELD_WITHIN: Duration = Duration::from_secs(20);
/// After this much silence every earlier answer has arrived.
const SILENCE: Duration = Duration::from_millis(500);

/// Runs it with these options.
///
/// # Errors
/// When the experiment itself fails.
pub async fn with(config: &RunConfig, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let rounds = config.pick(3, 10, 30);
    // As fast as they are answered.
    let load = Load { mix: Mix::Confirmable, ..Load::unlimited(1e6) };
    let mut trial = Trial::begin(config, options, load).await?;
    for _ in 0..rounds {
        trial.start_with_crash(HOLDS).await?;
        let held = trial.system.docket.wait_for_line(HELD, HELD_WITHIN).await;
        findings.expect(held, || "no commit was held".to_owned());
        let mut heard = trial.history.acknowledgements();
        while timeout(SILENCE, heard.changed()).await.is_ok() {}
    }
    trial.driver.stop();
    trial.kill_and_restart().await?;
    findings.figure("commits held", rounds);
    trial.finish(findings).await
}

//! SIGTERM while requests are in flight, streams are open and jobs run.

use std::time::Duration;

use anyhow::Result;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::history::SubmissionState;
use crate::statistics::format_percentiles;
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "sigterm",
    description: "SIGTERM while customers order and watch, and a start after it",
    passes_when: "exit 0 in time, and every order that was stored was acknowledged",
    in_smoke_run: true,
    requires: &[],
    body: |config, options| Box::pin(run(config, options)),
};

const SHUTDOWN: Duration = Duration::from_secs(10);

async fn run(config: RunConfig, options: Options) -> Result<Findings> {
    let rounds = config.pick(6, 25, 100);
    let load = Load {
        clients: 32,
        // A retry would hide that the first call was stored without a response.
        retries: false,
        watched_orders: 20_000,
        ..Load::endless(config.pick(60.0, 80.0, 80.0))
    };
    let options = options.with("DOCKET_SHUTDOWN_SECONDS", SHUTDOWN.as_secs());
    let mut trial = Trial::start(&config, options, load).await?;
    let mut durations = Vec::new();
    for _ in 0..rounds {
        trial.random_pause(500..1_500).await;
        durations.push(trial.stop_docket(SHUTDOWN).await?);
        trial.system.docket.start().await?;
    }
    trial.driver.stop();
    trial.driver.join().await;
    check_unacknowledged(&mut trial).await?;
    trial.findings.figure("stops", rounds);
    trial.findings.figure("from SIGTERM to the end", format_percentiles(&durations));
    trial.finish().await
}

/// Checks that no order was stored whose submission got no response.
async fn check_unacknowledged(trial: &mut Trial) -> Result<()> {
    let operations = trial.history.snapshot();
    let orders = trial.system.docket.desk_api().orders().await?;
    let keys = orders.iter().filter_map(|order| order.note.as_deref());
    let submissions = keys.filter_map(|key| operations.submissions.get(key));
    let count = submissions.filter(|submission| submission.state() == SubmissionState::Unknown).count();
    trial.findings.figure("stored without a response", count);
    trial.findings.expect(count == 0, || format!("{count} orders were stored and not answered"));
    Ok(())
}

//! SIGTERM while streams are open and jobs are running.

use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use tokio::time::sleep;

use crate::api::ApiClient;
use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::history::SubmissionState;
use crate::measure::spread;
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "sigterm",
    description: "SIGTERM while customers order and watch, and a start after it",
    pass: "exit 0 in time, and no order is stored whose customer was not told",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

const SHUTDOWN: Duration = Duration::from_secs(10);

async fn run(config: RunConfig) -> Result<Findings> {
    let rounds = config.pick(6, 25, 100);
    let mut rng = Rng::with_seed(config.seed);
    let load = Load {
        clients: 32,
        // Unanswered customers do not retry before the check whether their order exists.
        retries: false,
        watcher_state: 20_000,
        ..Load::unlimited(config.pick(60.0, 80.0, 80.0))
    };
    let options = Options::default().with("DOCKET_SHUTDOWN_SECONDS", SHUTDOWN.as_secs());
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, options, load).await?;
    let mut ends = Vec::new();
    for _ in 0..rounds {
        sleep(Duration::from_millis(rng.u64(500..1_500))).await;
        let ended = trial.system.docket.stop(SHUTDOWN + Duration::from_secs(20)).await?;
        findings.expect(ended.how == "exit 0", || format!("it ended with {}", ended.how));
        findings.expect(ended.took < SHUTDOWN + Duration::from_secs(5), || {
            format!("it took {:.1} s to end", ended.took.as_secs_f64())
        });
        ends.push(ended.took);
        trial.system.docket.start().await?;
    }
    trial.driver.stop();
    trial.driver.wait_until_answered().await;
    let stored = ApiClient::new(&trial.system.docket.address, &trial.system.docket.desk_key);
    unacknowledged_before(stored, &trial, &mut findings).await?;
    findings.figure("stops", rounds);
    findings.figure("from SIGTERM to the end", spread(&ends));
    trial.finish(findings).await
}

/// Counts orders that exist and were not answered: they were in flight, and their connection was cut.
async fn unacknowledged_before(mut desk: ApiClient, trial: &Trial, findings: &mut Findings) -> Result<()> {
    let asked = trial.history.read();
    let orders = desk.orders(None, usize::MAX).await?;
    let is_untold = |key: &str| {
        asked
            .submissions
            .get(key)
            .is_some_and(|submission| submission.submission_state() == SubmissionState::Unknown)
    };
    let keys = orders.iter().filter_map(|order| order.note.as_deref());
    let unacknowledged_before = keys.filter(|key| is_untold(key)).count();
    findings.figure("answers broken off", unacknowledged_before);
    findings.expect(unacknowledged_before == 0, || {
        format!("{unacknowledged_before} orders were stored and not answered")
    });
    Ok(())
}

//! One idempotency key in a thousand concurrent submissions, and again while the server is killed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::api::ApiClient;
use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::history::{History, Outcome};
use crate::system::Options;
use crate::trial::Trial;
use crate::workload::OrderPlan;

pub const EXPERIMENT: Experiment = Experiment {
    name: "one-key",
    description: "a thousand concurrent submissions with one idempotency key, also across a kill -9",
    pass: "one order for each key, and every reply names it",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(async move { run_with(&config, Options::default()).await }),
};

/// How many customers submit the same key at the same time.
const CONCURRENT: usize = 1_000;

/// Runs it with these options.
///
/// # Errors
/// When the experiment itself fails.
pub async fn run_with(config: &RunConfig, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let rounds = config.pick(3, 10, 30);
    let mut rng = Rng::with_seed(config.seed);
    let mut trial = Trial::begin(config, options, Load::NONE).await?;
    for round in 0..=rounds {
        let key = format!("{}-once-{round}", config.seed);
        let plan = OrderPlan::default();
        let mut customers = JoinSet::new();
        for _ in 0..CONCURRENT {
            let docket = &trial.system.docket;
            let api = ApiClient::new(&docket.address, &docket.key);
            customers.spawn(submit_until_acknowledged(api, key.clone(), plan.clone(), trial.history.clone()));
        }
        // There is no kill in the first round.
        if round > 0 {
            sleep(Duration::from_millis(rng.u64(1..400))).await;
            trial.kill_and_restart().await?;
        }
        let mut acknowledged = 0;
        while let Some(was_acknowledged) = customers.join_next().await {
            acknowledged += usize::from(was_acknowledged?);
        }
        findings.expect(acknowledged == CONCURRENT, || {
            format!("{acknowledged} of {CONCURRENT} were acknowledged")
        });
    }
    findings.figure("keys", rounds + 1);
    findings.figure("concurrent submissions of each", CONCURRENT);
    findings.figure("kills", rounds);
    trial.finish(findings).await
}

/// Submits until it is acknowledged, for at most 90 s; returns whether it was.
async fn submit_until_acknowledged(
    mut api: ApiClient,
    key: String,
    plan: OrderPlan,
    history: Arc<History>,
) -> bool {
    let until = Instant::now() + Duration::from_secs(90);
    while Instant::now() < until {
        if let Outcome::Acknowledged(_) = api.submit_order(&history, &key, &plan).await {
            return true;
        }
        sleep(Duration::from_millis(50)).await;
    }
    false
}

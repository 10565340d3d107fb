//! One idempotency key, a thousand concurrent times; and again while the server is killed.

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
    description: "one idempotency key a thousand times at once, also across a kill -9",
    pass: "one order for each key, and every reply names it",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(async move { with(&config, Options::default()).await }),
};

const AT_ONCE: usize = 1_000;

/// Runs it with these options.
///
/// # Errors
/// When the experiment itself fails.
pub async fn with(config: &RunConfig, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let rounds = config.pick(3, 10, 30);
    let mut rng = Rng::with_seed(config.seed);
    let mut trial = Trial::begin(config, options, Load::NONE).await?;
    for round in 0..=rounds {
        let key = format!("{}-once-{round}", config.seed);
        let plan = OrderPlan::default();
        let mut crowd = JoinSet::new();
        for _ in 0..AT_ONCE {
            let docket = &trial.system.docket;
            let api = ApiClient::new(&docket.address, &docket.key);
            crowd.spawn(retry_all(api, key.clone(), plan.clone(), trial.history.clone()));
        }
        // The first round has no kill.
        if round > 0 {
            sleep(Duration::from_millis(rng.u64(1..400))).await;
            trial.kill_and_restart().await?;
        }
        let mut answered = 0;
        while let Some(answer) = crowd.join_next().await {
            answered += usize::from(answer?);
        }
        findings.expect(answered == AT_ONCE, || format!("{answered} of {AT_ONCE} got an answer"));
    }
    findings.figure("keys", rounds + 1);
    findings.figure("at once", AT_ONCE);
    findings.figure("kills", rounds);
    trial.finish(findings).await
}

/// Retries until it is answered.
async fn retry_all(mut api: ApiClient, key: String, plan: OrderPlan, history: Arc<History>) -> bool {
    let until = Instant::now() + Duration::from_secs(90);
    while Instant::now() < until {
        if let Outcome::Acknowledged(_) = api.order(&history, &key, &plan).await {
            return true;
        }
        sleep(Duration::from_millis(50)).await;
    }
    false
}

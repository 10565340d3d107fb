//! Half of the calls to a service have their effect and get no answer: the worst fault of a service.

use anyhow::Result;
use serde_json::json;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "answer-lost",
    description: "payment service and carrier carry out every call and lose half of the answers",
    pass: "doubled 0: no second hold, charge, refund or shipment",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(async move { run_with(&config, Options::default()).await }),
};

/// Runs it with these options.
///
/// # Errors
/// When the experiment itself fails.
pub async fn run_with(config: &RunConfig, options: Options) -> Result<Findings> {
    let load = Load {
        orders: config.pick(250, 2_000, 10_000),
        per_second: config.pick(50.0, 60.0, 80.0),
        ..Load::default()
    };
    let mut trial = Trial::begin(config, options, load).await?;
    let fault = json!({"mode": "answer_lost", "rate": 0.5});
    trial.system.sandbox.set_faults(&fault).await?;
    trial.driver.wait_until_answered().await;
    trial.finish(Findings::default()).await
}

//! Every other effect outside happens and its answer is lost: the worst that a service can do.

use anyhow::Result;
use serde_json::json;

use crate::driver::Load;
use crate::experiment::{Bench, Experiment, Findings};
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "answer-lost",
    how: "payment and carrier do what they are asked for and lose half of their answers",
    pass: "doubled 0: no second hold, charge, refund or parcel",
    in_slice: true,
    needs: &[],
    run: |bench| Box::pin(async move { with(&bench, Options::default()).await }),
};

/// On a Docket with these options.
///
/// # Errors
/// When it cannot be carried through.
pub async fn with(bench: &Bench, options: Options) -> Result<Findings> {
    let load = Load {
        orders: bench.pick(250, 2_000, 10_000),
        per_second: bench.pick(50.0, 60.0, 80.0),
        ..Load::default()
    };
    let mut trial = Trial::begin(bench, options, load).await?;
    let loses = json!({"mode": "answer_lost", "rate": 0.5});
    trial.system.sandbox.fault_all(&loses).await?;
    trial.driver.done().await;
    trial.finish(Findings::default()).await
}

//! One idempotency key, a thousand concurrent times; and again while the server is killed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::driver::Load;
use crate::experiment::{Bench, Experiment, Findings};
use crate::history::{History, Outcome};
use crate::shop::Wish;
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "one-key",
    how: "one idempotency key a thousand times at once, also across a kill -9",
    pass: "one order for each key, and every reply names it",
    in_slice: true,
    needs: &[],
    run: |bench| Box::pin(async move { with(&bench, Options::default()).await }),
};

const AT_ONCE: usize = 1_000;

/// Runs it with these options.
///
/// # Errors
/// When the experiment itself fails.
pub async fn with(bench: &Bench, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let rounds = bench.pick(3, 10, 30);
    let mut rng = Rng::with_seed(bench.seed);
    let mut trial = Trial::begin(bench, options, Load::NONE).await?;
    for round in 0..=rounds {
        let key = format!("{}-once-{round}", bench.seed);
        let wish = Wish::default();
        let mut crowd = JoinSet::new();
        for _ in 0..AT_ONCE {
            let docket = &trial.system.docket;
            let api = Api::new(&docket.address, &docket.key);
            crowd.spawn(insist(api, key.clone(), wish.clone(), trial.history.clone()));
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
    findings.fact("keys", rounds + 1);
    findings.fact("at once", AT_ONCE);
    findings.fact("kills", rounds);
    trial.finish(findings).await
}

/// Retries until it is answered.
async fn insist(mut api: Api, key: String, wish: Wish, history: Arc<History>) -> bool {
    let until = Instant::now() + Duration::from_secs(90);
    while Instant::now() < until {
        if let Outcome::Acknowledged(_) = api.order(&history, &key, &wish).await {
            return true;
        }
        sleep(Duration::from_millis(50)).await;
    }
    false
}

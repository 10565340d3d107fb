//! An external service is down, slow, refuses us or fails partly for a while: orders are accepted as before, and only
//! delayed.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig, Scale};
use crate::history::SubmissionState;
use crate::measure::millis;
use crate::system::Options;
use crate::trial::Trial;
use crate::workload::Mix;

pub const EXPERIMENT: Experiment = Experiment {
    name: "service-down",
    description: "payment and carrier are down, slow, refuse us, or answer every other call with an error, while customers order",
    pass: "all accepted, as quickly as before (full size), all confirmed within 60 s of the end, doubled 0",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

async fn run(config: RunConfig) -> Result<Findings> {
    let mut findings = Findings::default();
    let down = ("down", "payment", json!({"mode": "down"}));
    let others = [
        ("carrier down", "carrier", json!({"mode": "down"})),
        ("slow", "payment", json!({"mode": "slow", "latency_ms": 3_000})),
        ("half errors", "payment", json!({"mode": "errors", "rate": 0.5})),
        ("busy", "carrier", json!({"mode": "rate_limited", "rate": 0.5})),
        ("refuses us", "payment", json!({"mode": "refuses"})),
    ];
    let cases: Vec<_> = match config.scale {
        Scale::Smoke => vec![down],
        Scale::Usual | Scale::Full => [down].into_iter().chain(others).collect(),
    };
    for (name, service, fault) in cases {
        findings.include(name, one(&config, service, &fault).await?);
    }
    Ok(findings)
}

async fn one(config: &RunConfig, service: &str, fault: &Value) -> Result<Findings> {
    let (calm, broken) = (config.pick(4_u32, 15, 30), config.pick(8_u32, 20, 60));
    let per_second = config.pick(25.0, 50.0, 100.0);
    let orders = (per_second * f64::from(calm + broken)) as usize;
    let load = Load { clients: 16, orders, per_second, mix: Mix::Confirmable, ..Load::default() };
    let mut findings = Findings::default();
    let mut trial = Trial::begin(config, Options::default(), load).await?;
    sleep(Duration::from_secs(calm.into())).await;
    let at = trial.history.age();
    trial.system.sandbox.fault(service, fault).await?;
    trial.driver.wait_until_answered().await;
    let asked = trial.history.read();
    let accepted = trial.history.count(SubmissionState::Acknowledged);
    trial.system.sandbox.heal().await?;
    let healed = Instant::now();
    let (before, during) = (asked.p99(Duration::ZERO..at), asked.p99(at..Duration::MAX));
    findings.figure(
        "p99 of accept before and while it lasts",
        format!("{} → {}", millis(before), millis(during)),
    );
    findings.expect(accepted == orders, || format!("{accepted} of {orders} were accepted"));
    let slack = before.mul_f64(0.2).max(Duration::from_millis(2));
    if config.scale == Scale::Full {
        findings.expect(during <= before + slack, || format!("accepting took {}", millis(during)));
    }
    let mut findings = trial.finish(findings).await?;
    let after = healed.elapsed();
    findings.expect(after <= Duration::from_secs(60), || {
        format!("it took {} s to become quiet", after.as_secs())
    });
    Ok(findings)
}

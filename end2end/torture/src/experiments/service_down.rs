//! An external service is down, slow, refuses every call or fails partly for a while: orders are accepted as before and
//! only delayed.

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
    description: "a service is down, slow, refuses every call, or fails half of the calls, while customers order",
    pass: "all accepted, as quickly as before (full size), all confirmed within 60 s after the fault, doubled 0",
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
        ("rate limited", "carrier", json!({"mode": "rate_limited", "rate": 0.5})),
        ("refuses", "payment", json!({"mode": "refuses"})),
    ];
    let cases: Vec<_> = match config.scale {
        Scale::Smoke => vec![down],
        Scale::Usual | Scale::Full => [down].into_iter().chain(others).collect(),
    };
    for (name, service, fault) in cases {
        findings.include(name, run_case(&config, service, &fault).await?);
    }
    Ok(findings)
}

/// Orders for a while without a fault, then with one, and measures the time of accepting orders.
async fn run_case(config: &RunConfig, service: &str, fault: &Value) -> Result<Findings> {
    let (seconds_before, seconds_during) = (config.pick(4_u32, 15, 30), config.pick(8_u32, 20, 60));
    let per_second = config.pick(25.0, 50.0, 100.0);
    let orders = (per_second * f64::from(seconds_before + seconds_during)) as usize;
    let load = Load { clients: 16, orders, per_second, mix: Mix::Confirmable, ..Load::default() };
    let mut findings = Findings::default();
    let mut trial = Trial::begin(config, Options::default(), load).await?;
    sleep(Duration::from_secs(seconds_before.into())).await;
    let fault_at = trial.history.age();
    trial.system.sandbox.set_fault(service, fault).await?;
    trial.driver.wait_until_answered().await;
    let operations = trial.history.read();
    let accepted = trial.history.count(SubmissionState::Acknowledged);
    trial.system.sandbox.clear_faults().await?;
    let cleared = Instant::now();
    let (before, during) =
        (operations.p99(Duration::ZERO..fault_at), operations.p99(fault_at..Duration::MAX));
    findings.figure(
        "p99 of accept before and during the fault",
        format!("{} → {}", millis(before), millis(during)),
    );
    findings.expect(accepted == orders, || format!("{accepted} of {orders} were accepted"));
    let tolerance = before.mul_f64(0.2).max(Duration::from_millis(2));
    if config.scale == Scale::Full {
        findings
            .expect(during <= before + tolerance, || format!("the p99 of accepting was {}", millis(during)));
    }
    let mut findings = trial.finish(findings).await?;
    let quiet_after = cleared.elapsed();
    findings.expect(quiet_after <= Duration::from_secs(60), || {
        format!("it became quiet only after {} s", quiet_after.as_secs())
    });
    Ok(findings)
}

//! An outside service is down, slow, refuses Docket, or fails half of its calls: orders must be accepted as before.

use std::time::Duration;

use anyhow::Result;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig, Scale};
use crate::history::SubmissionState;
use crate::statistics::format_millis;
use crate::system::{Options, slow};
use crate::trial::Trial;
use crate::workload::Mix;

pub const EXPERIMENT: Experiment = Experiment {
    name: "service-down",
    description: "payment and carrier are down, slow, refuse us, or answer every other call with an error, while customers order",
    passes_when: "all accepted, as quickly as before (full size), all confirmed within 60 s of the end, doubled 0",
    in_smoke_run: true,
    requires: &[],
    body: |config, options| Box::pin(run(config, options)),
};

async fn run(config: RunConfig, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let cases = [
        ("down", "payment", json!({"mode": "down"})),
        ("carrier down", "carrier", json!({"mode": "down"})),
        ("slow", "payment", slow(Duration::from_secs(3))),
        ("half errors", "payment", json!({"mode": "errors", "rate": 0.5})),
        ("busy", "carrier", json!({"mode": "rate_limited", "rate": 0.5})),
        ("refuses us", "payment", json!({"mode": "refuses"})),
    ];
    for (name, service, fault) in &cases[..config.pick(1, cases.len(), cases.len())] {
        findings.merge(name, run_case(&config, options.clone(), service, fault).await?);
    }
    Ok(findings)
}

async fn run_case(config: &RunConfig, options: Options, service: &str, fault: &Value) -> Result<Findings> {
    let (calm, faulty) = (config.pick(4_u32, 15, 30), config.pick(8_u32, 20, 60));
    let per_second = config.pick(25.0, 50.0, 100.0);
    let orders = (per_second * f64::from(calm + faulty)) as usize;
    let load = Load { clients: 16, orders, per_second, mix: Mix::Confirmable, ..Load::default() };
    let mut trial = Trial::start(config, options, load).await?;
    sleep(Duration::from_secs(calm.into())).await;
    let fault_set = trial.history.elapsed();
    trial.system.sandbox.set_fault(service, fault).await?;
    trial.driver.join().await;
    let operations = trial.history.snapshot();
    let accepted = trial.history.count(SubmissionState::Acknowledged);
    trial.system.sandbox.clear_faults().await?;
    let cleared = Instant::now();
    let before = operations.p99(Duration::ZERO..fault_set);
    let during = operations.p99(fault_set..Duration::MAX);
    let latencies = format!("{} → {}", format_millis(before), format_millis(during));
    trial.findings.figure("p99 of accept before and during the fault", latencies);
    trial.findings.expect(accepted == orders, || format!("{accepted} of {orders} were accepted"));
    let slack = before.mul_f64(0.2).max(Duration::from_millis(2));
    if config.scale == Scale::Full {
        let is_as_quick = during <= before + slack;
        trial.findings.expect(is_as_quick, || format!("accepting took {}", format_millis(during)));
    }
    let mut findings = trial.finish().await?;
    let settled = cleared.elapsed();
    findings.expect(settled <= Duration::from_secs(60), || {
        format!("it took {} s to become quiet", settled.as_secs())
    });
    Ok(findings)
}

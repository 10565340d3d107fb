//! Valid and invalid requests generated from the API's own document, by Schemathesis.

use std::fs;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use tokio::process::Command;

use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::system::{Options, System, Workdir};
use crate::workload::OrderPlan;

pub const EXPERIMENT: Experiment = Experiment {
    name: "api-fuzz",
    description: "schemathesis makes calls out of /api/openapi.json, right ones and wrong ones, and goes on with what they made",
    pass: "no 5xx but 503, every answer as the document says, no panic, and it takes orders afterwards",
    is_smoke_test: false,
    requires: &[Requirement::Schemathesis],
    run: |config| Box::pin(run(config)),
};

/// Every check that needs no knowledge of the shop. Somebody else's order is not found, which is no failure.
const CHECKS: [&str; 8] = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "missing_required_header",
    "unsupported_method",
    "allow_header_conformance",
];
/// The fuzzer pauses queues, and waiting jobs are a reason to refuse orders.
const SETTINGS: &str =
    "[checks.not_a_server_error]\nexpected-statuses = [\"2xx\", \"3xx\", \"4xx\", \"503\"]\n";
/// The number of orders at the start.
const ORDERS: u32 = 5;

async fn run(config: RunConfig) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut system = System::start(Workdir::make(&config.paths)?, Options::default()).await?;
    for number in 0..ORDERS {
        system.order(&format!("before-{number}"), &OrderPlan::default()).await?;
    }
    let said = fuzz(&config, &system).await?;
    findings.figure("calls", tally(&said).context("schemathesis did not say how many calls it made")?);
    findings.violations.extend(complaints(&said));
    findings.violations.extend(system.defects().await);
    Ok(findings.with_evidence(system.end().await?))
}

/// Calls everything with a valid key, and returns the output.
async fn fuzz(config: &RunConfig, system: &System) -> Result<String> {
    let (docket, place) = (&system.docket, &system.workdir);
    fs::write(place.file("schemathesis.toml"), SETTINGS)?;
    let program = config.paths.schemathesis.as_ref().context("schemathesis was not given")?;
    let mut command = Command::new(program);
    command
        .current_dir(place.path())
        .arg("run")
        .arg(format!("http://{}/api/openapi.json", docket.address))
        .args(["--url", &format!("http://{}", docket.address)])
        .args(["--header", &format!("Authorization: Bearer {}", docket.desk_key)])
        .args(["--checks", &CHECKS.join(",")])
        .args(["--max-examples", &config.pick(5, 25, 150).to_string()])
        .args(["--seed", &config.seed.to_string()])
        .args(["--generation-database", "none", "--warnings", "off", "--no-color", "--continue-on-failure"]);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await?;
    fs::write(place.file("schemathesis.log"), &output.stdout)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns `1261 generated, 1261 passed`.
fn tally(said: &str) -> Option<&str> {
    said.lines().map(str::trim).find(|line| line.contains(" generated, "))
}

/// Returns the lines about failures and about calls that could not be tested.
fn complaints(said: &str) -> Vec<String> {
    let summary = said.rsplit_once("= SUMMARY =").map_or(said, |(_, summary)| summary);
    let bad = summary.lines().map(str::trim).filter(|line| line.starts_with(['❌', '🚫']));
    bad.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "\
        ❌  Coverage (in 1s)\n= SUMMARY ==\n\nTest Phases:\n  ✅ Fuzzing\n  ❌ Stateful\n\n\
        Failures:\n  ❌ ST500 Server error: 3\n\nTest cases:\n  2111 generated, 3 found 3 unique failures, 26 skipped\n";

    #[test]
    fn what_failed_is_read_from_the_summary() {
        assert_eq!(complaints(SAID), ["❌ Stateful", "❌ ST500 Server error: 3"]);
        assert_eq!(tally(SAID), Some("2111 generated, 3 found 3 unique failures, 26 skipped"));
        assert_eq!(tally("no module named schemathesis"), None);
    }
}

//! Valid and invalid requests that Schemathesis generates from the API's own OpenAPI document.

use std::fs;
use std::process::Stdio;

use anyhow::{Context as _, Result};
use tokio::process::Command;

use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::system::{Options, System, Workdir};
use crate::workload::OrderPlan;

pub const EXPERIMENT: Experiment = Experiment {
    name: "api-fuzz",
    description: "schemathesis generates valid and invalid calls from /api/openapi.json, also on the created resources",
    pass: "no 5xx but 503, every answer conforms to the document, no panic, and orders are accepted afterwards",
    is_smoke_test: false,
    requires: &[Requirement::Schemathesis],
    run: |config| Box::pin(run(config)),
};

/// All checks that need no knowledge of the shop. For them a 404 for somebody else's order is no failure.
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
/// Permits 503: the fuzzer pauses queues, and Docket refuses orders while too many jobs wait.
const SETTINGS: &str =
    "[checks.not_a_server_error]\nexpected-statuses = [\"2xx\", \"3xx\", \"4xx\", \"503\"]\n";
/// The number of orders at the start.
const ORDERS: u32 = 5;

async fn run(config: RunConfig) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut system = System::start(Workdir::create(&config.paths)?, Options::default()).await?;
    for number in 0..ORDERS {
        system.submit_order(&format!("before-{number}"), &OrderPlan::default()).await?;
    }
    let output = fuzz(&config, &system).await?;
    findings
        .figure("calls", case_counts(&output).context("schemathesis did not print how many calls it made")?);
    findings.violations.extend(failures(&output));
    findings.violations.extend(system.defects().await);
    Ok(findings.keep_folder_if_violated(system.end().await?))
}

/// Runs Schemathesis with the key of the desk, and returns its output.
async fn fuzz(config: &RunConfig, system: &System) -> Result<String> {
    let (docket, workdir) = (&system.docket, &system.workdir);
    fs::write(workdir.file("schemathesis.toml"), SETTINGS)?;
    let program = config.paths.schemathesis.as_ref().context("schemathesis was not given")?;
    let mut command = Command::new(program);
    command
        .current_dir(workdir.path())
        .arg("run")
        .arg(format!("http://{}/api/openapi.json", docket.address))
        .args(["--url", &format!("http://{}", docket.address)])
        .args(["--header", &format!("Authorization: Bearer {}", docket.desk_key)])
        .args(["--checks", &CHECKS.join(",")])
        .args(["--max-examples", &config.pick(5, 25, 150).to_string()])
        .args(["--seed", &config.seed.to_string()])
        .args(["--generation-database", "none", "--warnings", "off", "--no-color", "--continue-on-failure"]);
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await?;
    fs::write(workdir.file("schemathesis.log"), &output.stdout)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Returns the numbers of test cases, as in `1261 generated, 1261 passed`.
fn case_counts(output: &str) -> Option<&str> {
    output.lines().map(str::trim).find(|line| line.contains(" generated, "))
}

/// Returns the lines of the summary about failures and about calls that could not be tested.
fn failures(output: &str) -> Vec<String> {
    let summary = output.rsplit_once("= SUMMARY =").map_or(output, |(_, summary)| summary);
    let failures = summary.lines().map(str::trim).filter(|line| line.starts_with(['❌', '🚫']));
    failures.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
        ❌  Coverage (in 1s)\n= SUMMARY ==\n\nTest Phases:\n  ✅ Fuzzing\n  ❌ Stateful\n\n\
        Failures:\n  ❌ ST500 Server error: 3\n\nTest cases:\n  2111 generated, 3 found 3 unique failures, 26 skipped\n";

    #[test]
    fn failures_and_counts_are_read_from_the_summary() {
        assert_eq!(failures(OUTPUT), ["❌ Stateful", "❌ ST500 Server error: 3"]);
        assert_eq!(case_counts(OUTPUT), Some("2111 generated, 3 found 3 unique failures, 26 skipped"));
        assert_eq!(case_counts("no module named schemathesis"), None);
    }
}

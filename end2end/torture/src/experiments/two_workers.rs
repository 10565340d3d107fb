//! Two workers of one job at the same time: the first loses its lease without noticing, and returns an outdated
//! result. Only the fence refuses it.

use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::system::Options;
use crate::trial::Trial;
use crate::workload::Mix;

pub const EXPERIMENT: Experiment = Experiment {
    name: "two-workers",
    description: "the first lease of each job runs out unnoticed, so that its worker and the next one work side by side",
    pass: "what the first one writes is refused: no answer about the old card is taken for one about the new card",
    is_smoke_test: false,
    requires: &[Requirement::Failpoints],
    run: |config| Box::pin(async move { with(&config.with_failpoints()?, Options::default()).await }),
};

/// The failpoint by which a worker is told that its lease is renewed while it is not.
const FORGOTTEN: &str = "plant-first-lease-forgotten=return";

/// The latency of the payment service: longer than it takes until a lease expires and its job is claimed again.
const ANSWERS_AFTER: Duration = Duration::from_millis(2_500);
/// Running jobs may take as long as a step, and then the server ends.
const STOPS_WITHIN: Duration = Duration::from_secs(30);
/// How often a customer checks whether another card is asked for.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Runs it with these options.
///
/// Each card is declined to both workers of its job, to the second one twice as late, because it first looks up the
/// effect of the first. Meanwhile the customer has given another, valid card, whose answer is pending.
///
/// # Errors
/// When the experiment itself fails.
pub async fn with(config: &RunConfig, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let load =
        Load { orders: config.pick(16, 60, 200), per_second: 20.0, mix: Mix::Declined, ..Load::default() };
    let options = options
        .with_failpoints(FORGOTTEN)
        .with("DOCKET_LEASE_SECONDS", 1)
        .with("DOCKET_STEP_TIMEOUT_SECONDS", 10)
        // Both workers of every order find a slot.
        .with("DOCKET_PAYMENT_CONCURRENCY", 2 * load.orders);
    let mut trial = Trial::begin(config, options, load).await?;
    let slow = json!({"mode": "slow", "latency_ms": ANSWERS_AFTER.as_millis()});
    trial.system.sandbox.fault("payment", &slow).await?;
    trial.driver.wait_until_answered().await;
    let until = Instant::now() + config.time_limit;
    while trial.history.read().corrected.len() < load.orders && Instant::now() < until {
        trial.driver.correct().await?;
        sleep(POLL_INTERVAL).await;
    }
    trial.wait_until_quiet().await?;
    // Some of the first workers still wait for an answer; the shutdown lets them have it.
    let ended = trial.system.docket.stop(STOPS_WITHIN).await?;
    findings.expect(ended.how == "exit 0", || format!("it ended with {}", ended.how));
    let forgotten = taken_back(&trial.system.docket.lines_containing(RESCUED));
    findings.figure("jobs with two workers", forgotten);
    findings.expect(forgotten >= load.orders, || format!("only {forgotten} jobs had two workers"));
    trial.finish(findings).await
}

/// The log line of a rescue.
const RESCUED: &str = "took back jobs whose leases had expired";

/// Returns how many jobs were rescued, from the log.
fn taken_back(lines: &[String]) -> usize {
    let jobs = |line: &String| line.split("jobs=").nth(1)?.split_whitespace().next()?.parse::<usize>().ok();
    lines.iter().filter_map(jobs).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jobs_that_were_taken_back_are_counted_from_the_log() {
        let line = |count: &str| format!("2026-11-23T12:00:00Z  WARN queue::rescuer: {RESCUED} {count}");
        assert_eq!(taken_back(&[line("jobs=3"), line("jobs=12")]), 15);
        assert_eq!(taken_back(&[line("")]), 0);
    }
}

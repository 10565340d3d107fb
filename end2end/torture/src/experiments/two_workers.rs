//! Two workers of one job at the same time: the first loses its lease without notice and settles an outdated result,
//! which only the fence refuses.

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
    description: "the first lease of each job expires unnoticed, so that its worker and the next one run at the same time",
    pass: "the settlement of the first worker is refused: no result of the old card is recorded for the new card",
    is_smoke_test: false,
    requires: &[Requirement::Failpoints],
    run: |config| Box::pin(async move { run_with(&config.with_failpoints()?, Options::default()).await }),
};

/// The failpoint by which a worker is informed that its lease is renewed, although it is not.
const UNRENEWED_LEASE: &str = "plant-first-lease-forgotten=return";

/// The latency of the payment service: longer than it takes until a lease expires and its job is claimed again.
const PAYMENT_LATENCY: Duration = Duration::from_millis(2_500);
/// How long the shutdown may take: a running job may take as long as a step.
const STOPS_WITHIN: Duration = Duration::from_secs(30);
/// How often customers check whether another card is asked for.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Runs it with these options.
///
/// Both workers of a job get the answer that the card is declined. The second one gets it after twice the time, because
/// it first looks up the effect of the first. Meanwhile the customer has given a valid card, whose payment is pending.
///
/// # Errors
/// When the experiment itself fails.
pub async fn run_with(config: &RunConfig, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let load =
        Load { orders: config.pick(16, 60, 200), per_second: 20.0, mix: Mix::Declined, ..Load::default() };
    let options = options
        .with_failpoints(UNRENEWED_LEASE)
        .with_setting("DOCKET_LEASE_SECONDS", 1)
        .with_setting("DOCKET_STEP_TIMEOUT_SECONDS", 10)
        // Both workers of every order can run at the same time.
        .with_setting("DOCKET_PAYMENT_CONCURRENCY", 2 * load.orders);
    let mut trial = Trial::begin(config, options, load).await?;
    let slow = json!({"mode": "slow", "latency_ms": PAYMENT_LATENCY.as_millis()});
    trial.system.sandbox.set_fault("payment", &slow).await?;
    trial.driver.wait_until_answered().await;
    let until = Instant::now() + config.time_limit;
    while trial.history.read().corrected.len() < load.orders && Instant::now() < until {
        trial.driver.correct_orders().await?;
        sleep(POLL_INTERVAL).await;
    }
    trial.wait_until_quiet().await?;
    // The shutdown waits for the workers that still wait for an answer.
    let exit = trial.system.docket.stop(STOPS_WITHIN).await?;
    findings.expect(exit.status == "exit 0", || format!("it ended with {}", exit.status));
    let rescued = rescued_jobs(&trial.system.docket.lines_containing(RESCUE_LINE));
    findings.figure("jobs with two workers", rescued);
    findings.expect(rescued >= load.orders, || format!("only {rescued} jobs had two workers"));
    trial.finish(findings).await
}

/// The log line of a rescue.
const RESCUE_LINE: &str = "took back jobs whose leases had expired";

/// Returns how many jobs were rescued, from the log.
fn rescued_jobs(lines: &[String]) -> usize {
    let jobs = |line: &String| line.split("jobs=").nth(1)?.split_whitespace().next()?.parse::<usize>().ok();
    lines.iter().filter_map(jobs).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rescued_jobs_are_counted_from_the_log() {
        let line = |count: &str| format!("2026-11-23T12:00:00Z  WARN queue::rescuer: {RESCUE_LINE} {count}");
        assert_eq!(rescued_jobs(&[line("jobs=3"), line("jobs=12")]), 15);
        assert_eq!(rescued_jobs(&[line("")]), 0);
    }
}

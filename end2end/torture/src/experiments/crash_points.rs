//! The process crashes at every failpoint: before and after each commit and each external call, in each of three
//! ways.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "crash-points",
    description: "panic, abort and hang before and after each commit and each call outside",
    pass: "every point was reached in every way; lost, doubled, stuck 0",
    is_smoke_test: true,
    requires: &[Requirement::Failpoints],
    run: |config| Box::pin(run(config)),
};

/// How long it may take to reach a point on a slow machine.
const REACHED_WITHIN: Duration = Duration::from_secs(45);

/// How often a confirmed order is cancelled, so that all of its effects have to be undone.
const CANCEL_EVERY: Duration = Duration::from_millis(500);

/// A way to crash, and the word in the log before the name of the point.
type Way = (&'static str, &'static str);

const WAYS: [Way; 3] = [("return(abort)", "aborts at"), ("panic", "failpoint"), ("return(hang)", "stays at")];

async fn run(config: RunConfig) -> Result<Findings> {
    let config = config.with_failpoints()?;
    let mut rng = fastrand::Rng::with_seed(config.seed);
    let load = Load { watcher_state: 100_000, panics: true, ..Load::unlimited(25.0) };
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, Options::default(), load).await?;
    let mut points: Vec<String> =
        trial.system.docket.run_command(&["failpoints"]).await?.lines().filter_map(point).collect();
    ensure!(!points.is_empty(), "`docket failpoints` names no point");
    rng.shuffle(&mut points);
    let by_name = points.len();
    points.truncate(config.pick(8, by_name, by_name));
    let ways = &WAYS[..config.pick(1, WAYS.len(), WAYS.len())];
    let mut unreached = Vec::new();
    for way in ways {
        for point in &points {
            if !breaks(&mut trial, point, *way, rng.u32(0..3)).await? {
                unreached.push(format!("{} {point}", way.1));
            }
        }
    }
    trial.kill_and_restart().await?;
    trial.driver.stop();
    findings.figure("points", format!("{} of {by_name}", points.len()));
    findings.figure("ways", ways.len());
    findings.expect(unreached.is_empty(), || format!("nobody came to {unreached:?}"));
    trial.finish(findings).await
}

/// Returns the name in a line of `docket failpoints`; planted bugs are another experiment.
fn point(line: &str) -> Option<String> {
    line.strip_prefix("point ").map(str::to_owned)
}

/// Crashes at a point after it was passed this many times; returns whether it was reached.
async fn breaks(trial: &mut Trial, point: &str, (deed, mark): Way, after: u32) -> Result<bool> {
    trial.start_with_crash(&format!("{point}={after}*off->1*{deed}")).await?;
    let mark = format!("{mark} {point}");
    let regrets = async {
        loop {
            sleep(CANCEL_EVERY).await;
            // There may be no confirmed order.
            drop(trial.driver.cancel_confirmed_order().await);
        }
    };
    tokio::select! {
        reached = trial.system.docket.wait_for_line(&mark, REACHED_WITHIN) => Ok(reached),
        never = regrets => never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crash_points_are_distinguished_from_planted_bugs() {
        assert_eq!(point("point before-commit").as_deref(), Some("before-commit"));
        assert_eq!(point("bug plant-no-fence"), None);
    }
}

//! The process panics, aborts or hangs at every failpoint: before and after each commit and each external call.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::sleep;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "crash-points",
    description: "panic, abort and hang before and after each commit and each external call",
    pass: "every action was taken at every point; lost, doubled, stuck 0",
    is_smoke_test: true,
    requires: &[Requirement::Failpoints],
    run: |config| Box::pin(run(config)),
};

/// How long it may take until a point is reached, on a slow machine.
const REACHED_WITHIN: Duration = Duration::from_secs(45);

/// How often a confirmed order is cancelled, so that all of its effects have to be undone.
const CANCEL_EVERY: Duration = Duration::from_millis(500);

/// An action of a failpoint, and the words in the log before the name of the point.
type Action = (&'static str, &'static str);

const ACTIONS: [Action; 3] =
    [("return(abort)", "aborts at"), ("panic", "failpoint"), ("return(hang)", "stays at")];

async fn run(config: RunConfig) -> Result<Findings> {
    let config = config.with_failpoints()?;
    let mut rng = fastrand::Rng::with_seed(config.seed);
    let load = Load { watched_orders: 100_000, panics: true, ..Load::unlimited(25.0) };
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, Options::default(), load).await?;
    let mut points: Vec<String> =
        trial.system.docket.run_command(&["failpoints"]).await?.lines().filter_map(point).collect();
    ensure!(!points.is_empty(), "`docket failpoints` names no point");
    rng.shuffle(&mut points);
    let all = points.len();
    points.truncate(config.pick(8, all, all));
    let actions = &ACTIONS[..config.pick(1, ACTIONS.len(), ACTIONS.len())];
    let mut unreached = Vec::new();
    for action in actions {
        for point in &points {
            if !crash_at(&mut trial, point, *action, rng.u32(0..3)).await? {
                unreached.push(format!("{} {point}", action.1));
            }
        }
    }
    trial.kill_and_restart().await?;
    trial.driver.stop();
    findings.figure("points", format!("{} of {all}", points.len()));
    findings.figure("actions", actions.len());
    findings.expect(unreached.is_empty(), || format!("not reached: {unreached:?}"));
    trial.finish(findings).await
}

/// Returns the name of the point in a line of `docket failpoints`; `None` for a planted bug.
fn point(line: &str) -> Option<String> {
    line.strip_prefix("point ").map(str::to_owned)
}

/// Takes an action at a point after it was passed `after` times; returns whether that happened.
async fn crash_at(trial: &mut Trial, point: &str, (action, mark): Action, after: u32) -> Result<bool> {
    trial.restart_with_failpoints(&format!("{point}={after}*off->1*{action}")).await?;
    let mark = format!("{mark} {point}");
    let cancellations = async {
        loop {
            sleep(CANCEL_EVERY).await;
            // There may be no confirmed order.
            drop(trial.driver.cancel_confirmed_order().await);
        }
    };
    tokio::select! {
        reached = trial.system.docket.wait_for_line(&mark, REACHED_WITHIN) => Ok(reached),
        never = cancellations => never,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_distinguished_from_planted_bugs() {
        assert_eq!(point("point before-commit").as_deref(), Some("before-commit"));
        assert_eq!(point("bug plant-no-fence"), None);
    }
}

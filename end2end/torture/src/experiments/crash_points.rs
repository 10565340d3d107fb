//! The process breaks at every named moment: before and after each commit and each call outside, in each of three ways.

use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::{Instant, sleep};

use crate::checker::Allowed;
use crate::driver::Load;
use crate::experiment::{Bench, Experiment, Findings, Need};
use crate::shop::Mix;
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "crash-points",
    how: "panic, abort and hang before and after each commit and each call outside",
    pass: "every point was reached; lost, doubled, stuck 0",
    in_slice: true,
    needs: &[Need::Failpoints],
    run: |bench| Box::pin(run(bench)),
};

/// So long may it take until somebody comes to a point, on a slow machine.
const REACHED_WITHIN: Duration = Duration::from_secs(20);
/// What hangs or panics shows nothing, so it gets a while.
const A_WHILE: Duration = Duration::from_millis(1_500);

async fn run(bench: Bench) -> Result<Findings> {
    let bench = bench.with_failpoints()?;
    let mut rng = fastrand::Rng::with_seed(bench.seed);
    let load = Load {
        clients: 8,
        orders: 1_000_000,
        per_second: 25.0,
        mix: Mix::Everything,
        insists: true,
        watched: 100_000,
    };
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&bench, Options::default(), load).await?;
    let mut points: Vec<String> =
        trial.system.docket.tool(&["failpoints"]).await?.lines().filter_map(point).collect();
    ensure!(!points.is_empty(), "`docket failpoints` names no point");
    rng.shuffle(&mut points);
    let named = points.len();
    points.truncate(bench.pick(8, named, named));
    let mut unreached = Vec::new();
    for point in &points {
        if !abort(&mut trial, point, rng.u32(0..3)).await? {
            unreached.push(point.clone());
        }
    }
    let others: &[&str] = bench.pick(&[], &["panic", "return(hang)"], &["panic", "return(hang)"]);
    for deed in others {
        for point in &points {
            restart(&mut trial, Some(format!("{point}={}*off->1*{deed}", rng.u32(0..3)))).await?;
            sleep(A_WHILE).await;
        }
    }
    restart(&mut trial, None).await?;
    trial.driver.stop();
    findings.fact("points", format!("{} of {named}", points.len()));
    findings.fact("ways", 1 + others.len());
    findings.expect(unreached.is_empty(), || format!("nobody came to {unreached:?}"));
    trial.finish(Allowed::default(), &mut findings).await?;
    Ok(findings)
}

/// The name in a line of `docket failpoints`; the planted faults are another experiment.
fn point(line: &str) -> Option<String> {
    line.strip_prefix("point ").map(str::to_owned)
}

/// Lets the process abort at a point, after somebody came there so many times; whether it did.
async fn abort(trial: &mut Trial, point: &str, after: u32) -> Result<bool> {
    restart(trial, Some(format!("{point}={after}*off->1*return(abort)"))).await?;
    let until = Instant::now() + REACHED_WITHIN;
    while Instant::now() < until {
        if !trial.system.docket.is_running() {
            trial.history.remark(&format!("aborted at {point}"));
            return Ok(true);
        }
        sleep(Duration::from_millis(10)).await;
    }
    Ok(false)
}

/// Starts the server with other failpoints; whoever hangs is killed for it.
async fn restart(trial: &mut Trial, failpoints: Option<String>) -> Result<()> {
    let docket = &mut trial.system.docket;
    if docket.is_running() {
        docket.kill().await?;
    }
    docket.options.env.retain(|(name, _)| name != "FAILPOINTS");
    if let Some(failpoints) = failpoints {
        trial.history.remark(&failpoints);
        docket.options.env.push(("FAILPOINTS".to_owned(), failpoints.clone()));
        // A server that breaks while it starts is started without it.
        if docket.start().await.is_ok() {
            return Ok(());
        }
        trial.history.remark("it broke while it started");
        docket.options.env.pop();
        return Ok(());
    }
    docket.start().await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_told_apart_from_planted_faults() {
        assert_eq!(point("point before-commit").as_deref(), Some("before-commit"));
        assert_eq!(point("bug plant-no-fence"), None);
    }
}

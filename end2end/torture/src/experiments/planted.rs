//! Planted bugs: a checker that cannot fail proves nothing, so bugs are planted in Docket, and the experiments must
//! find them.

use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::future::BoxFuture;

use super::{answer_lost, held_commit, kill_loop, one_key, power_cut, two_workers};
use crate::checker::Invariant;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig, Scale};
use crate::machine;
use crate::report::say;
use crate::system::Options;

pub const EXPERIMENT: Experiment = Experiment {
    name: "planted-bugs",
    description: "programs that are wrong on purpose, each in the experiment that must find it out",
    pass: "every planted bug is caught",
    is_smoke_test: false,
    requires: &[Requirement::Failpoints, Requirement::Mounts],
    run: |config| Box::pin(run(config)),
};

/// A bug, and how it is found.
struct PlantedBug {
    /// The failpoint that activates it.
    failpoint: &'static str,
    /// What is wrong.
    bug: &'static str,
    /// The experiment that must fail.
    try_it: for<'a> fn(&'a RunConfig, Options) -> BoxFuture<'a, Result<Findings>>,
    /// What that experiment needs beside failpoints.
    requires: Option<Requirement>,
    /// At least one of these must be violated.
    breaks: &'static [Invariant],
    /// Whether the bug may damage the database so that no server starts, which also counts as found.
    ruins: bool,
}

const TIME_LIMIT: Duration = Duration::from_secs(15);

const PLANTED_BUGS: [PlantedBug; 6] = [
    PlantedBug {
        failpoint: "plant-durability-off=return",
        bug: "commits are not made durable (synchronous=OFF)",
        try_it: |config, options| Box::pin(power_cut::with(config, options)),
        requires: Some(Requirement::PowerCut),
        breaks: &[Invariant::NothingAcknowledgedIsLost],
        ruins: true,
    },
    PlantedBug {
        failpoint: "plant-no-unique-key=return",
        bug: "an idempotency key is not looked up and not unique",
        try_it: |config, options| Box::pin(one_key::with(config, options)),
        requires: None,
        breaks: &[Invariant::OneOrderPerKey],
        ruins: false,
    },
    PlantedBug {
        failpoint: "plant-answer-before-commit=return",
        bug: "an order is answered before its transaction is committed",
        try_it: |config, options| Box::pin(held_commit::with(config, options)),
        requires: None,
        breaks: &[Invariant::NothingAcknowledgedIsLost],
        ruins: false,
    },
    PlantedBug {
        failpoint: "plant-payment-key-per-attempt=return",
        bug: "each attempt at a payment has a key of its own, and nobody looks before acting again",
        try_it: |config, options| Box::pin(answer_lost::with(config, options)),
        requires: None,
        breaks: &[Invariant::MoneyMovesOnce],
        ruins: false,
    },
    PlantedBug {
        failpoint: "plant-no-fence=return",
        bug: "a settlement is written whether or not its lease still holds",
        try_it: |config, options| Box::pin(two_workers::with(config, options)),
        requires: None,
        breaks: &[Invariant::MoneyMovesOnce],
        ruins: false,
    },
    PlantedBug {
        failpoint: "plant-no-resync=return",
        bug: "a stream that is resumed by a cursor goes on live, without what was missed",
        try_it: |config, options| Box::pin(kill_loop::with(config, options)),
        requires: None,
        breaks: &[Invariant::WatchersAgree],
        ruins: false,
    },
];

async fn run(config: RunConfig) -> Result<Findings> {
    // The bugs show soon, and what they block never recovers.
    let config = RunConfig { scale: Scale::Smoke, time_limit: TIME_LIMIT, ..config.with_failpoints()? };
    let mut findings = Findings::default();
    let (mut caught, mut planted) = (0, 0);
    for plant in &PLANTED_BUGS {
        if let Some(why) =
            plant.requires.and_then(|requirement| machine::missing_requirement(requirement, &config.paths))
        {
            findings.figure(plant.bug, format!("not tried, {why}"));
            continue;
        }
        planted += 1;
        match caught_by(plant, &config).await {
            Ok(violation) => {
                caught += 1;
                say(format_args!("      caught: {}", plant.bug));
                findings.figure(plant.bug, format!("caught by {violation}"));
            }
            Err(why) => findings.violation(format!("{}, which is {}: {why:#}", plant.failpoint, plant.bug)),
        }
    }
    findings.figures.insert(0, ("caught".to_owned(), format!("{caught} of {planted}")));
    Ok(findings)
}

/// Returns the violation that finds the bug.
async fn caught_by(plant: &PlantedBug, config: &RunConfig) -> Result<String> {
    let options = Options::default().with_failpoints(plant.failpoint);
    let found = match (plant.try_it)(config, options).await {
        Err(error) if plant.ruins => return Ok(format!("not starting again: {error:#}")),
        found => found?,
    };
    if let Some(folder) = found.left_in {
        // Nobody investigates a planted bug.
        let _ = std::fs::remove_dir_all(folder);
    }
    let is_of = |what: &&String, invariant: &Invariant| what.starts_with(&format!("{} (", *invariant as u8));
    let is_expected = |what: &&String| plant.breaks.iter().any(|invariant| is_of(what, invariant));
    let expected = found.violations.iter().find(is_expected).cloned();
    expected.with_context(|| {
        let (others, first) = (found.violations.len(), found.violations.first());
        format!("it was not found out; of {others} other violations the first is {first:?}")
    })
}

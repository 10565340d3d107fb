//! Planted bugs: a checker that cannot fail proves nothing, so bugs are planted in Docket, and other experiments must
//! find them.

use std::time::Duration;

use anyhow::{Context as _, Result};
use futures::future::BoxFuture;

use super::{answer_lost, held_commit, kill_loop, one_key, power_cut, two_workers};
use crate::checker::Invariant;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig, Scale};
use crate::machine;
use crate::report::print_line;
use crate::system::Options;

pub const EXPERIMENT: Experiment = Experiment {
    name: "planted-bugs",
    description: "bugs planted in Docket, each in the experiment that must find it",
    pass: "every planted bug is found",
    is_smoke_test: false,
    requires: &[Requirement::Failpoints, Requirement::Mounts],
    run: |config| Box::pin(run(config)),
};

/// A bug, and how it is found.
struct PlantedBug {
    /// The failpoint that activates it.
    failpoint: &'static str,
    /// What the bug does.
    description: &'static str,
    /// The experiment that must fail.
    experiment: for<'a> fn(&'a RunConfig, Options) -> BoxFuture<'a, Result<Findings>>,
    /// What the experiment requires beside failpoints.
    requires: Option<Requirement>,
    /// At least one of these must be violated.
    violates: &'static [Invariant],
    /// Whether the bug may damage the database so that Docket no longer starts, which also counts as found.
    may_damage_database: bool,
}

/// How long a trial may take to become quiet.
const TIME_LIMIT: Duration = Duration::from_secs(15);

const PLANTED_BUGS: [PlantedBug; 6] = [
    PlantedBug {
        failpoint: "plant-durability-off=return",
        description: "commits are not made durable (synchronous=OFF)",
        experiment: |config, options| Box::pin(power_cut::run_with(config, options)),
        requires: Some(Requirement::PowerCut),
        violates: &[Invariant::NothingAcknowledgedIsLost],
        may_damage_database: true,
    },
    PlantedBug {
        failpoint: "plant-no-unique-key=return",
        description: "idempotency keys are neither looked up nor unique",
        experiment: |config, options| Box::pin(one_key::run_with(config, options)),
        requires: None,
        violates: &[Invariant::OneOrderPerKey],
        may_damage_database: false,
    },
    PlantedBug {
        failpoint: "plant-answer-before-commit=return",
        description: "an order is answered before its transaction is committed",
        experiment: |config, options| Box::pin(held_commit::run_with(config, options)),
        requires: None,
        violates: &[Invariant::NothingAcknowledgedIsLost],
        may_damage_database: false,
    },
    PlantedBug {
        failpoint: "plant-payment-key-per-attempt=return",
        description: "each attempt at a payment has a key of its own, and no attempt looks up the effect of another",
        experiment: |config, options| Box::pin(answer_lost::run_with(config, options)),
        requires: None,
        violates: &[Invariant::MoneyMovesOnce],
        may_damage_database: false,
    },
    PlantedBug {
        failpoint: "plant-no-fence=return",
        description: "a settlement is written whether or not its lease still holds",
        experiment: |config, options| Box::pin(two_workers::run_with(config, options)),
        requires: None,
        violates: &[Invariant::MoneyMovesOnce],
        may_damage_database: false,
    },
    PlantedBug {
        failpoint: "plant-no-resync=return",
        description: "a stream that resumes after a cursor lacks the missed events",
        experiment: |config, options| Box::pin(kill_loop::run_with(config, options)),
        requires: None,
        violates: &[Invariant::WatchersAgree],
        may_damage_database: false,
    },
];

async fn run(config: RunConfig) -> Result<Findings> {
    // The bugs show soon, and orders that they block never become quiet.
    let config = RunConfig { scale: Scale::Smoke, time_limit: TIME_LIMIT, ..config.with_failpoints()? };
    let mut findings = Findings::default();
    let (mut found, mut planted) = (0, 0);
    for bug in &PLANTED_BUGS {
        if let Some(reason) =
            bug.requires.and_then(|requirement| machine::missing_requirement(requirement, &config.paths))
        {
            findings.figure(bug.description, format!("skipped: {reason}"));
            continue;
        }
        planted += 1;
        match violation_by(bug, &config).await {
            Ok(violation) => {
                found += 1;
                print_line(format_args!("      found: {}", bug.description));
                findings.figure(bug.description, format!("found by {violation}"));
            }
            Err(error) => findings.violation(format!("{} ({}): {error:#}", bug.failpoint, bug.description)),
        }
    }
    findings.figures.insert(0, ("planted bugs found".to_owned(), format!("{found} of {planted}")));
    Ok(findings)
}

/// Plants a bug, and returns the violation by which the experiment finds it.
///
/// # Errors
/// When the experiment does not find it.
async fn violation_by(bug: &PlantedBug, config: &RunConfig) -> Result<String> {
    let options = Options::default().with_failpoints(bug.failpoint);
    let findings = match (bug.experiment)(config, options).await {
        Err(error) if bug.may_damage_database => return Ok(format!("a failed start: {error:#}")),
        findings => findings?,
    };
    if let Some(folder) = findings.kept_folder {
        // A planted bug needs no investigation.
        let _ = std::fs::remove_dir_all(folder);
    }
    let is_of = |violation: &&String, invariant: &Invariant| {
        violation.starts_with(&format!("{} (", *invariant as u8))
    };
    let is_expected = |violation: &&String| bug.violates.iter().any(|invariant| is_of(violation, invariant));
    let expected = findings.violations.iter().find(is_expected).cloned();
    expected.with_context(|| {
        let (others, first) = (findings.violations.len(), findings.violations.first());
        format!("it was not found; of {others} other violations the first is {first:?}")
    })
}

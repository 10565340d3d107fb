//! The metrics of the steps of orders.

use std::time::Duration;

use orders::{StepName, Work, WorkResult};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::labels::Labels;

/// In seconds, up to the time-outs of several calls.
const DURATIONS: [f64; 12] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0];

const ACTIONS: [&str; 2] = ["run", "undo"];

/// In the order of [`place_of`].
const OUTCOMES: [&str; 8] =
    ["succeeded", "skipped", "retried", "postponed", "refused", "needs_customer", "needs_operator", "failed"];

/// Attempts at steps and at their undos. The outer arrays are in the order of [`StepName::ALL`] and of `ACTIONS`.
#[derive(Debug)]
pub struct StepMetrics {
    results: [[[Counter; OUTCOMES.len()]; ACTIONS.len()]; StepName::ALL.len()],
    durations: [[Histogram; ACTIONS.len()]; StepName::ALL.len()],
}

impl StepMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let results = Family::<Labels<3>, Counter>::default();
        let durations = Family::<Labels<2>, Histogram>::new_with_constructor(|| Histogram::new(DURATIONS));
        let metrics = Self {
            results: StepName::ALL.map(|step| {
                ACTIONS.map(|action| {
                    OUTCOMES.map(|outcome| {
                        let labels = [("step", step.as_str()), ("action", action), ("outcome", outcome)];
                        results.get_or_create_owned(&labels)
                    })
                })
            }),
            durations: StepName::ALL.map(|step| {
                ACTIONS.map(|action| {
                    durations.get_or_create_owned(&[("step", step.as_str()), ("action", action)])
                })
            }),
        };
        registry.register("step_results", "Results of attempts at steps and their undos", results);
        registry.register_with_unit(
            "step_duration",
            "Duration of an attempt at a step or its undo",
            Unit::Seconds,
            durations,
        );
        metrics
    }

    /// Counts the result of an attempt once it is written.
    pub fn count(&self, work: Work, result: &WorkResult) {
        if let Some((step, action)) = step_of(work) {
            self.results[step.index()][action][place_of(result)].inc();
        }
    }

    /// Records how long an attempt took.
    pub fn record_duration(&self, work: Work, took: Duration) {
        if let Some((step, action)) = step_of(work) {
            self.durations[step.index()][action].observe(took.as_secs_f64());
        }
    }
}

/// Returns the step and the place of its action.
const fn step_of(work: Work) -> Option<(StepName, usize)> {
    match work {
        Work::Do(step) => Some((step, 0)),
        Work::Undo(step) => Some((step, 1)),
        Work::ExpireAt(_) | Work::Nothing => None,
    }
}

const fn place_of(result: &WorkResult) -> usize {
    match result {
        WorkResult::Done(outcome) if outcome.skipped => 1,
        WorkResult::Done(_) => 0,
        WorkResult::Retry { .. } => 2,
        WorkResult::Postpone { .. } => 3,
        WorkResult::Refused { .. } => 4,
        WorkResult::AskCustomer { .. } => 5,
        WorkResult::AskOperator { .. } => 6,
        WorkResult::Fail { .. } | WorkResult::MailRefused { .. } | WorkResult::Broken => 7,
    }
}

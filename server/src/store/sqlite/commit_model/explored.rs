//! The explorations.

use std::io::Write as _;

use stateright::{Checker as _, HasDiscoveries, Model as _};

use super::disk::Planted;
use super::state::{ACKNOWLEDGED, Commits, NONE_AFTER_FAILURE, ONE_PER_KEY};

#[test]
fn no_caller_gets_a_false_answer_whatever_happens_to_a_commit() {
    let explored = Commits::new(Planted::Nothing).checker().threads(2).spawn_bfs().join();
    report(&format!(
        "{} unique states, {} states, maximum depth {}",
        explored.unique_state_count(),
        explored.state_count(),
        explored.max_depth()
    ));
    explored.assert_properties();
}

#[test]
fn every_fault_that_is_planted_into_the_commit_is_found() {
    let faults = [
        (Planted::AnswerBeforeCommit, ACKNOWLEDGED),
        (Planted::ContinuesAfterFailure, NONE_AFTER_FAILURE),
        (Planted::NoKeys, ONE_PER_KEY),
    ];
    for (planted, property) in faults {
        let found = HasDiscoveries::AnyOf([property].into());
        let explored = Commits::new(planted).checker().finish_when(found).spawn_bfs().join();
        let actions = explored.assert_any_discovery(property).into_actions().len();
        report(&format!("planted {planted:?} is found after {actions} actions: it violates \"{property}\""));
    }
}

/// Writes directly to standard output, which the test harness would otherwise capture.
fn report(line: &str) {
    std::io::stdout().write_all(format!("commits: {line}\n").as_bytes()).unwrap();
}

//! The explorations.

use std::io::Write;

use stateright::{Checker, HasDiscoveries, Model};

use crate::moves::{Bounds, Leases};
use crate::planted::Planted;
use crate::properties::{self, ASIDE, DONE, DONE_AFTER_ALL, EXHAUSTED, LATE, LAWS, OUTDATED};

/// Each is small enough to be explored to its end.
const CRASHES: Bounds = Bounds { moments: 4, jump: 0, crashes: 2, edits: 0, second_chances: 0 };
const PEOPLE: Bounds = Bounds { moments: 2, jump: 0, crashes: 1, edits: 1, second_chances: 1 };
const CLOCKS: Bounds = Bounds { moments: 3, jump: 2, crashes: 1, edits: 0, second_chances: 0 };

#[test]
fn an_order_has_its_effects_once_and_ends_despite_crashes_and_delays() {
    explore("crashes", CRASHES, &[DONE, LATE, EXHAUSTED, ASIDE]);
}

#[test]
fn an_operator_who_acts_at_any_moment_causes_no_loss_and_no_second_effect() {
    explore("people", PEOPLE, &[DONE, DONE_AFTER_ALL, LATE, OUTDATED, ASIDE]);
}

#[test]
fn a_clock_that_jumps_expires_leases_and_causes_no_second_effect() {
    explore("clocks", CLOCKS, &[DONE, LATE, ASIDE]);
}

#[test]
fn every_planted_bug_is_found() {
    let faults = [
        (Planted::NoFence, properties::FENCED),
        (Planted::LeaseTrustedByClock, properties::FENCED),
        (Planted::CrashIsNoAttempt, properties::COUNTED),
        (Planted::CrashIsNoAttempt, properties::BURIED),
        (Planted::EffectBesideSettlement, properties::ONCE),
        (Planted::NextIsForgotten, properties::CARRIED_ON),
        (Planted::PutAsideInSilence, properties::TOLD),
        (Planted::NoExclusiveKey, properties::ALONE),
        (Planted::NobodyRescues, properties::ENDS),
        (Planted::TrustWithoutAnswer, properties::TRUSTED_BY_ONE),
    ];
    for (planted, property) in faults {
        let moves = find(planted, property);
        report(&format!("planted {planted:?} is found after {moves} moves: it breaks \"{property}\""));
    }
}

/// Holds every state to the laws, and sees that what they are about comes up at all.
fn explore(what: &str, bounds: Bounds, seen: &[&'static str]) {
    let explored = Leases::new(bounds, Planted::Nothing).checker().threads(2).spawn_bfs().join();
    report(&format!(
        "{what}: {} states, {} moves, at most {} in a row",
        explored.unique_state_count(),
        explored.state_count(),
        explored.max_depth(),
    ));
    LAWS.iter().for_each(|law| explored.assert_no_discovery(law));
    seen.iter().for_each(|sight| {
        explored.assert_any_discovery(sight);
    });
}

/// How many moves it takes to break the property.
fn find(planted: Planted, property: &'static str) -> usize {
    let bounds = if planted == Planted::NoExclusiveKey { PEOPLE } else { CRASHES };
    let found = HasDiscoveries::AnyOf([property].into());
    let explored = Leases::new(bounds, planted).checker().finish_when(found).spawn_bfs().join();
    explored.discovery(property).unwrap_or_else(|| panic!("{planted:?} was not found")).into_actions().len()
}

/// Straight to the standard output, which a test that passes would keep to itself otherwise.
fn report(line: &str) {
    std::io::stdout().write_all(format!("leases: {line}\n").as_bytes()).unwrap();
}

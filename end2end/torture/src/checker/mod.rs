//! The checker: twelve invariants over the requests, their answers, and the state at the end.
//!
//! Each check is a function from the evidence to its violations, and has tests with a history that violates it: a
//! checker that cannot fail proves nothing.

mod database;
mod events;
mod keys;
mod leftovers;
mod money;
mod parcels;
mod progress;
#[cfg(test)]
pub mod sample;
mod stock;
mod verdict;
mod watchers;

pub use progress::rests;
pub use verdict::{Evidence, Invariant, Verdict, Violation};

/// Returns the violations of all invariants.
pub fn judge(evidence: &Evidence) -> Vec<Violation> {
    let checks: [fn(&Evidence, &mut Verdict); 9] = [
        keys::judge,
        money::judge,
        parcels::judge,
        stock::judge,
        progress::judge,
        events::judge,
        watchers::judge,
        leftovers::judge,
        database::judge,
    ];
    let mut verdict = Verdict::default();
    for check in checks {
        check(evidence, &mut verdict);
    }
    verdict.violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_history_breaks_nothing() {
        assert_eq!(judge(&sample::evidence()), []);
    }

    #[test]
    fn the_invariants_are_numbered_as_in_their_table() {
        assert_eq!(Invariant::NothingAcknowledgedIsLost as u8, 1);
        assert_eq!(Invariant::TheDatabaseIsSound as u8, 12);
    }
}

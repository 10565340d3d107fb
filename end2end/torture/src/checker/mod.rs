//! The checker: twelve invariants over the requests, their outcomes, and the state at the end.
//!
//! Each check is a function from the evidence to its violations, and has tests with a history that violates it: a
//! checker that cannot fail proves nothing.

mod database;
mod events;
#[cfg(test)]
pub mod fixtures;
mod payments;
mod progress;
mod shipments;
mod stock;
mod submissions;
mod unfinished_work;
mod violations;
mod watchers;

pub use progress::check_settled;
pub use violations::{Evidence, Invariant, Violation, Violations};

/// Returns the violations of all invariants.
pub fn check(evidence: &Evidence) -> Vec<Violation> {
    let checks: [fn(&Evidence, &mut Violations); 9] = [
        submissions::check,
        payments::check,
        shipments::check,
        stock::check,
        progress::check,
        events::check,
        watchers::check,
        unfinished_work::check,
        database::check,
    ];
    let mut violations = Violations::default();
    for check in checks {
        check(evidence, &mut violations);
    }
    violations.violations
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correct_history_has_no_violations() {
        assert_eq!(check(&fixtures::evidence()), []);
    }

    #[test]
    fn the_invariants_are_numbered_from_one_to_twelve() {
        assert_eq!(Invariant::NothingAcknowledgedIsLost as u8, 1);
        assert_eq!(Invariant::TheDatabaseIsSound as u8, 12);
    }
}

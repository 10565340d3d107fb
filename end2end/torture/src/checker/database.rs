//! Invariant 12: `docket check` finds no violation, and the WAL does not grow without bound.

use super::violations::{Evidence, Invariant, Violations};

/// The largest permitted WAL, in bytes: many times the size at which it is checkpointed.
pub const MAX_WAL: u64 = 256 * 1024 * 1024;

pub fn check(evidence: &Evidence, violations: &mut Violations) {
    if let Some(report) = &evidence.final_state.check {
        violations.add(Invariant::TheDatabaseIsSound, report);
    }
    let largest = evidence.final_state.largest_wal;
    if largest > MAX_WAL {
        violations.add(
            Invariant::TheDatabaseIsSound,
            format_args!("the write-ahead log grew to {} MB", largest / 1024 / 1024),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::violated_after;
    use super::*;

    #[test]
    fn a_corrupt_database_and_an_unbounded_wal_are_found() {
        let unsound =
            violated_after(|evidence| evidence.final_state.check = Some("row 3 is missing".to_owned()));
        assert_eq!(unsound, [Invariant::TheDatabaseIsSound]);
        let unbounded = violated_after(|evidence| evidence.final_state.largest_wal = MAX_WAL + 1);
        assert_eq!(unbounded, [Invariant::TheDatabaseIsSound]);
    }
}

//! Invariant 12: `docket check` finds no violation, and the WAL does not grow without bound.

use super::verdict::{Evidence, Invariant, Verdict};

/// Many times the size at which it is checkpointed.
pub const LARGEST_WAL: u64 = 256 * 1024 * 1024;

pub fn judge(evidence: &Evidence, verdict: &mut Verdict) {
    if let Some(complaint) = &evidence.found.check {
        verdict.breaks(Invariant::TheDatabaseIsSound, complaint);
    }
    let largest = evidence.found.largest_wal;
    if largest > LARGEST_WAL {
        verdict.breaks(
            Invariant::TheDatabaseIsSound,
            format_args!("the write-ahead log grew to {} MB", largest / 1024 / 1024),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::broken;
    use super::*;

    #[test]
    fn a_database_that_is_not_sound_and_a_log_without_bound_are_found() {
        let unsound = broken(|evidence| evidence.found.check = Some("row 3 is missing".to_owned()));
        assert_eq!(unsound, [Invariant::TheDatabaseIsSound]);
        let unbounded = broken(|evidence| evidence.found.largest_wal = LARGEST_WAL + 1);
        assert_eq!(unbounded, [Invariant::TheDatabaseIsSound]);
    }
}

//! Timestamps as the simulated services write them.

use jiff::Timestamp;

/// Returns Unix milliseconds as `2026-11-23T10:00:00.000Z`; none outside the years with four digits.
pub fn rfc3339(millis: i64) -> Option<String> {
    Timestamp::from_millisecond(millis).ok().map(|at| format!("{at:.3}"))
}

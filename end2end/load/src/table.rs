//! How figures are printed.

use std::time::Duration;

use crate::measure::Measured;

/// Prints the heading of rows.
pub fn heading(title: &str) {
    println!("{title:<30} {:>12} {:>9} {:>10} {:>10}", "per s", "of bound", "p50", "p99");
}

/// Prints a row. A rate that has nothing in common with the bound has no share of it.
pub fn row(name: &str, measured: &Measured, bound_per_second: Option<f64>) {
    let share = bound_per_second.map(|bound| format!("{:.1} %", measured.per_second / bound * 100.0));
    println!(
        "  {name:<28} {:>12.0} {:>9} {:>10} {:>10}",
        measured.per_second,
        share.unwrap_or_default(),
        millis(measured.p50),
        millis(measured.p99)
    );
}

/// Returns a duration in milliseconds.
pub fn millis(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1_000.0)
}

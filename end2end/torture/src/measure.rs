//! Statistics.

use std::time::Duration;

/// Returns the value below which this fraction of the values lies; zero for no values.
pub fn percentile(values: &[Duration], fraction: f64) -> Duration {
    let mut values = values.to_vec();
    values.sort_unstable();
    let index = (values.len() as f64 * fraction) as usize;
    values.get(index.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Returns `12.3 ms`.
pub fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

/// Returns `p50 3.0 ms, p99 12.3 ms, worst 14.0 ms of 20`.
pub fn spread(values: &[Duration]) -> String {
    let at = |fraction| millis(percentile(values, fraction));
    format!("p50 {}, p99 {}, worst {} of {}", at(0.50), at(0.99), at(1.0), values.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_the_value_below_which_that_fraction_lies() {
        let values: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(percentile(&values, 0.50), Duration::from_millis(51));
        assert_eq!(percentile(&values, 1.0), Duration::from_millis(100));
        assert_eq!(percentile(&[], 0.5), Duration::ZERO);
        assert_eq!(spread(&values[..1]), "p50 100.0 ms, p99 100.0 ms, worst 100.0 ms of 1");
    }
}

//! Statistics.

use std::time::Duration;

/// Returns the quantile of the values; zero of none.
pub fn share(values: &[Duration], share: f64) -> Duration {
    let mut values = values.to_vec();
    values.sort_unstable();
    let place = (values.len() as f64 * share) as usize;
    values.get(place.min(values.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Returns `12.3 ms`.
pub fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

/// Returns `p50 3.0 ms, p99 12.3 ms, worst 14.0 ms of 20`.
pub fn spread(values: &[Duration]) -> String {
    let at = |place| millis(share(values, place));
    format!("p50 {}, p99 {}, worst {} of {}", at(0.50), at(0.99), at(1.0), values.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_the_value_below_which_it_lies() {
        let values: Vec<_> = (1..=100).rev().map(Duration::from_millis).collect();
        assert_eq!(share(&values, 0.50), Duration::from_millis(51));
        assert_eq!(share(&values, 1.0), Duration::from_millis(100));
        assert_eq!(share(&[], 0.5), Duration::ZERO);
        assert_eq!(spread(&values[..1]), "p50 100.0 ms, p99 100.0 ms, worst 100.0 ms of 1");
    }
}

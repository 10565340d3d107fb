//! Estimates when an order should be confirmed, from the shop's recent orders.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use orders::{ExpectedBy, Timestamp};

/// How many recent orders the estimate uses.
pub const SAMPLE_SIZE: usize = 200;
/// With fewer there is no estimate.
const MIN_SAMPLES: usize = 20;

/// An order is never late before this time, however quick others were.
const MIN_LATE_AFTER: Duration = Duration::from_secs(15);

/// How long recent orders took from acceptance to confirmation.
#[derive(Debug, Default)]
pub struct EtaEstimator {
    recent: Mutex<Recent>,
}

#[derive(Debug, Default)]
struct Recent {
    durations: VecDeque<Duration>,
    /// The median and the ninth decile, cached: every order reads them, and only a confirmation changes them.
    quantiles: Option<(Duration, Duration)>,
}

impl EtaEstimator {
    /// Starts with these durations, newest first.
    pub fn of(durations: Vec<Duration>) -> Self {
        let eta = Self::default();
        durations.into_iter().rev().for_each(|duration| eta.record(duration));
        eta
    }

    /// Adds the duration of a confirmed order.
    pub fn record(&self, duration: Duration) {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.durations.len() == SAMPLE_SIZE {
            recent.durations.pop_front();
        }
        recent.durations.push_back(duration);
        recent.quantiles = None;
    }

    /// Returns when an order accepted at `at` should be confirmed; none while there are too few.
    pub fn from(&self, at: Timestamp) -> Option<ExpectedBy> {
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        if recent.durations.len() < MIN_SAMPLES {
            return None;
        }
        let (usual, late) = match recent.quantiles {
            Some(quantiles) => quantiles,
            None => {
                let mut sorted: Vec<_> = recent.durations.iter().copied().collect();
                sorted.sort_unstable();
                let share = |tenths: usize| sorted[(sorted.len() * tenths / 10).min(sorted.len() - 1)];
                *recent.quantiles.insert((share(5), share(9)))
            }
        };
        Some(ExpectedBy { usual: at.plus(usual), late: at.plus(late.max(MIN_LATE_AFTER)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);

    #[test]
    fn too_few_orders_give_no_estimate() {
        let eta = EtaEstimator::of(vec![Duration::from_secs(1); MIN_SAMPLES - 1]);
        assert_eq!(eta.from(NOW), None);
        eta.record(Duration::from_secs(1));
        assert!(eta.from(NOW).is_some());
    }

    #[test]
    fn median_and_ninth_decile_of_recent_orders_are_the_estimate() {
        let eta = EtaEstimator::of((1..=100).map(Duration::from_secs).collect());
        let expected = eta.from(NOW).unwrap();
        assert_eq!(expected.usual, NOW.plus(Duration::from_secs(51)));
        assert_eq!(expected.late, NOW.plus(Duration::from_secs(91)));
    }

    #[test]
    fn old_orders_leave_the_estimate() {
        let eta = EtaEstimator::of(vec![Duration::from_secs(900); SAMPLE_SIZE]);
        (0..SAMPLE_SIZE).for_each(|_| eta.record(Duration::from_secs(1)));
        let expected = eta.from(NOW).unwrap();
        assert_eq!(expected.usual, NOW.plus(Duration::from_secs(1)));
        assert_eq!(expected.late, NOW.plus(MIN_LATE_AFTER), "an alarm after a second is none");
    }
}

//! How long to wait before the next attempt.

use std::time::Duration;

use crate::random::Random;

/// Exponential back-off with full jitter: the wait is drawn evenly between nothing and a ceiling that doubles
/// with every attempt, up to a cap.
///
/// After Marc Brooker, *Exponential Backoff and Jitter* (AWS Architecture Blog): of the usual schemes full
/// jitter spreads the callers of a service that comes back the best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    /// The ceiling after the first attempt.
    pub base: Duration,
    /// The ceiling never grows past this.
    pub cap: Duration,
}

impl Backoff {
    /// One second, doubling up to a minute.
    pub const DEFAULT: Self = Self { base: Duration::from_secs(1), cap: Duration::from_secs(60) };

    /// The longest wait after that many attempts: `base · 2^(attempt − 1)`, at most the cap.
    pub fn ceiling(&self, attempt: u32) -> Duration {
        let doublings = attempt.saturating_sub(1).min(31);
        self.base.saturating_mul(1 << doublings).min(self.cap)
    }

    /// The wait after the `attempt`-th attempt failed (counted from 1): somewhere in `0..=ceiling`.
    pub fn delay(&self, attempt: u32, random: &dyn Random) -> Duration {
        evenly_up_to(self.ceiling(attempt), random)
    }

    /// As [`delay`](Self::delay), but never less than `floor`, such as the service's own Retry-After.
    ///
    /// The rest is still spread, over at least `base`, so that all who were told the same do not come back at
    /// the same moment.
    pub fn delay_at_least(&self, floor: Duration, attempt: u32, random: &dyn Random) -> Duration {
        let spread = self.ceiling(attempt).saturating_sub(floor).max(self.base);
        floor.saturating_add(evenly_up_to(spread, random))
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A whole number of milliseconds, evenly in `0..=longest`.
fn evenly_up_to(longest: Duration, random: &dyn Random) -> Duration {
    let choices = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX).saturating_add(1);
    // The high half of a 128-bit product: even without the bias of a remainder.
    let drawn = (u128::from(random.next_u64()) * u128::from(choices)) >> 64;
    Duration::from_millis(drawn as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::SeededRandom;

    struct Always(u64);

    impl Random for Always {
        fn next_u64(&self) -> u64 {
            self.0
        }
    }

    fn millis(millis: u64) -> Duration {
        Duration::from_millis(millis)
    }

    #[test]
    fn every_delay_lies_between_zero_and_the_cap() {
        let random = SeededRandom::new(1);
        for _ in 0..10_000 {
            let cap = millis(1 + random.next_u64() % 100_000);
            let backoff = Backoff { base: millis(random.next_u64() % 10_000), cap };
            let attempt = (random.next_u64() % 200) as u32;
            let delay = backoff.delay(attempt, &random);
            assert!(delay <= backoff.ceiling(attempt) && delay <= cap, "{backoff:?} {attempt} {delay:?}");
        }
    }

    #[test]
    fn the_ceiling_doubles_until_the_cap() {
        let backoff = Backoff { base: millis(100), cap: millis(1_000) };
        let ceilings = [0, 1, 2, 3, 4, 5, 6, u32::MAX].map(|attempt| backoff.ceiling(attempt).as_millis());
        assert_eq!(ceilings, [100, 100, 200, 400, 800, 1_000, 1_000, 1_000]);
    }

    #[test]
    fn the_whole_range_is_used() {
        let backoff = Backoff { base: millis(100), cap: millis(1_000) };
        assert_eq!(backoff.delay(2, &Always(0)), Duration::ZERO);
        assert_eq!(backoff.delay(2, &Always(u64::MAX)), millis(200));
    }

    #[test]
    fn the_jitter_is_full_and_not_a_fraction_of_a_fixed_delay() {
        let (random, backoff) = (SeededRandom::new(2), Backoff { base: millis(999), cap: millis(999) });
        let mut tenths = [0; 10];
        for _ in 0..10_000 {
            tenths[(backoff.delay(1, &random).as_millis() / 100) as usize] += 1;
        }
        assert!(tenths.iter().all(|&count| (850..1_150).contains(&count)), "{tenths:?}");
    }

    #[test]
    fn a_floor_is_always_kept_and_still_spread() {
        let random = SeededRandom::new(3);
        let backoff = Backoff { base: millis(100), cap: millis(1_000) };
        for attempt in 1..1_000 {
            let floor = millis(random.next_u64() % 5_000);
            let delay = backoff.delay_at_least(floor, attempt, &random);
            assert!(delay >= floor && delay <= backoff.cap.max(floor + backoff.base), "{floor:?} {delay:?}");
        }
        let told = |drawn| backoff.delay_at_least(millis(5_000), 9, &Always(drawn));
        assert_eq!((told(0), told(u64::MAX)), (millis(5_000), millis(5_100)));
    }
}

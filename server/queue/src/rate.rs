//! The rate limit of a worker.

use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How many jobs one worker begins: one per interval on average, and a burst after a pause.
///
/// For services that limit the calls per second, however many run side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// The interval between two jobs.
    pub every: Duration,
    /// The size of the burst; at least one.
    pub burst: u32,
}

impl Rate {
    /// That many jobs a second. The burst is a tenth of it, so that no second exceeds the rate by more than a tenth.
    pub const fn per_second(jobs: NonZeroU32) -> Self {
        let burst = if jobs.get() < 10 { 1 } else { jobs.get() / 10 };
        Self { every: Duration::from_nanos(1_000_000_000 / jobs.get() as u64), burst }
    }
}

/// A token bucket. It starts full.
///
/// It is stored as the moment at which it will be full again, so no timer refills it.
#[derive(Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    full_at: Mutex<Instant>,
}

impl Bucket {
    pub(crate) fn new(rate: Rate, now: Instant) -> Self {
        let rate = Rate { every: rate.every.max(Duration::from_nanos(1)), burst: rate.burst.max(1) };
        Self { rate, full_at: Mutex::new(now) }
    }

    /// How many jobs may begin now.
    pub(crate) fn tokens(&self, now: Instant) -> u32 {
        let missing = self.full_at().saturating_duration_since(now);
        let missing = missing.as_nanos().div_ceil(self.rate.every.as_nanos());
        self.rate.burst - u32::try_from(missing).unwrap_or(u32::MAX).min(self.rate.burst)
    }

    /// Takes a token for each job that begins now.
    pub(crate) fn take(&self, jobs: u32, now: Instant) {
        let mut full_at = self.full_at();
        *full_at = now.max(*full_at) + self.rate.every.saturating_mul(jobs);
    }

    /// When the bucket is half full, or has one token where the burst is one: then a claim gets a useful number of jobs.
    pub(crate) fn half_full_at(&self) -> Instant {
        *self.full_at() - self.rate.every * (self.rate.burst / 2)
    }

    fn full_at(&self) -> MutexGuard<'_, Instant> {
        self.full_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, SeededRandom};

    fn per_second(jobs: u32) -> Rate {
        Rate::per_second(NonZeroU32::new(jobs).unwrap())
    }

    #[test]
    fn a_burst_is_a_tenth_of_a_second_and_at_least_one() {
        let rates = [1, 9, 10, 100, u32::MAX].map(|jobs| per_second(jobs).burst);
        assert_eq!(rates, [1, 1, 1, 10, u32::MAX / 10]);
    }

    #[test]
    fn a_bucket_gives_its_tokens_and_refills_with_time() {
        let start = Instant::now();
        let bucket = Bucket::new(per_second(100), start);
        assert_eq!(bucket.tokens(start), 10);
        bucket.take(10, start);
        assert_eq!(bucket.tokens(start), 0);
        assert_eq!(bucket.tokens(start + Duration::from_millis(9)), 0);
        assert_eq!(bucket.tokens(start + Duration::from_millis(10)), 1);
        assert_eq!(bucket.half_full_at(), start + Duration::from_millis(50));
        assert_eq!(bucket.tokens(bucket.half_full_at()), 5);
        assert_eq!(bucket.tokens(start + Duration::from_secs(60)), 10, "it never overflows");
    }

    #[test]
    fn no_second_exceeds_the_rate_and_one_burst() {
        for seed in 0..50 {
            let (random, start) = (SeededRandom::new(seed), Instant::now());
            let rate = per_second(1 + (random.next_u64() % 500) as u32);
            let (bucket, mut now, mut begun) = (Bucket::new(rate, start), start, Vec::new());
            for _ in 0..1_000 {
                now += Duration::from_micros(random.next_u64() % 5_000);
                let jobs = bucket.tokens(now).min((random.next_u64() % 40) as u32);
                bucket.take(jobs, now);
                begun.push((now, u64::from(jobs)));
            }
            let allowed = 1_000_000_000 / rate.every.as_nanos() as u64 + u64::from(rate.burst) + 1;
            for (from, _) in &begun {
                let second =
                    begun.iter().filter(|(at, _)| at >= from && *at < *from + Duration::from_secs(1));
                let jobs: u64 = second.map(|(_, jobs)| jobs).sum();
                assert!(jobs <= allowed, "seed {seed}: {jobs} of {allowed}");
            }
        }
    }
}

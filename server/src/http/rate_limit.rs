//! Rate limits of submissions, with the `RateLimit` headers of draft-ietf-httpapi-ratelimit-headers-10.
//!
//! The crate `governor` counts with the generic cell rate algorithm: a caller with a limit of 60 orders a minute may
//! submit 60 at once, and one more after each second.

use std::collections::HashMap;
use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use governor::clock::Clock;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use orders::{Problem, ProblemCode};

use super::rate_limit_key::RateLimitKey;

const WINDOW: Duration = Duration::from_secs(60);
/// With this many keys, those with a full quota are dropped.
const MANY_KEYS: usize = 10_000;

/// Counts submissions. Each limit has a counter for each of its keys.
pub struct SubmissionLimiter {
    clock: MonotonicClock,
    by_limit: Mutex<HashMap<NonZeroU32, Arc<Limiter>>>,
}

type Limiter =
    RateLimiter<RateLimitKey, HashMapStateStore<RateLimitKey>, MonotonicClock, StateInformationMiddleware>;

/// Returns the time since any fixed point. It never goes back.
#[derive(Clone)]
pub struct MonotonicClock(Arc<dyn Fn() -> Duration + Send + Sync>);

/// The result of one submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    limit: u32,
    /// How many more may follow at once.
    remaining: u32,
    /// After how many seconds the quota is full again; if refused, until the next one is allowed.
    seconds: u32,
    granted: bool,
}

impl MonotonicClock {
    /// Returns the system's clock.
    #[expect(clippy::disallowed_methods, reason = "the clock that is passed in; the wall clock may go back")]
    pub fn system() -> Self {
        let start = Instant::now();
        Self::from_fn(move || start.elapsed())
    }

    /// Returns a clock of the caller's own.
    pub fn from_fn(since_start: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self(Arc::new(since_start))
    }
}

impl Clock for MonotonicClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        (self.0)()
    }
}

impl SubmissionLimiter {
    /// Returns a limiter without submissions.
    pub fn new(clock: MonotonicClock) -> Self {
        Self { clock, by_limit: Mutex::default() }
    }

    /// Counts one submission, if `limit` submissions a minute allow another one.
    pub fn take(&self, key: RateLimitKey, limit: u32) -> Allowance {
        let Some(per_minute) = NonZeroU32::new(limit) else {
            return Allowance { limit, remaining: 0, seconds: whole_seconds(WINDOW), granted: false };
        };
        let limiter = self.limiter(per_minute);
        let keys = limiter.len();
        if keys >= MANY_KEYS && keys.is_power_of_two() {
            limiter.retain_recent();
        }
        match limiter.check_key(&key) {
            Ok(state) => {
                let remaining = state.remaining_burst_capacity();
                let until_full = WINDOW * (limit - remaining.min(limit)) / limit;
                Allowance { limit, remaining, seconds: whole_seconds(until_full), granted: true }
            }
            Err(refused) => {
                let wait = refused.wait_time_from(self.clock.now());
                Allowance { limit, remaining: 0, seconds: whole_seconds(wait), granted: false }
            }
        }
    }

    fn limiter(&self, per_minute: NonZeroU32) -> Arc<Limiter> {
        let mut by_limit = self.by_limit.lock().unwrap_or_else(PoisonError::into_inner);
        let limiter = by_limit.entry(per_minute).or_insert_with(|| {
            let quota = Quota::per_minute(per_minute);
            Arc::new(Limiter::new(quota, HashMapStateStore::default(), self.clock.clone()))
        });
        limiter.clone()
    }
}

impl fmt::Debug for SubmissionLimiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SubmissionLimiter").finish_non_exhaustive()
    }
}

impl Allowance {
    /// Whether the submission is allowed.
    pub const fn is_granted(&self) -> bool {
        self.granted
    }

    /// Returns the one that is used up first.
    pub const fn stricter(self, other: Self) -> Self {
        if other.remaining < self.remaining || !other.granted { other } else { self }
    }

    /// Allows or refuses the submission.
    ///
    /// # Errors
    /// `rate-limited`, with a `Retry-After`.
    pub fn check(self) -> Result<(), Problem> {
        if self.granted {
            return Ok(());
        }
        let detail = format!("At most {} orders a minute.", self.limit);
        Err(Problem::new(ProblemCode::RateLimited).detail(detail).retry_after(self.seconds))
    }

    /// Adds the headers.
    pub fn add_headers(self, headers: &mut HeaderMap) {
        let policy = format!("\"orders\";q={};w={}", self.limit, WINDOW.as_secs());
        let left = format!("\"orders\";r={};t={}", self.remaining, self.seconds);
        for (name, text) in [("ratelimit-policy", policy), ("ratelimit", left)] {
            if let Ok(value) = HeaderValue::try_from(text) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }
}

fn whole_seconds(duration: Duration) -> u32 {
    let rounded_up = duration.as_millis().div_ceil(1_000);
    u32::try_from(rounded_up).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use orders::Owner;

    use super::*;

    const ADA: RateLimitKey = RateLimitKey::Session(Owner([1; 16]));
    const EVE: RateLimitKey = RateLimitKey::Session(Owner([2; 16]));

    struct TestLimiter {
        limiter: SubmissionLimiter,
        seconds: Arc<AtomicU64>,
    }

    impl TestLimiter {
        fn new() -> Self {
            let seconds = Arc::new(AtomicU64::new(0));
            let clock = seconds.clone();
            let clock = MonotonicClock::from_fn(move || Duration::from_secs(clock.load(Ordering::Relaxed)));
            Self { limiter: SubmissionLimiter::new(clock), seconds }
        }

        fn take(&self, key: RateLimitKey, limit: u32, second: u64) -> Allowance {
            self.seconds.store(second, Ordering::Relaxed);
            self.limiter.take(key, limit)
        }
    }

    #[test]
    fn an_order_above_the_limit_waits_for_its_share_of_the_minute() {
        let limiter = TestLimiter::new();
        for _ in 0..3 {
            assert!(limiter.take(ADA, 3, 0).check().is_ok());
        }
        let refused = limiter.take(ADA, 3, 5).check().unwrap_err();
        assert_eq!((refused.code, refused.retry_after), (ProblemCode::RateLimited, Some(15)));
        assert!(limiter.take(EVE, 3, 5).granted, "one caller's limit is not another's");
        assert!(!limiter.take(ADA, 3, 19).granted);
        assert!(limiter.take(ADA, 3, 20).granted);
        assert!(!limiter.take(ADA, 3, 39).granted);
        for _ in 0..3 {
            assert!(limiter.take(ADA, 3, 100).granted, "the whole quota is back");
        }
        assert!(!limiter.take(ADA, 3, 100).granted);
    }

    #[test]
    fn each_limit_has_its_own_count() {
        let limiter = TestLimiter::new();
        assert!(limiter.take(ADA, 1, 0).granted && !limiter.take(ADA, 1, 0).granted);
        assert!(limiter.take(ADA, 2, 0).granted, "a key whose limit is raised may go on");
        assert!(!limiter.take(ADA, 0, 0).granted);
    }

    #[test]
    fn the_remaining_quota_is_in_the_headers() {
        let limiter = TestLimiter::new();
        limiter.take(ADA, 60, 0);
        let mut headers = HeaderMap::new();
        limiter.take(ADA, 60, 0).add_headers(&mut headers);
        assert_eq!(headers["ratelimit"], "\"orders\";r=58;t=2");
        assert_eq!(headers["ratelimit-policy"], "\"orders\";q=60;w=60");
        limiter.take(ADA, 60, 1).add_headers(&mut headers);
        assert_eq!(headers["ratelimit"], "\"orders\";r=58;t=2", "one came back meanwhile");
    }

    #[test]
    fn keys_with_a_full_quota_are_dropped() {
        let limiter = TestLimiter::new();
        for n in 0..16_384_u32 {
            limiter.take(RateLimitKey::at(std::net::Ipv4Addr::from(n).into()), 1, 0);
        }
        // Governor keeps a key for the time of one more order after its quota is full.
        limiter.take(ADA, 1, 121);
        assert_eq!(limiter.limiter.limiter(NonZeroU32::MIN).len(), 1);
    }
}

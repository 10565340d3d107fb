use std::time::Duration;

use super::{InvalidSetting, Setting, Sources};

/// How orders are processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Work {
    /// How long a job is leased; the lease is renewed after every third of it: `DOCKET_LEASE_SECONDS`, 10.
    pub lease: Duration,
    /// The time-out of one call to an external service: `DOCKET_STEP_TIMEOUT_SECONDS`, 10.
    pub step_timeout: Duration,
    /// The first wait between attempts: `DOCKET_RETRY_BASE_MS`, 500.
    pub retry_base: Duration,
    /// The longest wait between attempts: `DOCKET_RETRY_CAP_SECONDS`, 60.
    pub retry_cap: Duration,
    /// The wait after which an order counts as delayed: `DOCKET_DELAYED_AFTER_SECONDS`, 3.
    pub delayed_after: Duration,
    /// How long items stay reserved for a customer who has to answer: `DOCKET_HOLD_HOURS`, 48.
    pub hold_for: Duration,
    /// How long the outcome of a call may stay unknown before an operator decides: `DOCKET_UNKNOWN_LIMIT_SECONDS`,
    /// 900.
    pub unknown_limit: Duration,
    /// How long a step may be retried before an operator decides: `DOCKET_STEP_LIMIT_HOURS`, 24.
    pub step_limit: Duration,
    /// How long a failing service is not called at first; doubled up to the longest wait between attempts:
    /// `DOCKET_BREAKER_SECONDS`, 2.
    pub breaker_wait: Duration,
    /// The longest shutdown, with the drain in it: `DOCKET_SHUTDOWN_SECONDS`, 20.
    pub shutdown: Duration,
    /// How long the listener goes on accepting and answering after SIGTERM, as a part of the shutdown:
    /// `DOCKET_DRAIN_SECONDS`, 2, or less where the shutdown is not longer than that.
    pub drain: Duration,
}

const LEASE_SECONDS: Setting = Setting {
    name: "lease_seconds",
    value: "SECONDS",
    default: Some("10"),
    meaning: "How long a job is leased; the lease is renewed every third of it",
    secret: false,
};
const STEP_TIMEOUT_SECONDS: Setting = Setting {
    name: "step_timeout_seconds",
    value: "SECONDS",
    default: Some("10"),
    meaning: "The time-out of one call to an external service",
    secret: false,
};
const RETRY_BASE_MS: Setting = Setting {
    name: "retry_base_ms",
    value: "MILLISECONDS",
    default: Some("500"),
    meaning: "The first wait between attempts",
    secret: false,
};
const RETRY_CAP_SECONDS: Setting = Setting {
    name: "retry_cap_seconds",
    value: "SECONDS",
    default: Some("60"),
    meaning: "The longest wait between attempts",
    secret: false,
};
const DELAYED_AFTER_SECONDS: Setting = Setting {
    name: "delayed_after_seconds",
    value: "SECONDS",
    default: Some("3"),
    meaning: "The wait after which an order is shown as delayed",
    secret: false,
};
const HOLD_HOURS: Setting = Setting {
    name: "hold_hours",
    value: "HOURS",
    default: Some("48"),
    meaning: "How long items stay reserved for a customer who has to answer",
    secret: false,
};
const UNKNOWN_LIMIT_SECONDS: Setting = Setting {
    name: "unknown_limit_seconds",
    value: "SECONDS",
    default: Some("900"),
    meaning: "How long the outcome of a call may stay unknown before an operator is asked",
    secret: false,
};
const STEP_LIMIT_HOURS: Setting = Setting {
    name: "step_limit_hours",
    value: "HOURS",
    default: Some("24"),
    meaning: "How long a step is retried before an operator is asked",
    secret: false,
};
const BREAKER_SECONDS: Setting = Setting {
    name: "breaker_seconds",
    value: "SECONDS",
    default: Some("2"),
    meaning: "How long a failing service is not called at first",
    secret: false,
};
const SHUTDOWN_SECONDS: Setting = Setting {
    name: "shutdown_seconds",
    value: "SECONDS",
    default: Some("20"),
    meaning: "The longest shutdown: the drain, then requests and running jobs, which finish or are handed back",
    secret: false,
};
const DRAIN_SECONDS: Setting = Setting {
    name: "drain_seconds",
    value: "SECONDS",
    default: Some("2"),
    meaning: "How long connections and orders are accepted after SIGTERM, while /readyz answers 503; \
              0 closes the listener at once, as SIGINT does",
    secret: false,
};

impl Work {
    pub(super) const SETTINGS: &[&Setting] = &[
        &LEASE_SECONDS,
        &STEP_TIMEOUT_SECONDS,
        &RETRY_BASE_MS,
        &RETRY_CAP_SECONDS,
        &DELAYED_AFTER_SECONDS,
        &HOLD_HOURS,
        &UNKNOWN_LIMIT_SECONDS,
        &STEP_LIMIT_HOURS,
        &BREAKER_SECONDS,
        &SHUTDOWN_SECONDS,
        &DRAIN_SECONDS,
    ];

    pub(super) fn read(sources: &Sources) -> Result<Self, InvalidSetting> {
        let shutdown = sources.seconds(&SHUTDOWN_SECONDS, 1..=3_600)?;
        Ok(Self {
            lease: sources.seconds(&LEASE_SECONDS, 1..=3_600)?,
            step_timeout: sources.seconds(&STEP_TIMEOUT_SECONDS, 1..=600)?,
            retry_base: sources.whole(&RETRY_BASE_MS, 1..=60_000).map(Duration::from_millis)?,
            retry_cap: sources.seconds(&RETRY_CAP_SECONDS, 1..=86_400)?,
            delayed_after: sources.seconds(&DELAYED_AFTER_SECONDS, 0..=86_400)?,
            hold_for: sources.whole(&HOLD_HOURS, 1..=720).map(Duration::from_hours)?,
            unknown_limit: sources.seconds(&UNKNOWN_LIMIT_SECONDS, 1..=86_400)?,
            step_limit: sources.whole(&STEP_LIMIT_HOURS, 1..=720).map(Duration::from_hours)?,
            breaker_wait: sources.seconds(&BREAKER_SECONDS, 1..=3_600)?,
            shutdown,
            drain: drain(sources, shutdown)?,
        })
    }
}

/// Returns the time of the drain: less than the shutdown takes at most, of which a second is left for the rest. The
/// default gives way to a short shutdown, a given value does not.
fn drain(sources: &Sources, shutdown: Duration) -> Result<Duration, InvalidSetting> {
    let longest = shutdown.as_secs() - 1;
    let expected = format!("a whole number from 0 to {longest}, less than {}", SHUTDOWN_SECONDS.variable());
    let parse = |text: &str| text.parse::<u64>().ok();
    let given = sources
        .optional(&DRAIN_SECONDS, &expected, |text| parse(text).filter(|seconds| *seconds <= longest))?;
    let default = DRAIN_SECONDS.default.and_then(parse).unwrap_or_default();
    Ok(Duration::from_secs(given.unwrap_or(default.min(longest))))
}

//! The code that runs a job, and the verdict it returns.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::backoff::Backoff;
use crate::clock::Timestamp;
use crate::job::NewJob;
use crate::lease::Leased;

/// Runs the jobs of one kind. `E` is the business change that the store writes when a job ends.
///
/// A job is executed *at least* once and has its effect *exactly* once: what the handler does outside of the
/// store must be safe to repeat (by an idempotency key that is the same in every attempt), and what it wants to
/// write belongs into the verdict, not into a call of its own. The future may be dropped at any await.
pub trait Handler<E: Send>: Send + Sync {
    /// Runs the job once.
    fn handle<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<E>>;

    /// Decides again after the store has refused the effect, because what the handler had read has changed since.
    ///
    /// The outside call was made and is not to be repeated: read again and decide from the same result, which the
    /// refused effect carries. By default the whole job is retried.
    fn revise<'a>(&'a self, _leased: &'a Leased, _refused: E) -> BoxFuture<'a, Verdict<E>> {
        async { Verdict::retry("the store refused the result") }.boxed()
    }

    /// Decides after an attempt that returned no verdict: it panicked or timed out.
    ///
    /// By default it is a failed attempt and is retried. Override it to write an effect, such as what is shown to people
    /// who wait.
    fn failed<'a>(&'a self, _leased: &'a Leased, failure: Failure) -> BoxFuture<'a, Verdict<E>> {
        async move { Verdict::retry(failure.to_string()) }.boxed()
    }

    /// Decides about a job whose attempts are spent, so that its effect is written in the transaction that quarantines
    /// it. By default it is quarantined with the last error and without an effect.
    ///
    /// It is called in the place of [`handle`](Self::handle) when the last attempt crashed its worker, and after a last
    /// attempt that asked for a retry without an effect; the error is then the job's `last_error`. If its effect is
    /// refused it is called again. If it asks for a retry, it is called again later.
    fn exhausted<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<E>> {
        let error = leased.job.last_error.clone();
        async { Verdict::quarantine(error.unwrap_or_else(|| "the attempts are spent".to_owned())) }.boxed()
    }

    /// The policy of jobs of this kind.
    fn policy(&self) -> Policy {
        Policy::DEFAULT
    }
}

/// Attempts, time limit and back-off of jobs of one kind. Best written as a constant beside the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Attempts before the job is quarantined. It takes effect through [`NewJob::max_attempts`], which is set by the
    /// code that enqueues the job.
    pub max_attempts: u32,
    /// How long one attempt may take before it is cancelled and counted as failed. It may be longer than the
    /// lease, which is renewed meanwhile.
    pub time_limit: Duration,
    /// The delay between attempts when the verdict does not name one.
    pub backoff: Backoff,
}

impl Policy {
    /// 20 attempts of 30 seconds each.
    pub const DEFAULT: Self =
        Self { max_attempts: 20, time_limit: Duration::from_secs(30), backoff: Backoff::DEFAULT };
}

impl Default for Policy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Why an attempt ended without a verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The handler panicked, with this message.
    #[error("the handler panicked: {0}")]
    Panicked(String),
    /// The handler took longer than its limit.
    #[error("the attempt exceeded its limit of {0:?}")]
    TimedOut(Duration),
}

/// How a job ends or goes on, and what is written with that in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Verdict<E> {
    pub decision: Decision,
    /// The business change. It is written with every decision.
    pub effect: Option<E>,
    /// Jobs to enqueue. One with the same exclusive key is added when this one completes.
    pub next: Vec<NewJob>,
}

/// How a job ends or goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The work is done.
    Completed,
    /// Retry after the back-off of the [`Policy`], but not before `after` has passed (a Retry-After).
    /// Quarantined when the attempts are spent.
    Retry { after: Option<Duration>, error: String },
    /// Retry at this moment: for a handler that draws the delay itself in order to tell people when.
    /// Quarantined when the attempts are spent.
    RetryAt { at: Timestamp, error: String },
    /// Run again at `until` without counting the attempt. The reason, if there is one, is kept as the job's last error.
    ///
    /// For a service that is down: attempts count failures of the job itself.
    Snooze { until: Timestamp, why: Option<String> },
    /// A retry is useless: the job waits for an operator.
    Quarantine { error: String },
}

impl<E> Verdict<E> {
    /// The work is done.
    pub fn completed() -> Self {
        Decision::Completed.into()
    }

    /// It failed; retry after the back-off.
    pub fn retry(error: impl Into<String>) -> Self {
        Decision::Retry { after: None, error: error.into() }.into()
    }

    /// It failed; retry after the back-off, but not before `after` has passed.
    pub fn retry_after(after: Duration, error: impl Into<String>) -> Self {
        Decision::Retry { after: Some(after), error: error.into() }.into()
    }

    /// It failed; retry at this moment.
    pub fn retry_at(at: Timestamp, error: impl Into<String>) -> Self {
        Decision::RetryAt { at, error: error.into() }.into()
    }

    /// Run again at `until` without counting the attempt.
    pub fn snooze(until: Timestamp) -> Self {
        Decision::Snooze { until, why: None }.into()
    }

    /// Run again at `until` without counting the attempt, for this reason.
    pub fn snooze_because(until: Timestamp, why: impl Into<String>) -> Self {
        Decision::Snooze { until, why: Some(why.into()) }.into()
    }

    /// It failed and would fail again; the job waits for an operator.
    pub fn quarantine(error: impl Into<String>) -> Self {
        Decision::Quarantine { error: error.into() }.into()
    }

    /// Writes this business change in the transaction that ends the attempt.
    pub fn with_effect(mut self, effect: E) -> Self {
        self.effect = Some(effect);
        self
    }

    /// Enqueues this job in the transaction that ends the attempt.
    pub fn with_next(mut self, job: NewJob) -> Self {
        self.next.push(job);
        self
    }
}

impl<E> From<Decision> for Verdict<E> {
    fn from(decision: Decision) -> Self {
        Self { decision, effect: None, next: Vec::new() }
    }
}

//! The code that does a job, and the verdict it comes to.

use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::backoff::Backoff;
use crate::clock::Timestamp;
use crate::job::NewJob;
use crate::lease::Leased;

/// Does the jobs of one kind. `E` is the business change the store writes with the end of a job.
///
/// A job is executed *at least* once and has its effect *exactly* once: whatever the handler does outside the
/// store must be safe to do again (by a key that stays the same over all attempts), and whatever it wants
/// written belongs into the verdict, not into a call of its own. The future may be dropped at any await.
pub trait Handler<E: Send>: Send + Sync {
    /// Does the job once and says what came of it.
    fn handle<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<E>>;

    /// Decides again, since the store refused the effect: the world has moved on between reading and writing.
    ///
    /// The outside call was made and is not to be repeated: read the world anew and draw the conclusion from
    /// the same result, which the refused effect carries. By default the whole job is tried again soon.
    fn revise<'a>(&'a self, _leased: &'a Leased, _refused: E) -> BoxFuture<'a, Verdict<E>> {
        async { Verdict::retry("the world had moved on when the result was to be written") }.boxed()
    }

    /// Decides after an attempt that could not decide for itself: it panicked or ran out of time.
    ///
    /// It counts as a failed attempt and is tried again by default. Override it to write an effect with it,
    /// such as what is shown to those who wait.
    fn failed<'a>(&'a self, _leased: &'a Leased, failure: Failure) -> BoxFuture<'a, Verdict<E>> {
        async move { Verdict::retry(failure.to_string()) }.boxed()
    }

    /// Buries a job whose attempts are spent, so that what is to be said about it in the store is written in the
    /// transaction that quarantines it. By default it is quarantined with the last error and nothing else.
    ///
    /// It is called in the place of [`handle`](Self::handle) when the last attempt took its worker down, and after a
    /// last attempt that wants to be tried again and has no effect to write; the error is then the job's
    /// `last_error`. If its effect is refused it is called again. If it asks for another try, the burial is tried
    /// again later.
    fn exhausted<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<E>> {
        let error = leased.job.last_error.clone();
        async { Verdict::quarantine(error.unwrap_or_else(|| "the attempts are spent".to_owned())) }.boxed()
    }

    /// How jobs of this kind are treated.
    fn policy(&self) -> Policy {
        Policy::DEFAULT
    }
}

/// How jobs of one kind are treated. Best written as a constant beside the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Attempts before the job is buried. It takes effect through [`NewJob::max_attempts`], for whoever
    /// enqueues the kind.
    pub max_attempts: u32,
    /// How long one attempt may take before it is dropped and counted as failed. It may be longer than the
    /// lease, which is renewed meanwhile.
    pub time_limit: Duration,
    /// The wait between attempts when the verdict does not name one.
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
    #[error("the attempt took longer than {0:?}")]
    TimedOut(Duration),
}

/// What is to become of the job, and what is to be written with it in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Verdict<E> {
    pub decision: Decision,
    /// The business change; it is written whatever the decision is.
    pub effect: Option<E>,
    /// Jobs that follow. A job of the same exclusive key is accepted when this one completes.
    pub next: Vec<NewJob>,
}

/// What is to become of the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The work is done.
    Completed,
    /// Try again after the back-off of the [`Policy`], and not before `after` has passed (a Retry-After).
    /// Quarantined when the attempts are spent.
    Retry { after: Option<Duration>, error: String },
    /// Try again at this very moment: for a handler that draws the delay itself in order to tell people when.
    /// Quarantined when the attempts are spent.
    RetryAt { at: Timestamp, error: String },
    /// Not now, and not the job's fault: look again then, without counting the attempt. The reason, if there is one,
    /// is kept as the job's last error.
    ///
    /// This is for a service that is in trouble: attempts count what the job itself does wrong.
    Snooze { until: Timestamp, why: Option<String> },
    /// Trying again is useless: a person has to look.
    Quarantine { error: String },
}

impl<E> Verdict<E> {
    /// The work is done.
    pub fn completed() -> Self {
        Decision::Completed.into()
    }

    /// It failed; try again after the back-off.
    pub fn retry(error: impl Into<String>) -> Self {
        Decision::Retry { after: None, error: error.into() }.into()
    }

    /// It failed; try again after the back-off, but not before `after` has passed.
    pub fn retry_after(after: Duration, error: impl Into<String>) -> Self {
        Decision::Retry { after: Some(after), error: error.into() }.into()
    }

    /// It failed; try again at this very moment.
    pub fn retry_at(at: Timestamp, error: impl Into<String>) -> Self {
        Decision::RetryAt { at, error: error.into() }.into()
    }

    /// Not now; look again then, without counting the attempt.
    pub fn snooze(until: Timestamp) -> Self {
        Decision::Snooze { until, why: None }.into()
    }

    /// Not now, for this reason; look again then, without counting the attempt.
    pub fn snooze_because(until: Timestamp, why: impl Into<String>) -> Self {
        Decision::Snooze { until, why: Some(why.into()) }.into()
    }

    /// It failed and will fail again; a person has to look.
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

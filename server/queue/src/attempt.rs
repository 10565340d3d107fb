//! One attempt at one job, from the handler's call to the settlement.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::watch;

use crate::clock::Timestamp;
use crate::handler::{Decision, Failure, Handler, Policy, Verdict};
use crate::heartbeat::HeldLease;
use crate::job::JobId;
use crate::lease::Leased;
use crate::runtime::Runtime;
use crate::store::{Outcome, Settled, Settlement, Store, StoreError};

/// After so many refused effects the whole job is retried.
const MAX_REVISIONS: u32 = 8;
/// After so many lost workers while [`Handler::exhausted`] ran, the job is quarantined without calling it.
const MAX_EXHAUSTED_CALLS: u32 = 3;

/// An attempt and its outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempted {
    pub job: JobId,
    /// Counted from 1.
    pub attempt: u32,
    pub ended: Ended,
}

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ended {
    /// The job is done.
    Completed,
    /// It failed; the job is available again at `run_at`.
    Retried { run_at: Timestamp, error: String },
    /// The job was snoozed until `run_at`; the attempt does not count.
    Snoozed { run_at: Timestamp, why: Option<String> },
    /// The job waits for an operator.
    Quarantined { error: String },
    /// The lease was lost: nothing was written, and another worker may run the job.
    LeaseLost,
    /// A shutdown stopped it: the job is available again at once, and the attempt does not count.
    HandedBack,
    /// The store did not write the result: the job runs again when its lease has expired.
    Unsettled(StoreError),
}

/// A claimed job that is about to run.
pub(crate) struct Attempt<S: Store> {
    pub(crate) runtime: Runtime<S>,
    pub(crate) leased: Arc<Leased>,
    pub(crate) lease: HeldLease,
    /// Becomes true when a shutdown has waited long enough.
    pub(crate) hand_back: watch::Receiver<bool>,
    /// Whether the attempts are spent, so that only [`Handler::exhausted`] is called.
    pub(crate) exhausted: bool,
    /// Called when the attempt has ended.
    pub(crate) observer: Option<Observer>,
}

/// Gets every attempt that has ended, for metrics. It must not block.
pub type Observer = Arc<dyn Fn(&Attempted) + Send + Sync>;

/// Why a handler was stopped before it returned a verdict.
enum Interruption {
    LeaseLost,
    HandBack,
}

impl<S: Store> Attempt<S> {
    /// Runs the handler and settles the job. If the future is dropped, the rescuer takes the job back.
    pub(crate) async fn run(mut self) -> Attempted {
        let ended = match self.work().await {
            Ok(ended) => ended,
            Err(Interruption::LeaseLost) => Ended::LeaseLost,
            Err(Interruption::HandBack) => self.return_to_queue().await,
        };
        let attempted = Attempted { job: self.leased.job.id, attempt: self.leased.job.attempts, ended };
        self.log(&attempted);
        if let Some(observer) = &self.observer {
            observer(&attempted);
        }
        attempted
    }

    async fn work(&mut self) -> Result<Ended, Interruption> {
        let (registry, leased) = (self.runtime.registry.clone(), self.leased.clone());
        let handler = registry.get(&leased.job.kind).unwrap_or(&UnknownKind);
        let policy = handler.policy();
        let mut verdict = if leased.job.attempts > leased.job.max_attempts {
            self.call_exhausted(handler, policy).await?
        } else {
            self.judge(handler, policy, async { handler.handle(&leased).await }).await?
        };
        let mut revisions = 0;
        loop {
            if let Some(error) = self.final_error(&verdict) {
                Arc::make_mut(&mut self.leased).job.last_error = Some(error);
                verdict = self.call_exhausted(handler, policy).await?;
            }
            let refused = match self.settle(verdict, policy).await {
                Ok(ended) => return Ok(ended),
                Err(refused) => refused,
            };
            revisions += 1;
            verdict = if revisions > MAX_REVISIONS {
                Verdict::retry("the store refused the result again and again")
            } else if self.exhausted {
                self.call_exhausted(handler, policy).await?
            } else {
                self.judge(handler, policy, async { handler.revise(&leased, refused).await }).await?
            };
        }
    }

    /// The error of a last attempt that asks for a retry without an effect: [`Handler::exhausted`] is called with it.
    fn final_error(&self, verdict: &Verdict<S::Effect>) -> Option<String> {
        if self.exhausted || verdict.effect.is_some() || !self.leased.job.attempts_are_spent() {
            return None;
        }
        match &verdict.decision {
            Decision::Retry { error, .. } | Decision::RetryAt { error, .. } => Some(error.clone()),
            Decision::Completed | Decision::Snooze { .. } | Decision::Quarantine { .. } => None,
        }
    }

    /// Calls [`Handler::exhausted`]; quarantines the job without an effect if that panics or times out.
    async fn call_exhausted(
        &mut self,
        handler: &dyn Handler<S::Effect>,
        policy: Policy,
    ) -> Result<Verdict<S::Effect>, Interruption> {
        self.exhausted = true;
        let leased = self.leased.clone();
        if leased.job.attempts > leased.job.max_attempts.saturating_add(MAX_EXHAUSTED_CALLS) {
            return Ok(Verdict::quarantine(
                "the worker was lost whenever the exhausted job was to be quarantined",
            ));
        }
        let deciding = async { handler.exhausted(&leased).await };
        let verdict = self.guard(policy.time_limit, deciding).await?;
        Ok(verdict.unwrap_or_else(|failure| Verdict::quarantine(failure.to_string())))
    }

    /// The handler's verdict, also after a panic or a timeout.
    async fn judge(
        &mut self,
        handler: &dyn Handler<S::Effect>,
        policy: Policy,
        deciding: impl Future<Output = Verdict<S::Effect>>,
    ) -> Result<Verdict<S::Effect>, Interruption> {
        let failure = match self.guard(policy.time_limit, deciding).await? {
            Ok(verdict) => return Ok(verdict),
            Err(failure) => failure,
        };
        let (leased, error) = (self.leased.clone(), failure.to_string());
        let deciding = async { handler.failed(&leased, failure).await };
        let judged = self.guard(policy.time_limit, deciding).await?;
        Ok(judged.unwrap_or_else(|_| Verdict::retry(error)))
    }

    /// Runs the handler while the lease is trusted and the time limit lasts, and catches its panics.
    async fn guard(
        &mut self,
        time_limit: Duration,
        deciding: impl Future<Output = Verdict<S::Effect>>,
    ) -> Result<Result<Verdict<S::Effect>, Failure>, Interruption> {
        let caught = AssertUnwindSafe(deciding).catch_unwind();
        let judged = tokio::select! {
            // A lost lease wins over a finished result, and a finished result over a hand-back.
            biased;
            () = self.lease.lost() => return Err(Interruption::LeaseLost),
            judged = tokio::time::timeout(time_limit, caught) => judged,
            _ = self.hand_back.wait_for(|now| *now) => return Err(Interruption::HandBack),
        };
        if !self.lease.is_trusted() {
            return Err(Interruption::LeaseLost);
        }
        Ok(match judged {
            Ok(Ok(verdict)) => Ok(verdict),
            Ok(Err(panic)) => Err(Failure::Panicked(panic_message(&*panic))),
            Err(_) => Err(Failure::TimedOut(time_limit)),
        })
    }

    /// Writes the verdict; returns the effect when the store refused it.
    async fn settle(&self, verdict: Verdict<S::Effect>, policy: Policy) -> Result<Ended, S::Effect> {
        let Verdict { decision, effect, next } = verdict;
        let now = self.runtime.now();
        let outcome = self.outcome(decision, policy, now);
        let ended = self.ending(&outcome);
        let settlement = Settlement { lease: self.leased.lease, now, outcome, effect, next };
        match self.runtime.store.settle(settlement).await {
            Ok(Settled::Done) => Ok(ended),
            Ok(Settled::LeaseLost) => Ok(Ended::LeaseLost),
            Ok(Settled::Refused(effect)) => Err(effect),
            Err(error) => Ok(Ended::Unsettled(error)),
        }
    }

    /// Translates the decision for the store; the back-off becomes a date.
    fn outcome(&self, decision: Decision, policy: Policy, now: Timestamp) -> Outcome {
        let (attempts, random) = (self.leased.job.attempts, &*self.runtime.random);
        let outcome = match decision {
            Decision::Completed => Outcome::Completed,
            Decision::Retry { after: None, error } => {
                Outcome::RetryAt { run_at: now + policy.backoff.delay(attempts, random), error }
            }
            Decision::Retry { after: Some(floor), error } => {
                let delay = policy.backoff.delay_at_least(floor, attempts, random);
                Outcome::RetryAt { run_at: now + delay, error }
            }
            Decision::RetryAt { at, error } => Outcome::RetryAt { run_at: at, error },
            Decision::Snooze { until, why } => Outcome::Snooze { run_at: until, error: why },
            Decision::Quarantine { error } => Outcome::Quarantined { error },
        };
        match outcome {
            // Only a quarantine ends an exhausted job.
            Outcome::RetryAt { run_at, error } if self.exhausted => {
                Outcome::Snooze { run_at, error: Some(error) }
            }
            outcome => outcome,
        }
    }

    /// How the attempt has ended, given what the store has written.
    fn ending(&self, outcome: &Outcome) -> Ended {
        match outcome.clone() {
            Outcome::Completed => Ended::Completed,
            Outcome::RetryAt { error, .. } if self.leased.job.attempts_are_spent() => {
                Ended::Quarantined { error }
            }
            Outcome::RetryAt { run_at, error } => Ended::Retried { run_at, error },
            Outcome::Snooze { run_at, error } => Ended::Snoozed { run_at, why: error },
            Outcome::Quarantined { error } => Ended::Quarantined { error },
        }
    }

    /// Makes the job available again as if it had not been claimed.
    async fn return_to_queue(&self) -> Ended {
        let now = self.runtime.now();
        let verdict = Verdict::snooze(now);
        match self.settle(verdict, Policy::DEFAULT).await {
            Ok(Ended::Snoozed { .. }) => Ended::HandedBack,
            Ok(ended) => ended,
            Err(_) => Ended::LeaseLost,
        }
    }

    fn log(&self, Attempted { job: id, attempt, ended }: &Attempted) {
        let (queue, kind) = (&self.leased.job.queue, &self.leased.job.kind);
        match ended {
            Ended::Completed | Ended::Snoozed { why: None, .. } | Ended::HandedBack => {
                tracing::debug!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, ?ended, "an attempt ended");
            }
            Ended::Retried { error, .. } => {
                tracing::info!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, error, "an attempt failed and the job will be retried");
            }
            Ended::Snoozed { why: Some(why), .. } => {
                tracing::info!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, why, "a job was snoozed");
            }
            Ended::LeaseLost => {
                tracing::warn!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, "the lease of a job was lost; its result was dropped");
            }
            Ended::Quarantined { error } => {
                tracing::error!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, error, "a job was quarantined");
            }
            Ended::Unsettled(error) => {
                tracing::error!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, %error, "the result of an attempt could not be written; the job will run again");
            }
        }
    }
}

/// Stands in for the handler of an unknown kind. Another, newer process may know the kind, so the job is retried, and
/// quarantined in the end.
struct UnknownKind;

impl<E: Send> Handler<E> for UnknownKind {
    fn handle<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<E>> {
        async move { Verdict::retry(format!("no handler is registered for {}", leased.job.kind)) }.boxed()
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("with something that is not text").to_owned()
}

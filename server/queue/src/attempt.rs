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
use crate::heartbeat::Hold;
use crate::job::JobId;
use crate::lease::Leased;
use crate::runtime::Runtime;
use crate::store::{Outcome, Settled, Settlement, Store, StoreError};

/// So often a refused effect is decided anew before the whole job is tried again.
const MAX_REVISIONS: u32 = 8;
/// So many workers may be lost over the burial of a job before it is quarantined without its handler.
const MAX_BURIALS: u32 = 3;

/// Which attempt it was and what became of it.
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
    /// It failed, and the job is available again then.
    Retried { run_at: Timestamp, error: String },
    /// It was put off until then and does not count.
    Snoozed { run_at: Timestamp, why: Option<String> },
    /// The job was given up or buried.
    Quarantined { error: String },
    /// The lease was lost: nothing was written, and the job is somebody else's.
    LeaseLost,
    /// A shutdown came first: the job is available again at once, and the attempt does not count.
    HandedBack,
    /// The store did not take the result: the job runs again when its lease has expired.
    Unsettled(StoreError),
}

/// A claimed job that is about to be worked.
pub(crate) struct Attempt<S: Store> {
    pub(crate) runtime: Runtime<S>,
    pub(crate) leased: Arc<Leased>,
    pub(crate) hold: Hold,
    /// Turns true when a shutdown has waited long enough.
    pub(crate) hand_back: watch::Receiver<bool>,
    /// Whether nothing is left to be done but to put the job aside.
    pub(crate) burying: bool,
}

/// Why a handler was stopped before its verdict.
enum Interruption {
    LeaseLost,
    HandBack,
}

impl<S: Store> Attempt<S> {
    /// Works the job and settles it. If the future is dropped, the job is the rescuer's.
    pub(crate) async fn run(mut self) -> Attempted {
        let ended = match self.work().await {
            Ok(ended) => ended,
            Err(Interruption::LeaseLost) => Ended::LeaseLost,
            Err(Interruption::HandBack) => self.return_to_queue().await,
        };
        let attempted = Attempted { job: self.leased.job.id, attempt: self.leased.job.attempts, ended };
        self.log(&attempted);
        attempted
    }

    async fn work(&mut self) -> Result<Ended, Interruption> {
        let (registry, leased) = (self.runtime.registry.clone(), self.leased.clone());
        let handler = registry.get(&leased.job.kind).unwrap_or(&Nobody);
        let policy = handler.policy();
        let mut verdict = if leased.job.attempts > leased.job.max_attempts {
            self.bury(handler, policy).await?
        } else {
            self.judge(handler, policy, async { handler.handle(&leased).await }).await?
        };
        let mut revisions = 0;
        loop {
            if let Some(error) = self.last_words(&verdict) {
                Arc::make_mut(&mut self.leased).job.last_error = Some(error);
                verdict = self.bury(handler, policy).await?;
            }
            let refused = match self.settle(verdict, policy).await {
                Ok(ended) => return Ok(ended),
                Err(refused) => refused,
            };
            revisions += 1;
            verdict = if revisions > MAX_REVISIONS {
                Verdict::retry("the world moved on whenever the result was to be written")
            } else if self.burying {
                self.bury(handler, policy).await?
            } else {
                self.judge(handler, policy, async { handler.revise(&leased, refused).await }).await?
            };
        }
    }

    /// The error of a last attempt that wants to be tried again and writes nothing: somebody has to bury the job.
    fn last_words(&self, verdict: &Verdict<S::Effect>) -> Option<String> {
        if self.burying || verdict.effect.is_some() || !self.leased.job.attempts_are_spent() {
            return None;
        }
        match &verdict.decision {
            Decision::Retry { error, .. } | Decision::RetryAt { error, .. } => Some(error.clone()),
            Decision::Completed | Decision::Snooze { .. } | Decision::Quarantine { .. } => None,
        }
    }

    /// Has the job buried by its handler, or does it in its place if the handler breaks over it.
    async fn bury(
        &mut self,
        handler: &dyn Handler<S::Effect>,
        policy: Policy,
    ) -> Result<Verdict<S::Effect>, Interruption> {
        self.burying = true;
        let leased = self.leased.clone();
        if leased.job.attempts > leased.job.max_attempts.saturating_add(MAX_BURIALS) {
            return Ok(Verdict::quarantine("the worker was lost whenever the job was to be buried"));
        }
        let deciding = async { handler.exhausted(&leased).await };
        let buried = self.guard(policy.time_limit, deciding).await?;
        Ok(buried.unwrap_or_else(|failure| Verdict::quarantine(failure.to_string())))
    }

    /// Comes to a verdict whatever the handler does.
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

    /// Lets the handler work as long as the lease is trusted and its time lasts, and catches its panics.
    async fn guard(
        &mut self,
        time_limit: Duration,
        deciding: impl Future<Output = Verdict<S::Effect>>,
    ) -> Result<Result<Verdict<S::Effect>, Failure>, Interruption> {
        let caught = AssertUnwindSafe(deciding).catch_unwind();
        let judged = tokio::select! {
            // A lost lease comes before a finished result, and a finished result before a hand-back.
            biased;
            () = self.hold.lost() => return Err(Interruption::LeaseLost),
            judged = tokio::time::timeout(time_limit, caught) => judged,
            _ = self.hand_back.wait_for(|now| *now) => return Err(Interruption::HandBack),
        };
        if !self.hold.is_trusted() {
            return Err(Interruption::LeaseLost);
        }
        Ok(match judged {
            Ok(Ok(verdict)) => Ok(verdict),
            Ok(Err(panic)) => Err(Failure::Panicked(panic_message(&*panic))),
            Err(_) => Err(Failure::TimedOut(time_limit)),
        })
    }

    /// Writes the verdict, or returns the effect that the store refused.
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

    /// What the decision means for the store: the back-off becomes a date.
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
            // Nothing but a burial ends a job that is to be buried.
            Outcome::RetryAt { run_at, error } if self.burying => {
                Outcome::Snooze { run_at, error: Some(error) }
            }
            outcome => outcome,
        }
    }

    /// How the attempt has ended once the store has written the outcome.
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

    /// Gives the job to whoever comes next, as if it had not been claimed.
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
                tracing::debug!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, ?ended, "worked a job");
            }
            Ended::Retried { error, .. } => {
                tracing::info!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, error, "an attempt failed and the job will be tried again");
            }
            Ended::Snoozed { why: Some(why), .. } => {
                tracing::info!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, why, "put off a job");
            }
            Ended::LeaseLost => {
                tracing::warn!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, "dropped a job whose lease was lost");
            }
            Ended::Quarantined { error } => {
                tracing::error!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, error, "quarantined a job");
            }
            Ended::Unsettled(error) => {
                tracing::error!(job.id = %id, job.kind = %kind, job.attempt = attempt, queue.name = %queue, %error, "could not write what became of a job, which will run again");
            }
        }
    }
}

/// Handles the kinds that nobody handles. Another process, newer than this one, may know them: so the job is
/// tried again, and quarantined in the end.
struct Nobody;

impl<E: Send> Handler<E> for Nobody {
    fn handle<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<E>> {
        async move { Verdict::retry(format!("no handler is registered for {}", leased.job.kind)) }.boxed()
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("with something that is not text").to_owned()
}

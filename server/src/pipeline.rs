//! Works an order: one job at a time looks for the next undone step, does it, and settles its result.
//!
//! The end of the job, the new version of the order, its events, its stock and the next job are one transaction of the
//! store. It is guarded by the version the result was written into: when a person changed the order meanwhile, the same
//! result is written into the order as it is then ([`Handler::revise`]), and nothing is done outside again.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use orders::{
    Dossier, Event, Moment, Order, ProblemCode, Reason, Service, State, StepName, StepOutcome, StepReason,
    StepState, Timestamp, Work, WorkResult,
};
use queue::{Backoff, Clock, Handler, Leased, Policy, Random, Verdict};

use crate::expectation::Expectation;
use crate::gateways::Failure;
use crate::steps::{self, Outside};
use crate::store::change::{Change, Refusal};
use crate::store::order_job::{in_order_time, in_queue_time, next_job, order_of, queue_of};
use crate::store::sqlite::{Changed, SqliteStore};

/// How the pipeline treats orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineSettings {
    /// The public base address, without a trailing slash.
    pub public_url: String,
    /// The waits between attempts at a step.
    pub backoff: Backoff,
    /// An order is delayed when a step that did not work waits longer than this.
    pub patience: Duration,
    /// How long items stay held for a customer who must mend something.
    pub hold_for: Duration,
    /// The longest that one attempt may take altogether.
    pub time_limit: Duration,
}

/// The handler of all jobs that work orders.
pub struct Pipeline {
    /// Where orders are kept.
    pub store: Arc<SqliteStore>,
    /// What steps reach.
    pub outside: Outside,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The jitter.
    pub random: Arc<dyn Random>,
    /// How long orders take.
    pub expectation: Arc<Expectation>,
    /// How orders are treated.
    pub settings: PipelineSettings,
}

impl Handler<Change> for Pipeline {
    fn handle<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<Change>> {
        self.work(leased).boxed()
    }

    fn revise<'a>(&'a self, leased: &'a Leased, refused: Change) -> BoxFuture<'a, Verdict<Change>> {
        async move {
            let Change { made_from: Some((work, result)), refusal, .. } = refused else {
                return Verdict::defer(self.clock.now());
            };
            let result = match refusal {
                Some(Refusal::SoldOut(sku)) => {
                    tracing::info!(order.id = leased.job.payload, product.sku = sku, "sold out");
                    WorkResult::Fail { why: StepReason::SoldOut, reason: Reason::SoldOut }
                }
                Some(Refusal::Moved) | None => result,
            };
            match self.load(leased).await {
                Ok(dossier) => self.conclude(dossier, work, result),
                Err(verdict) => verdict,
            }
        }
        .boxed()
    }

    fn failed<'a>(&'a self, leased: &'a Leased, failure: queue::Failure) -> BoxFuture<'a, Verdict<Change>> {
        async move {
            tracing::error!(order.id = leased.job.payload, job.attempt = leased.job.attempts, %failure, "an attempt broke off");
            match self.load(leased).await {
                Ok(dossier) => {
                    let work = dossier.order.next_work();
                    let result = self.again(leased, StepReason::Interrupted, None);
                    self.conclude(dossier, work, result)
                }
                Err(verdict) => verdict,
            }
        }
        .boxed()
    }

    fn policy(&self) -> Policy {
        Policy { time_limit: self.settings.time_limit, backoff: self.settings.backoff, ..Policy::DEFAULT }
    }
}

impl Pipeline {
    async fn work(&self, leased: &Leased) -> Verdict<Change> {
        let mut dossier = match self.load(leased).await {
            Ok(dossier) => dossier,
            Err(verdict) => return verdict,
        };
        let work = dossier.order.next_work();
        if work.service().map(queue_of).as_ref() != Some(&leased.job.queue) {
            // The order moved on since this job was made: its work is another service's, or nobody's.
            return self.follow(&dossier.order);
        }
        let step = match work {
            Work::Do(step) | Work::Undo(step) => step,
            Work::ExpireAt(deadline) => return self.expire(dossier, deadline),
            Work::Nothing => return Verdict::completed(),
        };
        // Our own stock table needs no call outside: its beginning and its end are one change.
        if step.service() != Service::Stock {
            match self.begin(leased, &mut dossier, work).await {
                Ok(()) => {}
                Err(verdict) => return verdict,
            }
        }
        let outcome = match work {
            Work::Undo(_) => steps::undo(step, &dossier, &self.outside).await,
            _ => steps::run(step, &dossier, &self.outside, self.now()).await,
        };
        let result = match outcome {
            Ok(outcome) => WorkResult::Done(outcome),
            Err(failure) => self.class(leased, &dossier, step, failure),
        };
        self.conclude(dossier, work, result)
    }

    /// The dossier of the job's order, or what becomes of a job without one.
    async fn load(&self, leased: &Leased) -> Result<Dossier, Verdict<Change>> {
        let Some(id) = order_of(&leased.job.payload) else {
            return Err(Verdict::quarantine("the payload names no order"));
        };
        match self.store.dossier(id).await {
            Ok(Some(dossier)) => Ok(dossier),
            Ok(None) => Err(Verdict::quarantine("there is no such order")),
            Err(unreadable) => Err(Verdict::retry(unreadable.to_string())),
        }
    }

    /// Writes durably, under the lease, that the work begins, before anything is done outside.
    async fn begin(&self, leased: &Leased, dossier: &mut Dossier, work: Work) -> Result<(), Verdict<Change>> {
        let from = dossier.order.version;
        let Ok(event) = dossier.begin(work, self.moment()) else { return Err(self.follow(&dossier.order)) };
        match self.store.begin(leased.lease, Change::of(from, dossier, &[event])).await {
            Ok(Changed::Done) => Ok(()),
            // Somebody changed the order at this very moment: look again.
            Ok(Changed::Refused(_)) => Err(Verdict::defer(self.clock.now())),
            // The settlement will find that out, too, and write nothing.
            Ok(Changed::LeaseLost) => Err(Verdict::defer(self.clock.now())),
            Err(unavailable) => Err(Verdict::retry(unavailable.to_string())),
        }
    }

    /// What a failure of a class means for the order.
    fn class(&self, leased: &Leased, dossier: &Dossier, step: StepName, failure: Failure) -> WorkResult {
        tracing::info!(order.id = %dossier.order.id, step = step.as_str(), job.attempt = leased.job.attempts, %failure, "a step did not work");
        match failure {
            Failure::Transient { reason, retry_after, .. } => self.again(leased, reason, retry_after),
            Failure::UnknownOutcome { .. } => self.again(leased, StepReason::NoAnswer, None),
            Failure::CustomerCanFix { code } => WorkResult::AskCustomer {
                reason: match code {
                    ProblemCode::InsufficientFunds => StepReason::InsufficientFunds,
                    ProblemCode::CardExpired => StepReason::CardExpired,
                    ProblemCode::AddressUndeliverable => StepReason::AddressUndeliverable,
                    _ => StepReason::CardDeclined,
                },
                respond_by: self.now().plus(self.settings.hold_for),
            },
            Failure::Permanent { reason } => WorkResult::Fail {
                why: match reason {
                    Reason::SoldOut => StepReason::SoldOut,
                    Reason::Undeliverable => StepReason::Undeliverable,
                    Reason::SuspectedFraud => StepReason::SuspectedFraud,
                    _ => StepReason::CardDeclined,
                },
                reason,
            },
            Failure::Suspicious { .. } => WorkResult::AskOperator {
                reason: StepReason::SuspectedFraud,
                outcome: StepOutcome::default(),
            },
        }
    }

    fn again(&self, leased: &Leased, reason: StepReason, retry_after: Option<Duration>) -> WorkResult {
        let attempt = leased.job.attempts.max(1);
        let delay = match retry_after {
            Some(floor) => self.settings.backoff.delay_at_least(floor, attempt, &*self.random),
            None => self.settings.backoff.delay(attempt, &*self.random),
        };
        WorkResult::Retry { reason, next: self.now().plus(delay) }
    }

    /// Writes a result into the order as it is, and says what comes next.
    fn conclude(&self, mut dossier: Dossier, work: Work, result: WorkResult) -> Verdict<Change> {
        let from = dossier.order.version;
        let mut events: Vec<Event> = Vec::with_capacity(2);
        if !is_under_way(&dossier.order, work) {
            match dossier.begin(work, self.moment()) {
                Ok(event) => events.push(event),
                Err(_) => return self.follow(&dossier.order),
            }
        }
        match dossier.record(work, &result, self.settings.patience, self.moment()) {
            Ok(event) => events.push(event),
            Err(_) => return self.follow(&dossier.order),
        }
        let order = &dossier.order;
        if order.state == State::Confirmed && work == Work::Do(StepName::CapturePayment) {
            self.expectation.learn(order.updated_at.since(order.created_at));
        }
        let verdict = match &result {
            // The same work again, later. Undoing what was cancelled meanwhile does not wait.
            WorkResult::Retry { reason, next } if order.next_work() == work => {
                Verdict::retry_at(in_queue_time(*next), format!("{reason:?}"))
            }
            _ => self.follow(order),
        };
        let stock = match &result {
            WorkResult::Done(outcome) => outcome.stock.clone(),
            _ => orders::StockMove::None,
        };
        verdict.with_effect(Change::of(from, &dossier, &events).moving(stock).made_from(work, result))
    }

    /// The job is done; the order's next work, if there is any, is a job of its own.
    fn follow(&self, order: &Order) -> Verdict<Change> {
        match next_job(order, self.now()) {
            Some(job) => Verdict::completed().with_next(job),
            None => Verdict::completed(),
        }
    }

    /// The customer's time to answer is over, or not yet.
    fn expire(&self, mut dossier: Dossier, deadline: Timestamp) -> Verdict<Change> {
        if self.now() < deadline {
            return Verdict::defer(in_queue_time(deadline));
        }
        let from = dossier.order.version;
        match dossier.order.expire(self.moment()) {
            Ok(event) => self.follow(&dossier.order).with_effect(Change::of(from, &dossier, &[event])),
            Err(_) => self.follow(&dossier.order),
        }
    }

    fn now(&self) -> Timestamp {
        in_order_time(self.clock.now())
    }

    fn moment(&self) -> Moment<'_> {
        Moment { at: self.now(), public_url: &self.settings.public_url }
    }
}

fn is_under_way(order: &Order, work: Work) -> bool {
    match work {
        Work::Do(step) => {
            matches!(order.step(step).state, StepState::Running | StepState::Retrying)
        }
        Work::Undo(step) => order.step(step).state == StepState::Undoing,
        Work::ExpireAt(_) | Work::Nothing => false,
    }
}

#[cfg(test)]
mod tests;

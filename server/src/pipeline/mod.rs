//! Processes an order: a job runs the next step or undo that is due, and settles its result.
//!
//! The end of the job, the new version of the order, its events, its stock and the next job are one transaction of
//! the store. The transaction is guarded by the version that the result was computed for: when the order was changed
//! meanwhile, the same result is applied to the order as it is then ([`Handler::revise`]), without another external
//! call.
//!
//! A failure of a service is not the job's fault: the job is snoozed and its attempts do not count. The order's own
//! time limits end the retries ([`classify`]). Attempts count crashes: panics, overruns, and dead workers. A job that
//! exhausts its attempts is quarantined together with its order ([`Handler::exhausted`]).

mod classify;
pub mod eta;

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use orders::{
    CommandContext, Event, OrderRecord, Reason, Service, State, StepName, StepReason, StepState, Timestamp,
    Work, WorkResult, wording,
};
use queue::{Backoff, Clock, Handler, Leased, Policy, Random, Verdict};
use tokio::time::Instant;

use crate::external::breakers::{Breakers, CircuitOpen, Refused};
use crate::metrics::Metrics;
use crate::pipeline::eta::EtaEstimator;
use crate::platform::failpoint;
use crate::steps::{self, Gateways};
use crate::store::Store;
use crate::store::change::{Change, Refusal};
use crate::store::commands::Changed;
use crate::store::order_job::{next_job, order_of, queue_of, to_order_time, to_queue_time};

/// The settings of the pipeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineSettings {
    /// The public base address, without a trailing slash.
    pub public_url: String,
    /// The waits between attempts at a step.
    pub backoff: Backoff,
    /// An order is delayed when a retried step waits longer than this.
    pub patience: Duration,
    /// How long items stay reserved for a customer who has to answer.
    pub hold_for: Duration,
    /// How long the outcome of a step may stay unknown before an operator decides.
    pub unknown_limit: Duration,
    /// How long a step may be retried before an operator decides.
    pub step_limit: Duration,
    /// The time limit of one attempt.
    pub time_limit: Duration,
}

/// The handler of the jobs of orders.
pub struct Pipeline {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clients of the external services.
    pub gateways: Gateways,
    /// Which services are not to be called.
    pub breakers: Arc<Breakers>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The jitter.
    pub random: Arc<dyn Random>,
    /// How long orders take.
    pub eta: Arc<EtaEstimator>,
    /// Where attempts are measured.
    pub metrics: Arc<Metrics>,
    /// The settings.
    pub settings: PipelineSettings,
}

impl Handler<Change> for Pipeline {
    fn handle<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<Change>> {
        self.work(leased).boxed()
    }

    fn revise<'a>(&'a self, leased: &'a Leased, refused: Change) -> BoxFuture<'a, Verdict<Change>> {
        async move {
            let Change { computed_from: Some((work, result)), refusal, .. } = refused else {
                return Verdict::snooze(self.clock.now());
            };
            let result = match refusal {
                Some(Refusal::SoldOut(sku)) => {
                    tracing::info!(order.id = leased.job.payload, product.sku = sku, "sold out");
                    WorkResult::Fail { why: StepReason::SoldOut, reason: Reason::SoldOut }
                }
                Some(Refusal::Moved) | None => result,
            };
            match self.load(leased).await {
                Ok(record) => self.conclude(record, work, result, None),
                Err(verdict) => verdict,
            }
        }
        .boxed()
    }

    fn failed<'a>(&'a self, leased: &'a Leased, failure: queue::Failure) -> BoxFuture<'a, Verdict<Change>> {
        async move {
            tracing::error!(order.id = leased.job.payload, job.attempt = leased.job.attempts, %failure, "an attempt broke off");
            if leased.job.attempts_are_spent() {
                // A crash without an effect goes to `exhausted`.
                return Verdict::retry(failure.to_string());
            }
            match self.load(leased).await {
                Ok(record) => {
                    let work = record.order.next_work();
                    let result = self.crashed(&record, work, leased.job.attempts);
                    self.conclude(record, work, result, Some(failure.to_string()))
                }
                Err(verdict) => verdict,
            }
        }
        .boxed()
    }

    fn exhausted<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<Change>> {
        async move {
            let record = match self.load(leased).await {
                Ok(record) => record,
                Err(verdict) => return verdict,
            };
            let work = record.order.next_work();
            if work.service().map(queue_of).as_ref() != Some(&leased.job.queue) {
                return self.follow(&record);
            }
            match work {
                Work::Do(_) | Work::Undo(_) => {
                    let error = leased.job.last_error.clone();
                    let error = error.unwrap_or_else(|| "the worker was lost during each attempt".to_owned());
                    self.conclude(record, work, WorkResult::Broken, Some(error))
                }
                Work::ExpireAt(deadline) => self.expire(record, deadline),
                Work::Nothing => Verdict::completed(),
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
        let mut record = match self.load(leased).await {
            Ok(record) => record,
            Err(verdict) => return verdict,
        };
        failpoint::poison(record.order.note.as_deref()).await;
        let work = record.order.next_work();
        if work.service().map(queue_of).as_ref() != Some(&leased.job.queue) {
            // The order has changed since this job was made: its work belongs to another queue, or there is none.
            return self.follow(&record);
        }
        let step = match work {
            Work::Do(step) | Work::Undo(step) => step,
            Work::ExpireAt(deadline) => return self.expire(record, deadline),
            Work::Nothing => return Verdict::completed(),
        };
        // Work without an external call is started and finished in one transaction.
        let mut permit = None;
        if steps::calls_outside(step, &record) {
            permit = match self.breakers.request_permit(step.service(), self.clock.now()) {
                Ok(permit) => permit,
                Err(open) => return self.postpone(record, work, open),
            };
            if let Err(verdict) = self.begin(leased, &mut record, work).await {
                return verdict;
            }
        }
        let started = Instant::now();
        let outcome = match work {
            Work::Undo(_) => steps::undo(step, &record, &self.gateways, self.now()).await,
            _ => steps::run(step, &record, &self.gateways, self.now()).await,
        };
        self.metrics.steps.record_duration(work, started.elapsed());
        let mut refused = Refused::AllCalls;
        if let Some(permit) = permit {
            let (order, queue) = (record.order.id, queue_of(step.service()));
            let told =
                permit.record(order, outcome.as_ref().err(), &*self.store, &queue, self.clock.now()).await;
            refused = told.unwrap_or(refused);
        }
        match outcome {
            Ok(outcome) => self.conclude(record, work, WorkResult::Done(outcome), None),
            Err(failure) => {
                tracing::info!(order.id = %record.order.id, step = step.as_str(), step.attempt = record.order.step(step).attempts, %failure, "a step failed");
                let why = failure.to_string();
                let result = self.classify(&record, work, step, failure, refused);
                self.conclude(record, work, result, Some(why))
            }
        }
    }

    /// Loads the record of the job's order, or returns the verdict on a job without one.
    async fn load(&self, leased: &Leased) -> Result<OrderRecord, Verdict<Change>> {
        let Some(id) = order_of(&leased.job.payload) else {
            return Err(Verdict::quarantine("the payload names no order"));
        };
        match self.store.order_record(id).await {
            Ok(Some(record)) => Ok(record),
            Ok(None) => Err(Verdict::quarantine("there is no such order")),
            Err(unreadable) => Err(self.retry_soon(unreadable.to_string())),
        }
    }

    /// Writes durably, under the lease, that the work starts, before any external call.
    async fn begin(
        &self,
        leased: &Leased,
        record: &mut OrderRecord,
        work: Work,
    ) -> Result<(), Verdict<Change>> {
        let from = record.order.version;
        let Ok(event) = record.begin(work, self.moment()) else { return Err(self.follow(record)) };
        match self.store.begin(leased.lease, Change::of(from, record.clone(), vec![event])).await {
            Ok(Changed::Done) => Ok(()),
            // The order was changed at this moment: read it again.
            Ok(Changed::Refused(_)) => Err(Verdict::snooze(self.clock.now())),
            // The settlement will find the same and write nothing.
            Ok(Changed::LeaseLost) => Err(Verdict::snooze(self.clock.now())),
            Err(unavailable) => Err(self.retry_soon(unavailable.to_string())),
        }
    }

    /// Postpones work whose service is unavailable.
    fn postpone(&self, record: OrderRecord, work: Work, open: CircuitOpen) -> Verdict<Change> {
        let result = self.unavailable(&record, work, open);
        if let WorkResult::Postpone { reason: StepReason::ServiceRefusesUs, next } = result
            && waits_for_refusing_service(&record, work)
        {
            // It may take days. Nothing changes in the order meanwhile, and its job says why.
            return Verdict::snooze(to_queue_time(next));
        }
        self.conclude(record, work, result, None)
    }

    /// Applies a result to the order, and returns what comes next.
    fn conclude(
        &self,
        mut record: OrderRecord,
        work: Work,
        result: WorkResult,
        why: Option<String>,
    ) -> Verdict<Change> {
        let from = record.order.version;
        let mut events: Vec<Event> = Vec::with_capacity(2);
        if !matches!(result, WorkResult::Postpone { .. }) && !is_under_way(&record, work) {
            match record.begin(work, self.moment()) {
                Ok(event) => events.push(event),
                Err(_) => return self.follow(&record),
            }
        }
        match record.apply_result(work, &result, self.settings.patience, self.moment()) {
            Ok(event) => events.push(event),
            Err(_) => return self.follow(&record),
        }
        let order = &record.order;
        if order.state == State::Confirmed && work == Work::Do(StepName::CapturePayment) {
            let took = order.updated_at.since(order.created_at);
            self.eta.record(took);
            self.metrics.orders.record_confirmation(took);
        }
        let same_again = order.next_work() == work;
        let why = |reason| why.unwrap_or_else(|| describe(work, reason));
        let verdict = match &result {
            // A crash, which counts as an attempt.
            WorkResult::Retry { reason: reason @ StepReason::Interrupted, next } if same_again => {
                Verdict::retry_at(to_queue_time(*next), why(*reason))
            }
            // The same work again, later. The undo of an order cancelled meanwhile does not wait.
            WorkResult::Retry { reason, next } | WorkResult::Postpone { reason, next } if same_again => {
                Verdict::snooze_because(to_queue_time(*next), why(*reason))
            }
            WorkResult::Refused { next, .. } if same_again => {
                Verdict::snooze_because(to_queue_time(*next), why(StepReason::ServiceRefusesUs))
            }
            // The job is quarantined with its order, unless other work is due now.
            WorkResult::Broken if same_again || order.next_work() == Work::Nothing => {
                Verdict::quarantine(why(StepReason::Broken))
            }
            _ => self.follow(&record),
        };
        let stock = match &result {
            WorkResult::Done(outcome) => outcome.stock.clone(),
            _ => orders::StockMove::None,
        };
        verdict.with_effect(Change::of(from, record, events).with_stock(stock).computed_from(work, result))
    }

    /// Completes the job; the order's next work is a job of its own.
    fn follow(&self, record: &OrderRecord) -> Verdict<Change> {
        match next_job(&record.order, record.owner, self.now()) {
            Some(job) => Verdict::completed().with_next(job),
            None => Verdict::completed(),
        }
    }

    /// Cancels the order if the customer's deadline has passed.
    fn expire(&self, mut record: OrderRecord, deadline: Timestamp) -> Verdict<Change> {
        if self.now() < deadline {
            return Verdict::snooze(to_queue_time(deadline));
        }
        let from = record.order.version;
        match record.order.expire(self.moment()) {
            Ok(event) => self.follow(&record).with_effect(Change::of(from, record, vec![event])),
            Err(_) => self.follow(&record),
        }
    }

    /// Our own store did not answer, which is not the job's fault.
    fn retry_soon(&self, why: String) -> Verdict<Change> {
        Verdict::snooze_because(self.clock.now() + self.settings.backoff.delay(1, &*self.random), why)
    }

    fn now(&self) -> Timestamp {
        to_order_time(self.clock.now())
    }

    fn moment(&self) -> CommandContext<'_> {
        CommandContext { at: self.now(), public_url: &self.settings.public_url }
    }
}

fn is_under_way(record: &OrderRecord, work: Work) -> bool {
    match work {
        Work::Do(step) => {
            matches!(record.order.step(step).state, StepState::Running | StepState::Retrying)
        }
        Work::Undo(step) => record.order.step(step).state == StepState::Undoing,
        Work::ExpireAt(_) | Work::Nothing => false,
    }
}

/// Whether the order already shows that it waits only for a service that refuses us.
fn waits_for_refusing_service(record: &OrderRecord, work: Work) -> bool {
    let (Work::Do(name) | Work::Undo(name)) = work else { return false };
    let step = record.order.step(name);
    let is_late = record.order.delayed || name == StepName::Notify;
    step.is_refused() && step.next_attempt_at.is_none() && is_late && is_under_way(record, work)
}

/// Returns why work is postponed, for the job's error.
fn describe(work: Work, reason: StepReason) -> String {
    let service = work.service().unwrap_or(Service::Stock);
    wording::step_reason(service, reason).to_owned()
}

#[cfg(test)]
mod tests;

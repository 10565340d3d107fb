//! What a failure means for the order, and when the work is retried.
//!
//! A step is retried up to a limit: when an outcome stays unknown for too long, or the step is too old, an operator
//! decides. The undo of a step has no limit, because somebody's money or items are at stake: it is retried until it
//! succeeds, and the order shows that it is late.

use std::time::Duration;

use orders::{
    OrderRecord, ProblemCode, Reason, Service, StepName, StepOutcome, StepReason, Work, WorkResult,
};

use super::Pipeline;
use crate::external::breakers::{CircuitOpen, Refused};
use crate::external::gateways::Failure;
use crate::steps;
use crate::store::order_job::to_order_time;

/// How often a bank that cannot process a card is asked, within a few minutes; then the customer is asked for another
/// card. Such a card rarely recovers, and card schemes limit repeated attempts.
const MAX_BANK_ATTEMPTS: u32 = 10;

impl Pipeline {
    pub(super) fn classify(
        &self,
        record: &OrderRecord,
        work: Work,
        step: StepName,
        failure: Failure,
        refused: Refused,
    ) -> WorkResult {
        let undoing = matches!(work, Work::Undo(_));
        match failure {
            Failure::Transient { reason: reason @ StepReason::BankFault, .. }
                if !undoing && record.processing.bank_faults + 1 >= MAX_BANK_ATTEMPTS =>
            {
                self.ask_customer(reason)
            }
            Failure::Transient { reason, retry_after, .. } => self.retry(record, work, reason, retry_after),
            Failure::UnknownOutcome { .. } => self.retry(record, work, StepReason::NoAnswer, None),
            // A mail server that accepts other mails refuses this one.
            Failure::Refused { service: Service::Mail, refusal } if refused == Refused::ThisOrder => {
                WorkResult::MailRefused { status: refusal.status }
            }
            Failure::Refused { .. } => self.refused(record, work, refused),
            // An undo asks no question and never gives up.
            _ if undoing => self.retry(record, work, StepReason::NotTaken, None),
            Failure::Unresolved { .. } => {
                WorkResult::AskOperator { reason: StepReason::Unresolved, outcome: StepOutcome::default() }
            }
            Failure::MailRefused(refusal) => WorkResult::MailRefused { status: refusal.status },
            Failure::CustomerCanFix { code } => self.ask_customer(match code {
                ProblemCode::InsufficientFunds => StepReason::InsufficientFunds,
                ProblemCode::CardExpired => StepReason::CardExpired,
                ProblemCode::AddressUndeliverable => StepReason::AddressUndeliverable,
                _ => StepReason::CardDeclined,
            }),
            Failure::Permanent { reason } => WorkResult::Fail { why: step_reason(step, reason), reason },
            // The authorisation is stored, so that it can be kept or released.
            Failure::Suspicious { held, .. } => WorkResult::AskOperator {
                reason: StepReason::SuspectedFraud,
                outcome: steps::held(&record.order.payment, *held),
            },
        }
    }

    fn ask_customer(&self, reason: StepReason) -> WorkResult {
        WorkResult::AskCustomer { reason, respond_by: self.now().plus(self.settings.hold_for) }
    }

    /// The service refuses us, or this order: a single call now and then tests whether that is corrected.
    fn refused(&self, record: &OrderRecord, work: Work, refused: Refused) -> WorkResult {
        let backoff = self.settings.backoff;
        let delay = backoff.delay_at_least(backoff.cap, 1, &*self.random);
        let alone = refused == Refused::ThisOrder;
        self.within_limits(record, work, WorkResult::Refused { next: self.now().plus(delay), alone })
    }

    /// The result of an attempt that crashed.
    pub(super) fn crashed(&self, record: &OrderRecord, work: Work, attempt: u32) -> WorkResult {
        let next = self.now().plus(self.settings.backoff.delay(attempt, &*self.random));
        self.within_limits(record, work, WorkResult::Retry { reason: StepReason::Interrupted, next })
    }

    /// The result of work that is not started because its service is unavailable.
    pub(super) fn unavailable(&self, record: &OrderRecord, work: Work, open: CircuitOpen) -> WorkResult {
        let wait = open.until.since(self.clock.now());
        let was_tried = match work {
            Work::Do(step) => record.order.step(step).attempts > 0,
            _ => record.processing.undo_attempts > 0,
        };
        // Orders that were never refused go first, so that one order's own fault does not delay the others.
        let delay = if open.reason == StepReason::ServiceRefusesUs && !was_tried {
            wait
        } else {
            self.settings.backoff.delay_at_least(wait, 1, &*self.random)
        };
        let next = to_order_time(self.clock.now() + delay);
        self.within_limits(record, work, WorkResult::Postpone { reason: open.reason, next })
    }

    /// Retries after a wait that grows with the attempts at this work, and not before the service's `Retry-After`.
    fn retry(
        &self,
        record: &OrderRecord,
        work: Work,
        reason: StepReason,
        retry_after: Option<Duration>,
    ) -> WorkResult {
        let attempts = match work {
            Work::Do(step) => record.order.step(step).attempts,
            _ => record.processing.undo_attempts,
        };
        let (backoff, attempts) = (self.settings.backoff, attempts.max(1));
        let delay = match retry_after {
            Some(floor) => backoff.delay_at_least(floor, attempts, &*self.random),
            None => backoff.delay(attempts, &*self.random),
        };
        let next = self.now().plus(delay);
        self.within_limits(record, work, WorkResult::Retry { reason, next })
    }

    /// Returns the result, or a question to an operator once a limit is reached.
    fn within_limits(&self, record: &OrderRecord, work: Work, result: WorkResult) -> WorkResult {
        let Work::Do(step) = work else { return result };
        let (now, counts_from) = (self.now(), record.limit_counts_from(step));
        // A service that refuses all our calls is not the step's fault.
        let refused = matches!(
            result,
            WorkResult::Refused { alone: false, .. }
                | WorkResult::Postpone { reason: StepReason::ServiceRefusesUs, .. }
        );
        // A second copy of a mail is harmless, so its outcome is never looked up.
        let unknown_since = record.processing.unknown_since.filter(|_| step.service() != Service::Mail);
        let too_late = |since: orders::Timestamp, limit: Duration| now.since(since) >= limit;
        let reason = if unknown_since.is_some_and(|since| too_late(since, self.settings.unknown_limit)) {
            StepReason::Unresolved
        } else if !refused && counts_from.is_some_and(|since| too_late(since, self.settings.step_limit)) {
            StepReason::Overdue
        } else {
            return result;
        };
        tracing::warn!(order.id = %record.order.id, step = step.as_str(), ?reason, "a step waits for an operator");
        WorkResult::AskOperator { reason, outcome: StepOutcome::default() }
    }
}

/// Returns the step's reason for a permanent failure.
const fn step_reason(step: StepName, reason: Reason) -> StepReason {
    match (reason, step) {
        (Reason::SoldOut, _) => StepReason::SoldOut,
        (Reason::Undeliverable, _) => StepReason::Undeliverable,
        (Reason::SuspectedFraud, _) => StepReason::SuspectedFraud,
        _ => StepReason::CardDeclined,
    }
}

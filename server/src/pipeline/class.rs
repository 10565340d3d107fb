//! What a failure of a class means for the order, and when it is tried again.
//!
//! A step is tried again and again, but not for ever: when what a service did stays unknown for too long, or a step is as
//! old as a step may be, a person looks. The undo of a step has no such limit, because somebody's money or items are at
//! stake: it goes on until it is done, and shows that it is late.

use std::time::Duration;

use orders::{
    OrderRecord, ProblemCode, Reason, Service, StepName, StepOutcome, StepReason, Work, WorkResult,
};

use super::Pipeline;
use crate::external::breakers::{CircuitOpen, Refused};
use crate::external::gateways::Failure;
use crate::steps;
use crate::store::order_job::in_order_time;

/// So often a bank that cannot work on a card is asked, within a few minutes; then the customer is asked for another card.
/// A card that nobody can use mends itself as seldom as a declined one, and card schemes want no card asked over and over.
const BANK_TRIES: u32 = 10;

impl Pipeline {
    pub(super) fn class(
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
                if !undoing && record.processing.bank_faults + 1 >= BANK_TRIES =>
            {
                self.ask_customer(reason)
            }
            Failure::Transient { reason, retry_after, .. } => self.again(record, work, reason, retry_after),
            Failure::UnknownOutcome { .. } => self.again(record, work, StepReason::NoAnswer, None),
            // A mail server that takes other mails refuses this one.
            Failure::Refused { service: Service::Mail, refusal } if refused == Refused::ThisOrder => {
                WorkResult::MailRefused { status: refusal.status }
            }
            Failure::Refused { .. } => self.refused(record, work, refused),
            // An undo asks nobody and gives up for nothing.
            _ if undoing => self.again(record, work, StepReason::NotTaken, None),
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
            Failure::Permanent { reason } => WorkResult::Fail { why: cause(step, reason), reason },
            // The hold is known, so that it can be kept or released.
            Failure::Suspicious { held, .. } => WorkResult::AskOperator {
                reason: StepReason::SuspectedFraud,
                outcome: steps::held(&record.order.payment, *held),
            },
        }
    }

    fn ask_customer(&self, reason: StepReason) -> WorkResult {
        WorkResult::AskCustomer { reason, respond_by: self.now().plus(self.settings.hold_for) }
    }

    /// The service refuses us, or this order: a single call now and then finds out when that is mended.
    fn refused(&self, record: &OrderRecord, work: Work, refused: Refused) -> WorkResult {
        let backoff = self.settings.backoff;
        let delay = backoff.delay_at_least(backoff.cap, 1, &*self.random);
        let alone = refused == Refused::ThisOrder;
        self.unless_too_late(record, work, WorkResult::Refused { next: self.now().plus(delay), alone })
    }

    /// An attempt broke off by itself.
    pub(super) fn broken_off(&self, record: &OrderRecord, work: Work, attempt: u32) -> WorkResult {
        let next = self.now().plus(self.settings.backoff.delay(attempt, &*self.random));
        self.unless_too_late(record, work, WorkResult::Retry { reason: StepReason::Interrupted, next })
    }

    /// The service is known to be out of order.
    pub(super) fn put_off(&self, record: &OrderRecord, work: Work, shut: CircuitOpen) -> WorkResult {
        let wait = shut.until.since(self.clock.now());
        let was_tried = match work {
            Work::Do(step) => record.order.step(step).attempts > 0,
            _ => record.processing.undo_attempts > 0,
        };
        // Who was never refused comes first: one order's own fault must not keep the others waiting.
        let delay = if shut.reason == StepReason::ServiceRefusesUs && !was_tried {
            wait
        } else {
            self.settings.backoff.delay_at_least(wait, 1, &*self.random)
        };
        let next = in_order_time(self.clock.now() + delay);
        self.unless_too_late(record, work, WorkResult::Postpone { reason: shut.reason, next })
    }

    /// It is tried again after a wait that grows with the attempts at this very work, and not before the service wants it.
    fn again(
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
        self.unless_too_late(record, work, WorkResult::Retry { reason, next })
    }

    /// The result, unless it is time for a person to look.
    fn unless_too_late(&self, record: &OrderRecord, work: Work, result: WorkResult) -> WorkResult {
        let Work::Do(step) = work else { return result };
        let (now, counts_from) = (self.now(), record.limit_counts_from(step));
        // A service that refuses all our calls is not the fault of the step.
        let refused = matches!(
            result,
            WorkResult::Refused { alone: false, .. }
                | WorkResult::Postpone { reason: StepReason::ServiceRefusesUs, .. }
        );
        // Sending a mail twice harms nobody, so what became of it is never looked into.
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

/// Why a step can never be done, as the step says it.
const fn cause(step: StepName, reason: Reason) -> StepReason {
    match (reason, step) {
        (Reason::SoldOut, _) => StepReason::SoldOut,
        (Reason::Undeliverable, _) => StepReason::Undeliverable,
        (Reason::SuspectedFraud, _) => StepReason::SuspectedFraud,
        _ => StepReason::CardDeclined,
    }
}

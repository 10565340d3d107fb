//! The record of an order: the order with its internal processing state, and how results of work change it.

use std::time::Duration;

use crate::{
    Address, CommandContext, Event, Order, OrderAccess, Owner, ProcessingState, Reason, Refused, State,
    StepName, StepOutcome, StepReason, Timestamp, Transition, UnresolvedEffect, ValidPayment, Work,
    WorkResult,
};

/// An order, its owner, and its processing state: what the pipeline works on.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRecord {
    /// The public order.
    pub order: Order,
    /// Its owner.
    pub owner: Option<Owner>,
    /// Its internal state.
    pub processing: ProcessingState,
}

impl OrderRecord {
    /// Returns who may see the order.
    pub const fn access(&self) -> OrderAccess {
        OrderAccess { owner: self.owner, link_generation: self.order.link_generation }
    }

    /// Returns the idempotency key of a step's effect, the same for all attempts: `ord_…:authorise_payment`, followed
    /// by the round when the customer gave another card or address or the bank wants to be asked again, because that
    /// is another effect.
    pub fn effect_key(&self, step: StepName) -> String {
        let round = match step {
            StepName::AuthorisePayment | StepName::CapturePayment => self.processing.payment_round,
            StepName::ArrangeShipping => self.processing.address_round,
            StepName::ReserveStock | StepName::Notify => 0,
        };
        match round {
            0 => format!("{}:{}", self.order.id, step.as_str()),
            round => format!("{}:{}:{}", self.order.id, step.as_str(), round + 1),
        }
    }

    /// Returns the effect that an earlier attempt at the running step may have left. An attempt with a definite
    /// answer left no unknown effect, so nothing has to be looked up then.
    pub fn possible_effect(&self, step: StepName) -> Option<UnresolvedEffect> {
        self.processing.unresolved.filter(|effect| effect.attempt < self.order.step(step).attempts)
    }

    /// Returns when the time limit of a step starts; none before its first attempt.
    pub fn limit_counts_from(&self, step: StepName) -> Option<Timestamp> {
        let started_at = self.order.step(step).started_at?;
        Some(self.processing.limit_from.map_or(started_at, |from| from.max(started_at)))
    }

    /// Starts an attempt.
    ///
    /// # Errors
    /// When other work is due.
    pub fn begin(&mut self, work: Work, now: CommandContext<'_>) -> Result<Event, Refused> {
        match work {
            Work::Do(step) => {
                let event = self.order.start_step(step, now)?;
                if self.processing.service_refuses_us {
                    self.processing.limit_from = Some(now.at);
                }
                if step.has_undo() {
                    let attempt = self.order.step(step).attempts;
                    let known = self.processing.unresolved;
                    self.processing.unresolved = Some(UnresolvedEffect {
                        attempt: known.map_or(attempt, |effect| effect.attempt),
                        first_asked_at: Some(known.map_or(now.at, |effect| effect.since())),
                        asked_at: now.at,
                    });
                }
                Ok(event)
            }
            Work::Undo(step) => {
                let event = self.order.start_undo(step, now)?;
                self.processing.undo_attempts = self.processing.undo_attempts.saturating_add(1);
                Ok(event)
            }
            Work::ExpireAt(_) | Work::Nothing => {
                Err(Refused { from: self.order.state, transition: Transition::Begin })
            }
        }
    }

    /// Applies the result of an attempt to the order, whatever happened to the order meanwhile: an effect that came
    /// true while the order was being cancelled is recorded, so that it is undone.
    ///
    /// # Errors
    /// When that work is not running (or, for a postponement, not due), or when an undo asks a question or fails: an
    /// undo is repeated until it succeeds.
    pub fn apply_result(
        &mut self,
        work: Work,
        result: &WorkResult,
        patience: Duration,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        match work {
            Work::Do(step) => self.apply_step_result(step, result, patience, now),
            Work::Undo(step) => self.apply_undo_result(step, result, now),
            Work::ExpireAt(_) | Work::Nothing => {
                Err(Refused { from: self.order.state, transition: Transition::Resume })
            }
        }
    }

    /// The customer gave another payment, which has an effect key of its own.
    ///
    /// # Errors
    /// When none was asked for.
    pub fn provide_payment(
        &mut self,
        payment: &ValidPayment,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        let event = self.order.provide_payment(payment.untouched(), now)?;
        self.processing.payment_token.clone_from(&payment.token);
        self.processing.payment_intent = None;
        self.processing.payment_round += 1;
        self.processing.bank_faults = 0;
        Ok(event)
    }

    /// The customer corrected the address; a shipment to it has an effect key of its own.
    ///
    /// # Errors
    /// When no correction was asked for.
    pub fn correct_address(&mut self, ship_to: Address, now: CommandContext<'_>) -> Result<Event, Refused> {
        let event = self.order.correct_address(ship_to, now)?;
        self.processing.shipment_id = None;
        self.processing.address_round += 1;
        Ok(event)
    }

    /// The customer gave another e-mail address; see [`Order::correct_email`].
    ///
    /// # Errors
    /// When no mail was refused, or the order has ended.
    pub fn correct_email(&mut self, email: &str, now: CommandContext<'_>) -> Result<Option<Event>, Refused> {
        self.order.correct_email(email, now)
    }

    /// An operator lets the order go on; see [`Order::approve`].
    ///
    /// # Errors
    /// When the order waits for no decision.
    pub fn approve(&mut self, now: CommandContext<'_>) -> Result<Event, Refused> {
        let event = self.order.approve(now)?;
        self.processing.unknown_since = None;
        self.processing.limit_from = None;
        Ok(event)
    }

    fn apply_step_result(
        &mut self,
        step: StepName,
        result: &WorkResult,
        patience: Duration,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        let ending = self.order.state == State::Cancelling;
        let event = match result {
            WorkResult::Done(outcome) => self.order.finish_step(step, outcome, now)?,
            WorkResult::Retry { reason, next } => {
                self.order.retry_step(step, *reason, *next, patience, now)?
            }
            WorkResult::Postpone { reason, next } => {
                self.order.postpone_step(step, *reason, *next, patience, now)?
            }
            WorkResult::Refused { next, .. } => {
                self.order.retry_step(step, StepReason::ServiceRefusesUs, *next, patience, now)?
            }
            WorkResult::MailRefused { status } => self.order.refuse_receipt(*status, now)?,
            // The undo looks up what exists, and may work where the step did not.
            WorkResult::Broken if ending => {
                self.order.retry_step(step, StepReason::Interrupted, now.at, patience, now)?
            }
            WorkResult::Broken if step.can_fail_order() => {
                self.order.ask_operator(step, StepReason::Broken, None, now)?
            }
            WorkResult::Broken => self.order.fail_step(step, StepReason::Broken, unanswered(step), now)?,
            // An order that ends needs no decision. Its effects are undone.
            WorkResult::AskOperator { outcome, .. } if ending => {
                self.order.finish_step(step, outcome, now)?
            }
            WorkResult::AskOperator { reason, outcome } if step.can_fail_order() => {
                self.order.ask_operator(step, *reason, outcome.payment.clone(), now)?
            }
            WorkResult::AskCustomer { reason, respond_by } if step.customer_can_mend() && !ending => {
                self.order.ask_customer(step, *reason, *respond_by, now)?
            }
            // Nobody can answer.
            WorkResult::AskOperator { reason, .. } | WorkResult::AskCustomer { reason, .. } => {
                self.order.fail_step(step, *reason, unanswered(step), now)?
            }
            WorkResult::Fail { why, reason } => self.order.fail_step(step, *why, *reason, now)?,
        };
        self.learn(step, result, now.at);
        Ok(event)
    }

    fn apply_undo_result(
        &mut self,
        step: StepName,
        result: &WorkResult,
        now: CommandContext<'_>,
    ) -> Result<Event, Refused> {
        match result {
            WorkResult::Done(outcome) => {
                let event = self.order.finish_undo(step, outcome.payment.clone(), now)?;
                self.processing.unresolved = None;
                self.processing.undo_attempts = 0;
                Ok(event)
            }
            WorkResult::Retry { reason, next } => self.order.retry_undo(step, *reason, *next, now),
            WorkResult::Postpone { reason, next } => self.order.postpone_undo(step, *reason, *next, now),
            WorkResult::Refused { next, .. } => {
                self.order.retry_undo(step, StepReason::ServiceRefusesUs, *next, now)
            }
            WorkResult::Broken => self.order.stall_undo(step, now),
            WorkResult::AskCustomer { .. }
            | WorkResult::AskOperator { .. }
            | WorkResult::Fail { .. }
            | WorkResult::MailRefused { .. } => {
                Err(Refused { from: self.order.state, transition: Transition::FinishCancel })
            }
        }
    }

    /// Updates the processing state from a result.
    fn learn(&mut self, step: StepName, result: &WorkResult, now: Timestamp) {
        let attempt = self.order.step(step).attempts;
        let processing = &mut self.processing;
        processing.service_refuses_us = matches!(
            result,
            WorkResult::Refused { alone: false, .. }
                | WorkResult::Postpone { reason: StepReason::ServiceRefusesUs, .. }
        );
        match result {
            WorkResult::Retry { reason: StepReason::NoAnswer | StepReason::Interrupted, .. } => {
                processing.unknown_since.get_or_insert(now);
            }
            // A 5xx, or the answer of a proxy, does not say that nothing was done.
            WorkResult::Retry { reason: StepReason::ServiceFault, .. }
            | WorkResult::Postpone { .. }
            | WorkResult::Broken => {}
            WorkResult::Retry { reason: StepReason::BankFault, .. } if step == StepName::AuthorisePayment => {
                processing.resolve();
                processing.payment_round += 1;
                processing.bank_faults += 1;
            }
            // This attempt did nothing. An earlier one may still have left an effect.
            WorkResult::Retry { .. } | WorkResult::Refused { .. } => {
                processing.unresolved = processing.unresolved.filter(|effect| effect.attempt < attempt);
            }
            WorkResult::Done(outcome) => {
                keep(processing, outcome);
                processing.resolve();
            }
            // A question about an effect can only be asked once the effect is known.
            WorkResult::AskOperator { reason, outcome } => {
                keep(processing, outcome);
                if *reason == StepReason::SuspectedFraud {
                    processing.resolve();
                }
            }
            WorkResult::AskCustomer { .. } | WorkResult::Fail { .. } | WorkResult::MailRefused { .. } => {
                processing.resolve();
            }
        }
    }
}

/// Returns the reason with which an order ends when a step asks a question that nobody can answer.
const fn unanswered(step: StepName) -> Reason {
    match step {
        StepName::ReserveStock => Reason::SoldOut,
        StepName::ArrangeShipping => Reason::Undeliverable,
        StepName::AuthorisePayment | StepName::CapturePayment | StepName::Notify => Reason::PaymentFailed,
    }
}

/// Stores the ids that the services gave to what the step created.
fn keep(processing: &mut ProcessingState, outcome: &StepOutcome) {
    if outcome.payment_intent.is_some() {
        processing.payment_intent.clone_from(&outcome.payment_intent);
    }
    if outcome.shipment_id.is_some() {
        processing.shipment_id.clone_from(&outcome.shipment_id);
    }
}

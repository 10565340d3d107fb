//! An order with what Docket knows about it and shows to nobody, and the results of work on it.

use std::time::Duration;

use crate::{
    Address, Dealings, Doubt, Event, Moment, Order, OrderAccess, Owner, Payment, Reason, Refused, Shipment,
    State, StepName, StepReason, Timestamp, Transition, ValidPayment, Work,
};

/// An order, whose it is, and its dealings: what the pipeline works on.
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    /// The order as everybody sees it.
    pub order: Order,
    /// Whose it is.
    pub owner: Option<Owner>,
    /// What nobody sees.
    pub dealings: Dealings,
}

/// What happens to stock with a piece of work.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum StockMove {
    /// Nothing.
    #[default]
    None,
    /// So many of each product are set aside for the order; refused when there are not enough.
    Reserve(Vec<(String, u32)>),
    /// What is set aside for the order goes back.
    Release,
}

/// What a finished piece of work brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepOutcome {
    /// It was not needed.
    pub skipped: bool,
    /// The payment as it is now.
    pub payment: Option<Payment>,
    /// The payment service's name of the hold.
    pub payment_intent: Option<String>,
    /// The booked shipment.
    pub shipment: Option<Shipment>,
    /// The carrier's name of it.
    pub shipment_id: Option<String>,
    /// What happens to stock.
    pub stock: StockMove,
}

/// How one attempt at a piece of work ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkResult {
    /// It is done.
    Done(StepOutcome),
    /// It did not work this time; it is tried again at `next`.
    Retry {
        /// Why.
        reason: StepReason,
        /// When.
        next: Timestamp,
    },
    /// It was not tried, because its service is known to be out of order; it is tried at `next`.
    Postpone {
        /// What is known about the service.
        reason: StepReason,
        /// When.
        next: Timestamp,
    },
    /// The customer can mend it until `respond_by`.
    AskCustomer {
        /// What.
        reason: StepReason,
        /// Until when.
        respond_by: Timestamp,
    },
    /// An operator must decide.
    AskOperator {
        /// Why.
        reason: StepReason,
        /// What was done all the same.
        outcome: StepOutcome,
    },
    /// It can never be done.
    Fail {
        /// Why.
        why: StepReason,
        /// What the order ends with.
        reason: Reason,
    },
    /// The service refused the call, so nothing was done; it is tried again at `next`.
    Refused {
        /// When.
        next: Timestamp,
        /// It refuses this call alone and takes those of other orders.
        alone: bool,
    },
    /// No mail server takes the receipt.
    MailRefused {
        /// The reply code of the mail server, when one was asked.
        status: Option<u16>,
    },
    /// Our own work on it broke off as often as it may.
    Broken,
}

impl Dossier {
    /// Who the order may be shown to.
    pub const fn access(&self) -> OrderAccess {
        OrderAccess { owner: self.owner, link_generation: self.order.link_generation }
    }

    /// The key of an outside effect, the same over all attempts: `ord_…:authorise_payment`, with the round when the customer
    /// gave another card or address or the bank asked to be asked anew, because that is another effect.
    pub fn effect_key(&self, step: StepName) -> String {
        let round = match step {
            StepName::AuthorisePayment | StepName::CapturePayment => self.dealings.payment_round,
            StepName::ArrangeShipping => self.dealings.address_round,
            StepName::ReserveStock | StepName::Notify => 0,
        };
        match round {
            0 => format!("{}:{}", self.order.id, step.as_str()),
            round => format!("{}:{}:{}", self.order.id, step.as_str(), round + 1),
        }
    }

    /// The effect that an earlier attempt at the step under way may have left. An attempt that was definitely answered left
    /// none that is not known, so nothing has to be looked up then.
    pub fn possible_effect(&self, step: StepName) -> Option<Doubt> {
        self.dealings.doubt.filter(|doubt| doubt.attempt < self.order.step(step).attempts)
    }

    /// From when on the limit of a step counts; none before its first attempt.
    pub fn limit_counts_from(&self, step: StepName) -> Option<Timestamp> {
        let started_at = self.order.step(step).started_at?;
        Some(self.dealings.limit_from.map_or(started_at, |from| from.max(started_at)))
    }

    /// A piece of work begins an attempt.
    ///
    /// # Errors
    /// When it is not the work that is due.
    pub fn begin(&mut self, work: Work, now: Moment<'_>) -> Result<Event, Refused> {
        match work {
            Work::Do(step) => {
                let event = self.order.start_step(step, now)?;
                if self.dealings.service_refuses_us {
                    self.dealings.limit_from = Some(now.at);
                }
                if step.has_undo() {
                    let attempt = self.order.step(step).attempts;
                    let known = self.dealings.doubt;
                    self.dealings.doubt = Some(Doubt {
                        attempt: known.map_or(attempt, |doubt| doubt.attempt),
                        first_asked_at: Some(known.map_or(now.at, |doubt| doubt.since())),
                        asked_at: now.at,
                    });
                }
                Ok(event)
            }
            Work::Undo(step) => {
                let event = self.order.start_undo(step, now)?;
                self.dealings.undo_attempts = self.dealings.undo_attempts.saturating_add(1);
                Ok(event)
            }
            Work::ExpireAt(_) | Work::Nothing => {
                Err(Refused { from: self.order.state, transition: Transition::Begin })
            }
        }
    }

    /// Writes the result of an attempt into the order, whatever happened to the order meanwhile: an effect that came true
    /// while the order was being cancelled is noted, so that it will be undone.
    ///
    /// # Errors
    /// When that work is not under way (or, postponed, not due), or an undo asks or fails: an undo is repeated until it is done.
    pub fn record(
        &mut self,
        work: Work,
        result: &WorkResult,
        patience: Duration,
        now: Moment<'_>,
    ) -> Result<Event, Refused> {
        match work {
            Work::Do(step) => self.record_step(step, result, patience, now),
            Work::Undo(step) => self.record_undo(step, result, now),
            Work::ExpireAt(_) | Work::Nothing => {
                Err(Refused { from: self.order.state, transition: Transition::Resume })
            }
        }
    }

    /// The customer gave another way to pay, with an effect of its own.
    ///
    /// # Errors
    /// When none was asked for.
    pub fn provide_payment(&mut self, payment: &ValidPayment, now: Moment<'_>) -> Result<Event, Refused> {
        let event = self.order.provide_payment(payment.untouched(), now)?;
        self.dealings.payment_token.clone_from(&payment.token);
        self.dealings.payment_intent = None;
        self.dealings.payment_round += 1;
        self.dealings.bank_faults = 0;
        Ok(event)
    }

    /// The customer corrected the address; a shipment to it is an effect of its own.
    ///
    /// # Errors
    /// When that was not asked for.
    pub fn correct_address(&mut self, ship_to: Address, now: Moment<'_>) -> Result<Event, Refused> {
        let event = self.order.correct_address(ship_to, now)?;
        self.dealings.shipment_id = None;
        self.dealings.address_round += 1;
        Ok(event)
    }

    /// The customer gave another e-mail address; see [`Order::correct_email`].
    ///
    /// # Errors
    /// When no mail was refused, or the order has ended.
    pub fn correct_email(&mut self, email: &str, now: Moment<'_>) -> Result<Option<Event>, Refused> {
        self.order.correct_email(email, now)
    }

    /// An operator decided that the order goes on; see [`Order::approve`].
    ///
    /// # Errors
    /// When no operator has to decide anything.
    pub fn approve(&mut self, now: Moment<'_>) -> Result<Event, Refused> {
        let event = self.order.approve(now)?;
        self.dealings.unknown_since = None;
        self.dealings.limit_from = None;
        Ok(event)
    }

    fn record_step(
        &mut self,
        step: StepName,
        result: &WorkResult,
        patience: Duration,
        now: Moment<'_>,
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
            // The undo looks at what is there, and may work where the step did not.
            WorkResult::Broken if ending => {
                self.order.retry_step(step, StepReason::Interrupted, now.at, patience, now)?
            }
            WorkResult::Broken if step.can_fail_order() => {
                self.order.ask_operator(step, StepReason::Broken, None, now)?
            }
            WorkResult::Broken => self.order.fail_step(step, StepReason::Broken, unanswered(step), now)?,
            // Nobody needs to decide about an order that ends; what the step left behind is undone like any other effect.
            WorkResult::AskOperator { outcome, .. } if ending => {
                self.order.finish_step(step, outcome, now)?
            }
            WorkResult::AskOperator { reason, outcome } if step.can_fail_order() => {
                self.order.ask_operator(step, *reason, outcome.payment.clone(), now)?
            }
            WorkResult::AskCustomer { reason, respond_by } if step.customer_can_mend() && !ending => {
                self.order.ask_customer(step, *reason, *respond_by, now)?
            }
            // Nobody is there to answer.
            WorkResult::AskOperator { reason, .. } | WorkResult::AskCustomer { reason, .. } => {
                self.order.fail_step(step, *reason, unanswered(step), now)?
            }
            WorkResult::Fail { why, reason } => self.order.fail_step(step, *why, *reason, now)?,
        };
        self.learn(step, result, now.at);
        Ok(event)
    }

    fn record_undo(
        &mut self,
        step: StepName,
        result: &WorkResult,
        now: Moment<'_>,
    ) -> Result<Event, Refused> {
        match result {
            WorkResult::Done(outcome) => {
                let event = self.order.finish_undo(step, outcome.payment.clone(), now)?;
                self.dealings.doubt = None;
                self.dealings.undo_attempts = 0;
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

    /// Notes what a result tells about the dealings with the outside.
    fn learn(&mut self, step: StepName, result: &WorkResult, now: Timestamp) {
        let attempt = self.order.step(step).attempts;
        let dealings = &mut self.dealings;
        dealings.service_refuses_us = matches!(
            result,
            WorkResult::Refused { alone: false, .. }
                | WorkResult::Postpone { reason: StepReason::ServiceRefusesUs, .. }
        );
        match result {
            WorkResult::Retry { reason: StepReason::NoAnswer | StepReason::Interrupted, .. } => {
                dealings.unknown_since.get_or_insert(now);
            }
            // An answer that is a fault, or that some machine in between gave, does not say that nothing was done.
            WorkResult::Retry { reason: StepReason::ServiceFault, .. }
            | WorkResult::Postpone { .. }
            | WorkResult::Broken => {}
            WorkResult::Retry { reason: StepReason::BankFault, .. } if step == StepName::AuthorisePayment => {
                dealings.know();
                dealings.payment_round += 1;
                dealings.bank_faults += 1;
            }
            // This attempt did nothing. What an earlier one did is as unknown as before.
            WorkResult::Retry { .. } | WorkResult::Refused { .. } => {
                dealings.doubt = dealings.doubt.filter(|doubt| doubt.attempt < attempt);
            }
            WorkResult::Done(outcome) => {
                dealings.keep(outcome);
                dealings.know();
            }
            // Only who knows what was done asks whether it should stand.
            WorkResult::AskOperator { reason, outcome } => {
                dealings.keep(outcome);
                if *reason == StepReason::SuspectedFraud {
                    dealings.know();
                }
            }
            WorkResult::AskCustomer { .. } | WorkResult::Fail { .. } | WorkResult::MailRefused { .. } => {
                dealings.know();
            }
        }
    }
}

/// What an order ends with when a step asks for something that nobody can give.
const fn unanswered(step: StepName) -> Reason {
    match step {
        StepName::ReserveStock => Reason::SoldOut,
        StepName::ArrangeShipping => Reason::Undeliverable,
        StepName::AuthorisePayment | StepName::CapturePayment | StepName::Notify => Reason::PaymentFailed,
    }
}

//! The work that is due for an order, and the result of an attempt at it.

use crate::{
    Order, Payment, Reason, Service, Shipment, State, Step, StepName, StepReason, StepState, Timestamp,
};

/// The work that is due for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Run this step.
    Do(StepName),
    /// Undo this step.
    Undo(StepName),
    /// Cancel the order at this time unless the customer answers.
    ExpireAt(Timestamp),
    /// Nothing that Docket can do by itself.
    Nothing,
}

impl Work {
    /// Returns the service whose queue the work belongs to; none without work.
    pub const fn service(self) -> Option<Service> {
        match self {
            Self::Do(step) | Self::Undo(step) => Some(step.service()),
            Self::ExpireAt(_) => Some(Service::Stock),
            Self::Nothing => None,
        }
    }
}

/// How an attempt changes the stock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum StockMove {
    /// Nothing.
    #[default]
    None,
    /// Reserves this quantity of each product for the order; refused when there is not enough.
    Reserve(Vec<(String, u32)>),
    /// Releases what is reserved for the order.
    Release,
}

/// The outcome of a successful attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepOutcome {
    /// Whether the step was not needed.
    pub skipped: bool,
    /// The payment after the attempt.
    pub payment: Option<Payment>,
    /// The payment service's id of the authorisation.
    pub payment_intent: Option<String>,
    /// The booked shipment.
    pub shipment: Option<Shipment>,
    /// The carrier's id of the shipment.
    pub shipment_id: Option<String>,
    /// How the stock changes.
    pub stock: StockMove,
}

/// The result of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkResult {
    /// It succeeded.
    Done(StepOutcome),
    /// It failed and is retried at `next`.
    Retry {
        /// Why.
        reason: StepReason,
        /// When.
        next: Timestamp,
    },
    /// It was not started because its service is unavailable; it is tried at `next`.
    Postpone {
        /// What is known about the service.
        reason: StepReason,
        /// When.
        next: Timestamp,
    },
    /// The customer has to answer before `respond_by`.
    AskCustomer {
        /// The question.
        reason: StepReason,
        /// The deadline.
        respond_by: Timestamp,
    },
    /// An operator must decide.
    AskOperator {
        /// Why.
        reason: StepReason,
        /// What the attempt did nevertheless.
        outcome: StepOutcome,
    },
    /// It failed for good.
    Fail {
        /// Why.
        why: StepReason,
        /// The reason with which the order ends.
        reason: Reason,
    },
    /// The service refused the call, so nothing was done; it is retried at `next`.
    Refused {
        /// When.
        next: Timestamp,
        /// It refuses only this call and accepts those of other orders.
        alone: bool,
    },
    /// Every mail server refuses the receipt.
    MailRefused {
        /// The reply code of the mail server, when one was asked.
        status: Option<u16>,
    },
    /// Our own attempts crashed as often as they may.
    Broken,
}

impl Order {
    /// Returns the work that is due.
    pub fn next_work(&self) -> Work {
        match self.state {
            State::Received | State::Processing | State::Confirmed | State::Shipped => {
                // A step that failed without cancelling the order is not retried.
                let open = |step: &&Step| !step.state.is_done() && step.state != StepState::Failed;
                let next = self.steps.iter().find(open);
                next.map_or(Work::Nothing, |step| Work::Do(step.name))
            }
            State::Cancelling => {
                let last = self.steps.iter().rev().find(|step| step.may_have_effect());
                last.map_or(Work::Nothing, |step| Work::Undo(step.name))
            }
            State::ActionRequired => self.respond_by.map_or(Work::Nothing, Work::ExpireAt),
            State::InReview | State::Delivered | State::Cancelled => Work::Nothing,
        }
    }
}

//! What is to be done next for an order, and how an attempt at it ended.

use crate::{
    Order, Payment, Reason, Service, Shipment, State, Step, StepName, StepReason, StepState, Timestamp,
};

/// What is to be done next for an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// This step.
    Do(StepName),
    /// The undo of this step.
    Undo(StepName),
    /// The customer's time to answer ends then.
    ExpireAt(Timestamp),
    /// Nothing, by ourselves.
    Nothing,
}

impl Work {
    /// The service whose queue the work belongs to; none when there is no work.
    pub const fn service(self) -> Option<Service> {
        match self {
            Self::Do(step) | Self::Undo(step) => Some(step.service()),
            Self::ExpireAt(_) => Some(Service::Stock),
            Self::Nothing => None,
        }
    }
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

impl Order {
    /// What is to be done next.
    pub fn next_work(&self) -> Work {
        match self.state {
            State::Received | State::Processing | State::Confirmed | State::Shipped => {
                // A step that failed and did not take the order with it is not tried again.
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

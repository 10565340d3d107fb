//! The five steps of an order.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// The steps of an order, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// Reserves the items in our stock.
    ReserveStock,
    /// Holds the amount on the customer's card; nothing is charged.
    AuthorisePayment,
    /// Books a shipment with the carrier.
    ArrangeShipping,
    /// Charges the held amount. With it the order is confirmed.
    CapturePayment,
    /// Sends the receipt. It never fails an order.
    Notify,
}

/// The service that a step calls, each with a queue of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Our own stock table, which is no external service.
    Stock,
    /// The payment service.
    Payment,
    /// The carrier.
    Shipping,
    /// The mail server.
    Mail,
}

/// The state of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not started.
    Waiting,
    /// Running.
    Running,
    /// The last attempt failed; the step is retried at `next_attempt_at`.
    Retrying,
    /// Done.
    Succeeded,
    /// The customer has to answer first.
    NeedsCustomer,
    /// An operator has to decide first.
    NeedsOperator,
    /// It failed for good.
    Failed,
    /// Its effect is being undone.
    Undoing,
    /// Its effect is undone.
    Undone,
    /// Not needed for this order.
    Skipped,
}

/// Why a step is not simply done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepReason {
    /// The service does not answer.
    ServiceDown,
    /// The service answered with an error of its own.
    ServiceFault,
    /// The service asked us to come back later.
    ServiceBusy,
    /// The service received the request and did not answer in time, so its effect is unknown.
    NoAnswer,
    /// Our own attempt ended before its result was known.
    Interrupted,
    /// The bank declined the card.
    CardDeclined,
    /// The card had not enough money.
    InsufficientFunds,
    /// The card has expired.
    CardExpired,
    /// The carrier does not know the address.
    AddressUndeliverable,
    /// The carrier does not deliver there.
    Undeliverable,
    /// Something ordered is no longer in stock.
    SoldOut,
    /// The payment service marked the payment as risky.
    SuspectedFraud,
    /// The bank could not process the card; nothing was held.
    BankFault,
    /// The service refused the request in an unforeseen way.
    NotTaken,
    /// The effect could not be determined in the time allowed.
    Unresolved,
    /// The step has exhausted its time limit.
    Overdue,
    /// Our own attempts crashed too often.
    Broken,
    /// The parcel was returned.
    Returned,
    /// The service refuses our calls until somebody corrects a setting, ours or its own.
    #[serde(rename = "service_refuses_us")]
    ServiceRefusesUs,
    /// Every mail server refuses mail for the customer's address.
    #[serde(rename = "mail_refused")]
    MailRefused,
}

/// One step of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which step.
    pub name: StepName,
    /// Its state.
    pub state: StepState,
    /// How many attempts it has had.
    pub attempts: u32,
    /// How many attempts it had when the customer last answered a question about it; 0 when they never did.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts_before_mended: u32,
    /// When its first attempt started.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When it is retried, while it is `retrying`.
    pub next_attempt_at: Option<Timestamp>,
    /// Why it is not simply done.
    pub reason: Option<StepReason>,
}

impl StepName {
    /// All steps, in order.
    pub const ALL: [Self; 5] = [
        Self::ReserveStock,
        Self::AuthorisePayment,
        Self::ArrangeShipping,
        Self::CapturePayment,
        Self::Notify,
    ];

    /// Returns the service that it calls.
    pub const fn service(self) -> Service {
        match self {
            Self::ReserveStock => Service::Stock,
            Self::AuthorisePayment | Self::CapturePayment => Service::Payment,
            Self::ArrangeShipping => Service::Shipping,
            Self::Notify => Service::Mail,
        }
    }

    /// Returns its index, from 0.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReserveStock => "reserve_stock",
            Self::AuthorisePayment => "authorise_payment",
            Self::ArrangeShipping => "arrange_shipping",
            Self::CapturePayment => "capture_payment",
            Self::Notify => "notify",
        }
    }

    /// Returns the step with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }

    /// Whether its failure cancels the order. An order without a receipt is still a good order.
    pub const fn can_fail_order(self) -> bool {
        !matches!(self, Self::Notify)
    }

    /// Whether it can succeed with another answer of the customer: another card, another address.
    pub const fn customer_can_mend(self) -> bool {
        matches!(self, Self::AuthorisePayment | Self::ArrangeShipping)
    }

    /// Whether it has an effect that a cancelled order must undo. A mail cannot be unsent.
    pub const fn has_undo(self) -> bool {
        !matches!(self, Self::Notify)
    }
}

impl Service {
    /// All services, in the order in which an order passes them.
    pub const ALL: [Self; 4] = [Self::Stock, Self::Payment, Self::Shipping, Self::Mail];

    /// The name of the service and of its queue.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Payment => "payment",
            Self::Shipping => "shipping",
            Self::Mail => "mail",
        }
    }
}

impl StepReason {
    /// Every reason.
    pub const ALL: [Self; 20] = [
        Self::ServiceDown,
        Self::ServiceFault,
        Self::ServiceBusy,
        Self::NoAnswer,
        Self::Interrupted,
        Self::CardDeclined,
        Self::InsufficientFunds,
        Self::CardExpired,
        Self::AddressUndeliverable,
        Self::Undeliverable,
        Self::SoldOut,
        Self::SuspectedFraud,
        Self::BankFault,
        Self::NotTaken,
        Self::Unresolved,
        Self::Overdue,
        Self::Broken,
        Self::Returned,
        Self::ServiceRefusesUs,
        Self::MailRefused,
    ];
}

impl StepState {
    /// Whether nothing is left to do for it while the order goes forward.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Succeeded | Self::Skipped)
    }
}

impl Step {
    /// Returns a step that has not started.
    pub const fn waiting(name: StepName) -> Self {
        Self {
            name,
            state: StepState::Waiting,
            attempts: 0,
            attempts_before_mended: 0,
            started_at: None,
            finished_at: None,
            next_attempt_at: None,
            reason: None,
        }
    }

    /// Returns how many attempts it has had since the customer's last answer: what happened to another card does not
    /// matter.
    pub const fn tries(&self) -> u32 {
        self.attempts.saturating_sub(self.attempts_before_mended)
    }

    /// Whether the customer has answered a question about it: another card, another address.
    pub const fn was_mended(&self) -> bool {
        self.attempts_before_mended > 0
    }

    /// Whether it waits for a service that refuses our calls.
    pub const fn is_refused(&self) -> bool {
        matches!(self.state, StepState::Running | StepState::Retrying | StepState::Undoing)
            && matches!(self.reason, Some(StepReason::ServiceRefusesUs))
    }

    /// Whether it may have an effect that a cancelled order must undo.
    pub const fn may_have_effect(&self) -> bool {
        self.name.has_undo()
            && match self.state {
                StepState::Running | StepState::Succeeded | StepState::NeedsOperator | StepState::Undoing => {
                    true
                }
                // It may have been postponed before its first attempt.
                StepState::Retrying => self.attempts > 0,
                StepState::Waiting
                | StepState::NeedsCustomer
                | StepState::Failed
                | StepState::Undone
                | StepState::Skipped => false,
            }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
pub(crate) const fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_of_a_step_is_its_wire_form() {
        for (place, step) in StepName::ALL.into_iter().enumerate() {
            assert_eq!(serde_json::to_value(step).unwrap(), step.as_str());
            assert_eq!(StepName::from_word(step.as_str()), Some(step));
            assert_eq!(step.index(), place);
        }
    }

    #[test]
    fn the_word_of_a_service_is_its_wire_form() {
        for service in Service::ALL {
            assert_eq!(serde_json::to_value(service).unwrap(), service.as_str());
        }
    }
}

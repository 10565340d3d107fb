//! The five steps of an order.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// What is done for an order, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    /// The items are taken from stock for this order.
    ReserveStock,
    /// The amount is held on the customer's card; nothing is charged.
    AuthorisePayment,
    /// A shipment is booked with the carrier.
    ArrangeShipping,
    /// The held amount is charged. With it the order is confirmed.
    CapturePayment,
    /// The customer gets a mail. It can never fail an order.
    Notify,
}

/// The outside service (or own table) that a step talks to; each has a queue of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Our own stock table.
    Stock,
    /// The payment service.
    Payment,
    /// The carrier.
    Shipping,
    /// The mail server.
    Mail,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    /// Not begun.
    Waiting,
    /// Being done now.
    Running,
    /// It did not work; it is tried again at `next_attempt_at`.
    Retrying,
    /// Done.
    Succeeded,
    /// The customer has to mend something first.
    NeedsCustomer,
    /// An operator has to decide first.
    NeedsOperator,
    /// It cannot be done.
    Failed,
    /// Its effect is being undone.
    Undoing,
    /// Its effect is undone.
    Undone,
    /// Not needed for this order.
    Skipped,
}

/// Why a step is not simply done, as a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepReason {
    /// The service does not answer at all.
    ServiceDown,
    /// The service answered that it has a fault of its own.
    ServiceFault,
    /// The service asked us to come back later.
    ServiceBusy,
    /// The service took the request and did not answer in time, so what it did is not known yet.
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
    /// The bank could not work on the card; nothing was held.
    BankFault,
    /// The service refused what it was asked in a way that was not foreseen.
    NotTaken,
    /// What the service did could not be found out in the time for that.
    Unresolved,
    /// The step has not worked for as long as a step may take.
    Overdue,
    /// Our own work on it broke off too often.
    Broken,
    /// The parcel came back from its way to the customer.
    Returned,
    /// The service refuses our calls until somebody mends a setting, ours or its own.
    #[serde(rename = "service_refuses_us")]
    ServiceRefusesUs,
    /// No mail server takes mail for the customer's address.
    #[serde(rename = "mail_refused")]
    MailRefused,
}

/// One step of one order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which.
    pub name: StepName,
    /// How far.
    pub state: StepState,
    /// How often it was begun.
    pub attempts: u32,
    /// How often it had been begun when the customer last gave something else for it; 0 when they never did.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub attempts_before_mended: u32,
    /// When it was begun first.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// When it is tried again, while it is `retrying`.
    pub next_attempt_at: Option<Timestamp>,
    /// Why it is not simply done.
    pub reason: Option<StepReason>,
}

impl StepName {
    /// All steps in their order.
    pub const ALL: [Self; 5] = [
        Self::ReserveStock,
        Self::AuthorisePayment,
        Self::ArrangeShipping,
        Self::CapturePayment,
        Self::Notify,
    ];

    /// The service it talks to.
    pub const fn service(self) -> Service {
        match self {
            Self::ReserveStock => Service::Stock,
            Self::AuthorisePayment | Self::CapturePayment => Service::Payment,
            Self::ArrangeShipping => Service::Shipping,
            Self::Notify => Service::Mail,
        }
    }

    /// Its place, from 0.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReserveStock => "reserve_stock",
            Self::AuthorisePayment => "authorise_payment",
            Self::ArrangeShipping => "arrange_shipping",
            Self::CapturePayment => "capture_payment",
            Self::Notify => "notify",
        }
    }

    /// The step of a word, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }

    /// Whether the order stands and falls with it. An order whose receipt cannot be sent is as good as any other.
    pub const fn can_fail_order(self) -> bool {
        !matches!(self, Self::Notify)
    }

    /// Whether it can work after the customer gave something else: another card, another address.
    pub const fn customer_can_mend(self) -> bool {
        matches!(self, Self::AuthorisePayment | Self::ArrangeShipping)
    }

    /// Whether it leaves something behind that a cancelled order must undo. A mail cannot be unsent.
    pub const fn has_undo(self) -> bool {
        !matches!(self, Self::Notify)
    }
}

impl Service {
    /// All services, in the order in which an order meets them.
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
    /// Nothing more is to be done for it while the order goes forward.
    pub const fn is_done(self) -> bool {
        matches!(self, Self::Succeeded | Self::Skipped)
    }
}

impl Step {
    /// A step that has not begun.
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

    /// How often it was begun with what the customer gave last: what an earlier card did says nothing about this one.
    pub const fn tries(&self) -> u32 {
        self.attempts.saturating_sub(self.attempts_before_mended)
    }

    /// Whether the customer gave something else for it: another card, another address.
    pub const fn was_mended(&self) -> bool {
        self.attempts_before_mended > 0
    }

    /// Whether it waits for a service that refuses our calls.
    pub const fn is_refused(&self) -> bool {
        matches!(self.state, StepState::Running | StepState::Retrying | StepState::Undoing)
            && matches!(self.reason, Some(StepReason::ServiceRefusesUs))
    }

    /// Whether something may have been done outside that a cancelled order has to undo.
    pub const fn may_have_effect(&self) -> bool {
        self.name.has_undo()
            && match self.state {
                StepState::Running | StepState::Succeeded | StepState::NeedsOperator | StepState::Undoing => {
                    true
                }
                // It may have been put off before it was begun at all.
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

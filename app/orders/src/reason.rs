//! Why an order is cancelled, or what the customer is asked.

use serde::{Deserialize, Serialize};

use crate::ProblemCode;

/// Why an order is cancelled, or what the customer is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Reason {
    /// The customer cancelled it.
    #[serde(rename = "customer")]
    Customer,
    /// Something ordered was no longer in stock.
    #[serde(rename = "sold_out")]
    SoldOut,
    /// The payment could not be made.
    #[serde(rename = "payment_failed")]
    PaymentFailed,
    /// No working card was given in time.
    #[serde(rename = "payment_expired")]
    PaymentExpired,
    /// It cannot be delivered there.
    #[serde(rename = "undeliverable")]
    Undeliverable,
    /// An operator cancelled it.
    #[serde(rename = "operator")]
    Operator,
    /// It was suspected of fraud.
    #[serde(rename = "suspected_fraud")]
    SuspectedFraud,
    /// Asked: another card, because the bank declined this one.
    #[serde(rename = "card-declined")]
    AskCardDeclined,
    /// Asked: another card, because this one had not enough money.
    #[serde(rename = "insufficient-funds")]
    AskInsufficientFunds,
    /// Asked: another card, because this one has expired.
    #[serde(rename = "card-expired")]
    AskCardExpired,
    /// Asked: an address that the carrier knows.
    #[serde(rename = "address-undeliverable")]
    AskAddress,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Self; 11] = [
        Self::Customer,
        Self::SoldOut,
        Self::PaymentFailed,
        Self::PaymentExpired,
        Self::Undeliverable,
        Self::Operator,
        Self::SuspectedFraud,
        Self::AskCardDeclined,
        Self::AskInsufficientFunds,
        Self::AskCardExpired,
        Self::AskAddress,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::SoldOut => "sold_out",
            Self::PaymentFailed => "payment_failed",
            Self::PaymentExpired => "payment_expired",
            Self::Undeliverable => "undeliverable",
            Self::Operator => "operator",
            Self::SuspectedFraud => "suspected_fraud",
            Self::AskCardDeclined => "card-declined",
            Self::AskInsufficientFunds => "insufficient-funds",
            Self::AskCardExpired => "card-expired",
            Self::AskAddress => "address-undeliverable",
        }
    }

    /// Returns the reason with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == word)
    }

    /// Returns the problem of this reason; none for a cancellation on request.
    pub const fn problem(self) -> Option<ProblemCode> {
        match self {
            Self::Customer | Self::Operator => None,
            Self::SoldOut => Some(ProblemCode::SoldOut),
            Self::PaymentFailed | Self::PaymentExpired | Self::AskCardDeclined => {
                Some(ProblemCode::CardDeclined)
            }
            Self::Undeliverable => Some(ProblemCode::Undeliverable),
            Self::SuspectedFraud => Some(ProblemCode::SuspectedFraud),
            Self::AskInsufficientFunds => Some(ProblemCode::InsufficientFunds),
            Self::AskCardExpired => Some(ProblemCode::CardExpired),
            Self::AskAddress => Some(ProblemCode::AddressUndeliverable),
        }
    }
}

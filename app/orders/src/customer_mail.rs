//! The mails to a customer, and whether each is still valid.

use serde::{Deserialize, Serialize};

use crate::State;

/// A mail to the customer. It shows the order as it is when the mail is sent, in the words of the order's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerMail {
    /// The order is saved and takes longer. Sent only when the order is not confirmed a minute after it was accepted;
    /// a quicker order gets only its receipt.
    Received,
    /// The customer has to answer before a deadline.
    NeedsYou,
    /// The receipt. Sending it is a step of the order.
    Confirmed,
    /// The carrier picked the parcel up.
    Shipped,
    /// The order has ended, with what happened to the money.
    Cancelled,
}

impl CustomerMail {
    /// Every mail.
    pub const ALL: [Self; 5] =
        [Self::Received, Self::NeedsYou, Self::Confirmed, Self::Shipped, Self::Cancelled];

    /// The name, also part of the key of its sending.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::NeedsYou => "needs_you",
            Self::Confirmed => "confirmed",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the mail with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mail| mail.as_str() == word)
    }

    /// Whether the mail is valid for an order in this state. An outdated mail is not sent: a later state has a mail
    /// of its own, or needs none.
    pub const fn is_about(self, state: State) -> bool {
        match self {
            Self::Received => matches!(state, State::Received | State::Processing | State::InReview),
            Self::NeedsYou => matches!(state, State::ActionRequired),
            // A receipt stays true: it says what was bought and paid.
            Self::Confirmed => true,
            Self::Shipped => matches!(state, State::Shipped | State::Delivered),
            Self::Cancelled => matches!(state, State::Cancelled),
        }
    }
}

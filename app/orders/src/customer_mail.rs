//! The mails about an order: what calls for each, and whether it still says something that holds.

use serde::{Deserialize, Serialize};

use crate::State;

/// A mail to the customer. It tells of the order as it is when it is sent, in the words of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CustomerMail {
    /// The order is saved, and takes its time. Only for one that is not confirmed a minute after it was accepted: until
    /// then the receipt is quicker.
    Received,
    /// The customer has to mend something before a deadline.
    NeedsYou,
    /// The receipt. Sending it is a step of the order.
    Confirmed,
    /// The carrier has it.
    Shipped,
    /// It has ended, and this is what became of the money.
    Cancelled,
}

impl CustomerMail {
    /// Every letter.
    pub const ALL: [Self; 5] =
        [Self::Received, Self::NeedsYou, Self::Confirmed, Self::Shipped, Self::Cancelled];

    /// The word for it, also in the key of its sending.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::NeedsYou => "needs_you",
            Self::Confirmed => "confirmed",
            Self::Shipped => "shipped",
            Self::Cancelled => "cancelled",
        }
    }

    /// The letter of a word, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|letter| letter.as_str() == word)
    }

    /// Whether an order in this state is one that the letter is about. One that was overtaken is not sent: whatever
    /// overtook it has a letter of its own, or needs none.
    pub const fn is_about(self, state: State) -> bool {
        match self {
            Self::Received => matches!(state, State::Received | State::Processing | State::InReview),
            Self::NeedsYou => matches!(state, State::ActionRequired),
            // Whatever happened since, this is what was bought and paid.
            Self::Confirmed => true,
            Self::Shipped => matches!(state, State::Shipped | State::Delivered),
            Self::Cancelled => matches!(state, State::Cancelled),
        }
    }
}

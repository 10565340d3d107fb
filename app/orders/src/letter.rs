//! The mails about an order: what calls for each, and whether it still says something that holds.

use serde::{Deserialize, Serialize};

use crate::{Event, EventType, Order, State, StepName, StepState};

/// A mail to the customer. It tells of the order as it is when it is sent, in the words of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Letter {
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

impl Letter {
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

    /// The letter that an event calls for, if any does.
    pub const fn called_for_by(kind: EventType, state: State) -> Option<Self> {
        match (kind, state) {
            (EventType::ActionRequired, _) => Some(Self::NeedsYou),
            (EventType::StateChanged, State::Shipped) => Some(Self::Shipped),
            (EventType::Finished, State::Cancelled) => Some(Self::Cancelled),
            _ => None,
        }
    }

    /// The letter that a correction of the e-mail address calls for: where the order stands now. Nothing for an event that
    /// is no correction, nor where something else writes soon: the receipt is a step, and a cancelled order gets its own
    /// letter.
    pub fn repeated_by(event: &Event, order: &Order) -> Option<Self> {
        event.data.customer.as_ref()?;
        match order.state {
            State::Received | State::Processing | State::InReview => Some(Self::Received),
            State::ActionRequired => Some(Self::NeedsYou),
            State::Shipped => Some(Self::Shipped),
            State::Confirmed if order.step(StepName::Notify).state == StepState::Succeeded => {
                Some(Self::Confirmed)
            }
            State::Confirmed | State::Delivered | State::Cancelling | State::Cancelled => None,
        }
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

    /// Its subject: what happened, and to which order.
    pub fn subject(order: &Order) -> String {
        format!("{}: {}", order.message.heading, order.number)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::testing::{Story, asking_stories};
    use crate::{PaymentMethod, Reason, StepName};

    #[test]
    fn every_letter_has_its_word() {
        for letter in Letter::ALL {
            assert_eq!(Letter::from_word(letter.as_str()), Some(letter));
            assert_eq!(serde_json::to_value(letter).unwrap(), letter.as_str());
        }
        assert_eq!(Letter::from_word("spam"), None);
    }

    /// A parcel that went out, and orders that were asked about and then cancelled.
    fn stories() -> Vec<Story> {
        let mut sent = Story::of(PaymentMethod::Card);
        sent.rest().tell(Order::hand_over).tell(Order::deliver);
        let mut stories = asking_stories(PaymentMethod::Card);
        for story in &mut stories {
            story.cancel(Reason::Operator).rest();
        }
        stories.push(sent);
        stories.push(
            Story::of(PaymentMethod::Card).until(StepName::Notify).cancel(Reason::Customer).rest().clone(),
        );
        stories
    }

    #[test]
    fn a_letter_is_called_for_when_its_state_begins_and_at_no_other_moment() {
        let mut called_for = HashMap::new();
        for story in stories() {
            let mut before = story.received.state;
            for (event, order) in &story.versions {
                let letter = Letter::called_for_by(event.kind, event.data.state);
                let begins = match order.state {
                    same if same == before => None,
                    State::ActionRequired => Some(Letter::NeedsYou),
                    State::Shipped => Some(Letter::Shipped),
                    State::Cancelled => Some(Letter::Cancelled),
                    _ => None,
                };
                assert_eq!(letter, begins, "{story:?}");
                if let Some(letter) = letter {
                    assert!(letter.is_about(order.state));
                    *called_for.entry(letter).or_insert(0) += 1;
                }
                before = order.state;
            }
        }
        assert_eq!(called_for.len(), 3, "{called_for:?}");
    }

    #[test]
    fn a_letter_that_was_overtaken_is_about_nothing_any_more() {
        assert!(!Letter::Received.is_about(State::Confirmed));
        assert!(!Letter::NeedsYou.is_about(State::Processing));
        assert!(!Letter::Shipped.is_about(State::InReview), "it came back");
        assert!(Letter::Shipped.is_about(State::Delivered), "it tells that, too");
    }
}

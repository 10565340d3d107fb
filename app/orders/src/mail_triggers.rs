//! Which events send a mail to the customer.

use crate::{CustomerMail, Event, EventType, Order, State, StepName, StepState};

impl CustomerMail {
    /// Returns the mail that an event sends, if any.
    pub const fn called_for_by(kind: EventType, state: State) -> Option<Self> {
        match (kind, state) {
            (EventType::ActionRequired, _) => Some(Self::NeedsYou),
            (EventType::StateChanged, State::Shipped) => Some(Self::Shipped),
            (EventType::Finished, State::Cancelled) => Some(Self::Cancelled),
            _ => None,
        }
    }

    /// Returns the mail that a corrected e-mail address sends: where the order stands now. None for an event that
    /// corrects nothing, and none where another mail follows soon: the receipt is a step, and a cancelled order gets
    /// a mail of its own.
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

    /// Returns the subject of a mail: what happened, and to which order.
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
    fn every_mail_has_a_name() {
        for mail in CustomerMail::ALL {
            assert_eq!(CustomerMail::from_word(mail.as_str()), Some(mail));
            assert_eq!(serde_json::to_value(mail).unwrap(), mail.as_str());
        }
        assert_eq!(CustomerMail::from_word("spam"), None);
    }

    /// A delivered order, and orders that asked a question and were then cancelled.
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
    fn a_mail_is_sent_when_its_state_begins_and_at_no_other_time() {
        let mut called_for = HashMap::new();
        for story in stories() {
            let mut before = story.received.state;
            for (event, order) in &story.versions {
                let mail = CustomerMail::called_for_by(event.kind, event.data.state);
                let begins = match order.state {
                    same if same == before => None,
                    State::ActionRequired => Some(CustomerMail::NeedsYou),
                    State::Shipped => Some(CustomerMail::Shipped),
                    State::Cancelled => Some(CustomerMail::Cancelled),
                    _ => None,
                };
                assert_eq!(mail, begins, "{story:?}");
                if let Some(mail) = mail {
                    assert!(mail.is_about(order.state));
                    *called_for.entry(mail).or_insert(0) += 1;
                }
                before = order.state;
            }
        }
        assert_eq!(called_for.len(), 3, "{called_for:?}");
    }

    #[test]
    fn an_outdated_mail_is_not_valid_for_the_order() {
        assert!(!CustomerMail::Received.is_about(State::Confirmed));
        assert!(!CustomerMail::NeedsYou.is_about(State::Processing));
        assert!(!CustomerMail::Shipped.is_about(State::InReview), "it came back");
        assert!(CustomerMail::Shipped.is_about(State::Delivered), "it tells that, too");
    }
}

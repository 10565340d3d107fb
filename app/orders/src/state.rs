//! The state machine of an order.

use serde::{Deserialize, Serialize};

/// The state of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Durable and acknowledged; no step has started. The pipeline moves it on.
    Received,
    /// Its steps are running. `delayed` is a flag on this state, not a state.
    Processing,
    /// The customer has to answer before a deadline; the items stay reserved.
    ActionRequired,
    /// An operator has to decide.
    InReview,
    /// Stock, shipping and payment are done.
    Confirmed,
    /// The carrier has it.
    Shipped,
    /// The customer has it. Final.
    Delivered,
    /// Its effects are being undone.
    Cancelling,
    /// Its effects are undone. Final.
    Cancelled,
}

/// What can happen to an order as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Transition {
    /// The first step starts.
    Begin,
    /// The customer is asked.
    Ask,
    /// An operator is asked.
    Review,
    /// The question is answered; the steps go on.
    Resume,
    /// The last step before the shipment is done, or a returned parcel goes out again.
    Confirm,
    /// The carrier picked it up.
    HandOver,
    /// The carrier delivered it.
    Deliver,
    /// The order is cancelled.
    Cancel,
    /// The last undo is done.
    FinishCancel,
}

/// The state does not allow the transition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an order that is {from:?} cannot {transition:?}")]
pub struct Refused {
    /// The state of the order.
    pub from: State,
    /// The refused transition.
    pub transition: Transition,
}

impl Transition {
    /// Every transition.
    pub const ALL: [Self; 9] = [
        Self::Begin,
        Self::Ask,
        Self::Review,
        Self::Resume,
        Self::Confirm,
        Self::HandOver,
        Self::Deliver,
        Self::Cancel,
        Self::FinishCancel,
    ];
}

impl State {
    /// Every state, in the order of an order's life.
    pub const ALL: [Self; 9] = [
        Self::Received,
        Self::Processing,
        Self::ActionRequired,
        Self::InReview,
        Self::Confirmed,
        Self::Shipped,
        Self::Delivered,
        Self::Cancelling,
        Self::Cancelled,
    ];

    /// Returns the state after a transition, or a refusal.
    pub const fn after(self, transition: Transition) -> Result<Self, Refused> {
        use State as S;
        use Transition as T;
        Ok(match (self, transition) {
            (S::Received, T::Begin) => S::Processing,
            (S::Processing, T::Ask) => S::ActionRequired,
            (S::Processing | S::Confirmed | S::Shipped, T::Review) => S::InReview,
            (S::ActionRequired | S::InReview, T::Resume) => S::Processing,
            // A returned parcel goes out again.
            (S::Processing | S::InReview, T::Confirm) => S::Confirmed,
            (S::Confirmed, T::HandOver) => S::Shipped,
            // A carrier may report the delivery before the pick-up.
            (S::Confirmed | S::Shipped, T::Deliver) => S::Delivered,
            (S::Received | S::Processing | S::ActionRequired | S::InReview | S::Confirmed, T::Cancel) => {
                S::Cancelling
            }
            (S::Cancelling, T::FinishCancel) => S::Cancelled,
            (from, transition) => return Err(Refused { from, transition }),
        })
    }

    /// Whether one event may lead from here to `next`: by staying, by one transition, or by cancelling with nothing
    /// to undo.
    pub fn may_become(self, next: Self) -> bool {
        let step = |from: Self| Transition::ALL.into_iter().filter_map(move |t| from.after(t).ok());
        self == next
            || step(self).any(|reached| reached == next)
            || next == Self::Cancelled && step(self).any(|reached| reached == Self::Cancelling)
    }

    /// Whether it is final.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Delivered | Self::Cancelled)
    }

    /// Whether Docket works on the order, so that it changes by itself.
    pub const fn is_moving(self) -> bool {
        matches!(self, Self::Received | Self::Processing | Self::Cancelling)
    }

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Processing => "processing",
            Self::ActionRequired => "action_required",
            Self::InReview => "in_review",
            Self::Confirmed => "confirmed",
            Self::Shipped => "shipped",
            Self::Delivered => "delivered",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the state with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::{State as S, Transition as T, *};

    #[test]
    fn exactly_the_documented_transitions_exist() {
        let drawn = [
            (S::Received, T::Begin, S::Processing),
            (S::Received, T::Cancel, S::Cancelling),
            (S::Processing, T::Ask, S::ActionRequired),
            (S::Processing, T::Review, S::InReview),
            (S::Processing, T::Confirm, S::Confirmed),
            (S::Processing, T::Cancel, S::Cancelling),
            (S::ActionRequired, T::Resume, S::Processing),
            (S::ActionRequired, T::Cancel, S::Cancelling),
            (S::InReview, T::Resume, S::Processing),
            (S::InReview, T::Confirm, S::Confirmed),
            (S::InReview, T::Cancel, S::Cancelling),
            (S::Confirmed, T::Review, S::InReview),
            (S::Confirmed, T::HandOver, S::Shipped),
            (S::Confirmed, T::Deliver, S::Delivered),
            (S::Confirmed, T::Cancel, S::Cancelling),
            (S::Shipped, T::Review, S::InReview),
            (S::Shipped, T::Deliver, S::Delivered),
            (S::Cancelling, T::FinishCancel, S::Cancelled),
        ];
        for from in S::ALL {
            for transition in T::ALL {
                let expected = drawn
                    .iter()
                    .find(|(f, t, _)| (*f, *t) == (from, transition))
                    .map(|(_, _, to)| *to)
                    .ok_or(Refused { from, transition });
                assert_eq!(from.after(transition), expected, "{from:?} {transition:?}");
            }
        }
    }

    #[test]
    fn nothing_leaves_a_final_state() {
        for state in S::ALL.into_iter().filter(|s| s.is_final()) {
            assert!(T::ALL.into_iter().all(|t| state.after(t).is_err()));
        }
    }

    #[test]
    fn one_event_makes_at_most_one_transition_except_for_an_end_with_nothing_to_undo() {
        assert!(S::Received.may_become(S::Received) && S::Received.may_become(S::Processing));
        assert!(S::Received.may_become(S::Cancelled));
        assert!(!S::Received.may_become(S::Confirmed) && !S::Shipped.may_become(S::Cancelled));
        assert!(!S::Cancelled.may_become(S::Processing) && !S::Delivered.may_become(S::Cancelled));
    }

    #[test]
    fn the_word_of_a_state_is_its_wire_form() {
        for state in S::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str());
            assert_eq!(S::from_word(state.as_str()), Some(state));
        }
    }
}

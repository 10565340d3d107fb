//! How the report groups and finds orders.

use orders::{Order, State};

/// The three groups of the report, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The customer has to do something.
    NeedsYou,
    /// It goes on by itself.
    InProgress,
    /// Nothing more is to be waited for here.
    Done,
}

impl Group {
    /// Every group, the most urgent first.
    pub const ALL: [Self; 3] = [Self::NeedsYou, Self::InProgress, Self::Done];

    /// The group of an order.
    pub fn of(order: &Order) -> Self {
        match order.state {
            State::ActionRequired => Self::NeedsYou,
            State::Received | State::Processing | State::InReview | State::Cancelling => Self::InProgress,
            State::Confirmed | State::Shipped | State::Delivered | State::Cancelled => Self::Done,
        }
    }

    /// The word in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsYou => "needs-you",
            Self::InProgress => "in-progress",
            Self::Done => "done",
        }
    }

    /// The words above its orders.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NeedsYou => "Needs you",
            Self::InProgress => "In progress",
            Self::Done => "Done",
        }
    }

    /// The group of a word, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.as_str() == word)
    }
}

/// Whether an order is meant by what somebody typed: its number, as people write it, or part of a product's name.
pub fn matches(order: &Order, words: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace(['-', ' '], "");
    let wanted = plain(words);
    wanted.is_empty()
        || plain(&order.number.to_string()).contains(&wanted)
        || order.lines.iter().any(|line| plain(&line.name).contains(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::order;

    #[test]
    fn every_state_is_in_one_group_and_every_group_has_its_word() {
        let group_of = |state| {
            let mut order = order();
            order.state = state;
            Group::of(&order)
        };
        assert_eq!(group_of(State::ActionRequired), Group::NeedsYou);
        assert_eq!(group_of(State::InReview), Group::InProgress, "the customer cannot do anything about it");
        assert_eq!(group_of(State::Confirmed), Group::Done);
        for group in Group::ALL {
            assert_eq!(Group::from_word(group.as_str()), Some(group));
        }
    }

    #[test]
    fn an_order_is_found_by_its_number_or_by_what_is_in_it() {
        let order = order();
        let number = order.number.to_string();
        for words in
            ["", "  ", "blue", "MUG", &number, &number.to_lowercase().replace('-', " "), &number[..3]]
        {
            assert!(matches(&order, words), "{words}");
        }
        assert!(!matches(&order, "teapot"));
    }
}

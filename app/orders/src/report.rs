//! The report: a shopper's orders in groups by who has to act next, and searching them.
//!
//! The server finds orders, and the browser sorts in what changes meanwhile, by the same rules.

use serde::{Deserialize, Serialize};

use crate::{Order, OrderNumber, State};

/// How many orders of a group one page searches for words.
pub const LOOKED_THROUGH: u32 = 5_000;

/// The three groups of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    /// The customer has to act.
    NeedsYou,
    /// It goes on by itself.
    InProgress,
    /// Nothing more will happen.
    Done,
}

/// The words of a search; empty finds every order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words(Vec<String>);

/// Which orders of a group to list, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupQuery {
    /// The group.
    pub group: Group,
    /// Only orders that match these words.
    pub words: Words,
    /// Only orders before this one.
    pub before: Option<OrderNumber>,
    /// The page size.
    pub limit: u32,
}

/// A page of a group, newest first.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct GroupPage {
    /// The orders.
    pub orders: Vec<Order>,
    /// How many older orders match.
    pub older: u32,
    /// Continue before this order; none when every order was searched.
    pub next: Option<OrderNumber>,
}

impl Group {
    /// Every group, the most urgent first.
    pub const ALL: [Self; 3] = [Self::NeedsYou, Self::InProgress, Self::Done];

    /// Returns the group of orders in a state.
    pub const fn of(state: State) -> Self {
        match state {
            State::ActionRequired => Self::NeedsYou,
            State::Received | State::Processing | State::InReview | State::Cancelling => Self::InProgress,
            State::Confirmed | State::Shipped | State::Delivered | State::Cancelled => Self::Done,
        }
    }

    /// The name in addresses.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NeedsYou => "needs-you",
            Self::InProgress => "in-progress",
            Self::Done => "done",
        }
    }

    /// The heading of the group.
    pub const fn title(self) -> &'static str {
        match self {
            Self::NeedsYou => "Needs you",
            Self::InProgress => "In progress",
            Self::Done => "Done",
        }
    }

    /// Returns the group with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.as_str() == word)
    }
}

impl Words {
    /// Returns the words of a typed search.
    pub fn of(typed: &str) -> Self {
        Self(typed.split_ascii_whitespace().map(plain).filter(|word| !word.is_empty()).collect())
    }

    /// Whether there are no words.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an order matches: every word is a part of its number, as people write it, or of a product's name.
    pub fn mean<'a>(&self, number: OrderNumber, names: impl Iterator<Item = &'a str>) -> bool {
        if self.is_empty() {
            return true;
        }
        let number = plain(&number.to_string());
        let names: Vec<String> = names.map(plain).collect();
        // A number has none of the letters that look like digits.
        let digit = |c| match c {
            'o' => '0',
            'i' | 'l' => '1',
            c => c,
        };
        self.0.iter().all(|word| {
            number.contains(&word.chars().map(digit).collect::<String>())
                || names.iter().any(|name| name.contains(word.as_str()))
        })
    }

    /// Whether this order matches.
    pub fn mean_order(&self, order: &Order) -> bool {
        self.mean(order.number, order.lines.iter().map(|line| line.name.as_str()))
    }
}

/// Returns a text in lower case, without dashes and quotes of any kind.
fn plain(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric() || c.is_whitespace()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_in_one_group_and_every_group_has_its_word() {
        assert_eq!(Group::of(State::ActionRequired), Group::NeedsYou);
        assert_eq!(Group::of(State::InReview), Group::InProgress, "the customer cannot do anything about it");
        assert_eq!(Group::of(State::Confirmed), Group::Done);
        for group in Group::ALL {
            assert_eq!(Group::from_word(group.as_str()), Some(group));
            assert!(State::ALL.into_iter().any(|state| Group::of(state) == group));
        }
        assert_eq!(Group::from_word(""), None);
    }

    #[test]
    fn an_order_is_found_by_parts_of_its_number_and_of_what_is_in_it() {
        let number: OrderNumber = "7K3-M01".parse().unwrap();
        let means = |typed| Words::of(typed).mean(number, ["Blue mug", "Crème T-shirt"].into_iter());
        let numbers = ["7K3-M01", "7k3 m01", "7K3M01", "#7k3", "m-0", "3MO", "mol", "01"];
        let names = ["blue", "MUG", "Blue mug", "mug blue", "'blue'", "tshirt", "CRÈME", "shirt 7k3"];
        for typed in ["", "  ", "-"].into_iter().chain(numbers).chain(names) {
            assert!(means(typed), "{typed}");
        }
        for typed in ["teapot", "blue teapot", "7K3-M02", "creme"] {
            assert!(!means(typed), "{typed}");
        }
    }
}

//! The evidence that the checker reads, the invariants, and their violations.

use std::fmt;

use crate::final_state::FinalState;
use crate::history::Operations;

/// The input of the checker.
#[derive(Debug, Default, Clone)]
pub struct Evidence {
    /// The requests and their outcomes.
    pub operations: Operations,
    /// The state at the end.
    pub final_state: FinalState,
}

/// The twelve invariants, numbered as in the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    NothingAcknowledgedIsLost = 1,
    NoPhantoms,
    NothingRefusedIsKept,
    OneOrderPerKey,
    MoneyMovesOnce,
    SumsAgree,
    StockIsConserved,
    NothingIsStuck,
    OnlyLegalTransitions,
    WatchersAgree,
    NothingIsLeftOver,
    TheDatabaseIsSound,
}

/// A violation of an invariant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub invariant: Invariant,
    /// Which order or key violates it, and how.
    pub description: String,
}

/// The violations found so far.
#[derive(Debug, Default)]
pub struct Violations {
    pub(super) violations: Vec<Violation>,
}

impl Violations {
    /// Adds a violation.
    pub(super) fn add(&mut self, invariant: Invariant, description: impl fmt::Display) {
        self.violations.push(Violation { invariant, description: description.to_string() });
    }
}

impl Invariant {
    /// Returns its statement.
    pub const fn statement(self) -> &'static str {
        match self {
            Self::NothingAcknowledgedIsLost => "every acknowledged order exists",
            Self::NoPhantoms => "every order was submitted",
            Self::NothingRefusedIsKept => "no refused order exists",
            Self::OneOrderPerKey => "one key makes one order, and all replies for it agree",
            Self::MoneyMovesOnce => "an order is charged in full and once, or not at all",
            Self::SumsAgree => "Docket agrees with the ledgers of payment service and carrier",
            Self::StockIsConserved => "stock is conserved and never negative",
            Self::NothingIsStuck => "every order has ended or visibly waits for a person",
            Self::OnlyLegalTransitions => "transitions are legal, and versions have no gap",
            Self::WatchersAgree => "the orders of watchers equal those that GET returns",
            Self::NothingIsLeftOver => "no work is open",
            Self::TheDatabaseIsSound => "the database is sound, and its WAL is bounded",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.invariant as u8, self.invariant.statement(), self.description)
    }
}

//! The evidence that the checker reads, the invariants, and their violations.

use std::fmt;

use crate::final_state::FinalState;
use crate::history::Operations;

/// What the checker reads.
#[derive(Debug, Default, Clone)]
pub struct Evidence {
    /// The requests and their answers.
    pub operations: Operations,
    /// The state at the end.
    pub final_state: FinalState,
}

/// The twelve, in the order of their table.
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

/// A violated invariant, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub invariant: Invariant,
    pub what: String,
}

/// The violations found so far.
#[derive(Debug, Default)]
pub struct Violations {
    pub(super) violations: Vec<Violation>,
}

impl Violations {
    pub(super) fn breaks(&mut self, invariant: Invariant, what: impl fmt::Display) {
        self.violations.push(Violation { invariant, what: what.to_string() });
    }
}

impl Invariant {
    /// Returns what it promises.
    pub const fn promise(self) -> &'static str {
        match self {
            Self::NothingAcknowledgedIsLost => "what was acknowledged is there",
            Self::NoPhantoms => "what is there was asked for",
            Self::NothingRefusedIsKept => "what was refused is not there",
            Self::OneOrderPerKey => "one key makes one order, and every reply for it agrees",
            Self::MoneyMovesOnce => "an order is charged in full and once, or not at all",
            Self::SumsAgree => "the books of Docket agree with those of payment service and carrier",
            Self::StockIsConserved => "stock is conserved and never negative",
            Self::NothingIsStuck => "every order has ended or waits visibly for somebody",
            Self::OnlyLegalTransitions => "only legal transitions, versions without a gap",
            Self::WatchersAgree => "what watchers fold is what GET shows",
            Self::NothingIsLeftOver => "no work is left",
            Self::TheDatabaseIsSound => "the database is sound and its log bounded",
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.invariant as u8, self.invariant.promise(), self.what)
    }
}

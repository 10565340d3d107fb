//! The findings of a check, by rule.

use std::vec;

/// How many violations of one rule are reported; the others are counted.
const MAX_REPORTED: usize = 1_000;

/// An invariant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// SQLite's integrity check.
    Soundness,
    /// Foreign keys.
    References,
    /// Versions and their events.
    Versions,
    /// Orders and the result of their events.
    Events,
    /// Prices and payments.
    Money,
    /// Reserved stock.
    Reservations,
    /// Every open order has work.
    Work,
    /// The event log.
    Log,
    /// Jobs and their orders.
    Jobs,
    /// The stock of products.
    Shelves,
    /// The counters of the desk.
    Counts,
}

/// The result of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// How many things were checked.
    pub checked: u64,
    /// The violations, each a sentence that starts with its subject.
    pub violations: Vec<String>,
    /// How many more there are.
    pub more: u64,
}

impl Rule {
    /// Returns what is checked, in the plural.
    pub const fn subject(self) -> &'static str {
        match self {
            Self::Soundness => "pages",
            Self::References => "reservations",
            Self::Versions | Self::Events | Self::Money | Self::Reservations | Self::Work => "orders",
            Self::Log => "events",
            Self::Jobs => "jobs",
            Self::Shelves => "products",
            Self::Counts => "states",
        }
    }

    /// Returns the invariant as a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Soundness => "the file is sound",
            Self::References => "what is referred to is there",
            Self::Versions => "versions rise by one from the first, each with its event",
            Self::Events => "each is what its events made of it, one lawful change after the other",
            Self::Money => {
                "each costs what its lines cost, and has the money that its state says and no other"
            }
            Self::Reservations => "stock is set aside for those that hold it and for no other",
            Self::Work => "each is over, or has its one job, or waits for a person who can see it",
            Self::Log => "the log has no hole and tells of no order that is not there",
            Self::Jobs => "each is about an order that is there, under that order's exclusive key",
            Self::Shelves => "no stock is below zero",
            Self::Counts => "as many orders are counted in each as there are",
        }
    }
}

impl Finding {
    pub(super) const fn of(rule: Rule) -> Self {
        Self { rule, checked: 0, violations: Vec::new(), more: 0 }
    }

    /// Whether there are no violations.
    pub fn is_good(&self) -> bool {
        self.violations.is_empty()
    }

    /// Returns the number of violations.
    pub fn count(&self) -> u64 {
        self.violations.len() as u64 + self.more
    }

    pub(super) fn add(&mut self, violation: String) {
        if self.violations.len() < MAX_REPORTED {
            self.violations.push(violation);
        } else {
            self.more += 1;
        }
    }
}

/// The findings about orders, which are made together.
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn of_orders() -> Self {
        let rules = [Rule::Versions, Rule::Events, Rule::Money, Rule::Reservations, Rule::Work];
        Self(rules.map(Finding::of).into())
    }

    /// Counts one more order.
    pub(super) fn count(&mut self) {
        self.0.iter_mut().for_each(|finding| finding.checked += 1);
    }

    pub(super) fn add(&mut self, rule: Rule, violation: String) {
        if let Some(finding) = self.0.iter_mut().find(|finding| finding.rule == rule) {
            finding.add(violation);
        }
    }
}

impl IntoIterator for Findings {
    type Item = Finding;
    type IntoIter = vec::IntoIter<Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

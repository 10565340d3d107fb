//! What a check found, rule by rule.

use std::vec;

/// No more than so many violations of one rule are told; the others are counted.
const TOLD: usize = 1_000;

/// Something that must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// The file is sound.
    Soundness,
    /// What is referred to is there.
    References,
    /// Versions and their events.
    Versions,
    /// Orders and what their events made of them.
    Events,
    /// What orders cost, and whether it was paid.
    Money,
    /// What orders hold of the stock.
    Reservations,
    /// That no order is forgotten.
    Work,
    /// The log of all events.
    Log,
    /// What jobs are about.
    Jobs,
    /// What the shop has.
    Shelves,
    /// The kept numbers.
    Counts,
}

/// How a rule is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub rule: Rule,
    /// So many things were looked at.
    pub looked_at: u64,
    /// The violations, each a sentence that begins with what is meant.
    pub violations: Vec<String>,
    /// So many more there are.
    pub more: u64,
}

impl Rule {
    /// What is looked at, in the plural.
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

    /// What holds when it is kept.
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
        Self { rule, looked_at: 0, violations: Vec::new(), more: 0 }
    }

    /// Whether the rule is kept.
    pub fn is_good(&self) -> bool {
        self.violations.is_empty()
    }

    /// How often it is not.
    pub fn count(&self) -> u64 {
        self.violations.len() as u64 + self.more
    }

    pub(super) fn add(&mut self, violation: String) {
        if self.violations.len() < TOLD {
            self.violations.push(violation);
        } else {
            self.more += 1;
        }
    }
}

/// The findings about orders, which are made side by side.
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    pub(super) fn of_orders() -> Self {
        let rules = [Rule::Versions, Rule::Events, Rule::Money, Rule::Reservations, Rule::Work];
        Self(rules.map(Finding::of).into())
    }

    /// One order more is looked at.
    pub(super) fn count(&mut self) {
        self.0.iter_mut().for_each(|finding| finding.looked_at += 1);
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

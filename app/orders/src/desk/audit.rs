//! The audit: what operators did.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// An operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// `key_…` for an API key; never the key itself.
    pub id: String,
    /// Its name at the time of the action.
    pub name: String,
}

/// The actions of operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Act {
    /// An order in review was approved.
    #[serde(rename = "order.approve")]
    ApproveOrder,
    /// An order was cancelled.
    #[serde(rename = "order.cancel")]
    CancelOrder,
    /// A parcel was handed to the carrier.
    #[serde(rename = "order.hand-over")]
    HandOverOrder,
    /// A parcel was delivered.
    #[serde(rename = "order.deliver")]
    DeliverOrder,
    /// The private link of an order was replaced.
    #[serde(rename = "order.replace-link")]
    ReplaceLink,
    /// A quarantined job was retried.
    #[serde(rename = "job.retry")]
    RetryJob,
    /// A job was discarded.
    #[serde(rename = "job.discard")]
    DiscardJob,
    /// A queue was paused.
    #[serde(rename = "queue.pause")]
    PauseQueue,
    /// A queue was resumed.
    #[serde(rename = "queue.resume")]
    ResumeQueue,
}

/// The result of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was already so.
    Unchanged,
    /// It was refused; nothing changed.
    Refused,
}

/// One action of one operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Operator,
    /// What.
    pub act: Act,
    /// The subject: the id of an order or a job, or the name of a queue.
    pub subject: String,
    /// The result.
    pub outcome: Outcome,
    /// Why it was refused, or the reason that the operator gave.
    pub detail: Option<String>,
}

/// An entry as it is stored in the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Its position; later entries have higher ones.
    pub id: i64,
    /// The entry.
    #[serde(flatten)]
    pub entry: AuditEntry,
}

/// Which entries to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only entries with this subject.
    pub subject: Option<String>,
    /// The page size: 50 by default, at most 100.
    pub page_size: Option<u32>,
    /// The `next_page_token` of the previous page.
    pub page_token: Option<String>,
}

/// A page of entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The entries, newest first.
    pub audit: Vec<AuditRecord>,
    /// The token of the next page; none on the last.
    pub next_page_token: Option<String>,
}

impl Act {
    /// Every action.
    pub const ALL: [Self; 9] = [
        Self::ApproveOrder,
        Self::CancelOrder,
        Self::HandOverOrder,
        Self::DeliverOrder,
        Self::ReplaceLink,
        Self::RetryJob,
        Self::DiscardJob,
        Self::PauseQueue,
        Self::ResumeQueue,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ApproveOrder => "order.approve",
            Self::CancelOrder => "order.cancel",
            Self::HandOverOrder => "order.hand-over",
            Self::DeliverOrder => "order.deliver",
            Self::ReplaceLink => "order.replace-link",
            Self::RetryJob => "job.retry",
            Self::DiscardJob => "job.discard",
            Self::PauseQueue => "queue.pause",
            Self::ResumeQueue => "queue.resume",
        }
    }

    /// Returns the action with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == word)
    }
}

impl Outcome {
    /// Every result.
    pub const ALL: [Self; 3] = [Self::Done, Self::Unchanged, Self::Refused];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }

    /// Returns the result with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_acts_and_outcomes_are_their_wire_forms() {
        for act in Act::ALL {
            assert_eq!(serde_json::to_value(act).unwrap(), act.as_str());
            assert_eq!(Act::from_word(act.as_str()), Some(act));
        }
        for outcome in Outcome::ALL {
            assert_eq!(serde_json::to_value(outcome).unwrap(), outcome.as_str());
            assert_eq!(Outcome::from_word(outcome.as_str()), Some(outcome));
        }
    }
}

//! What operators did: who, what, to what, when, and what came of it.

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Who acts at the desk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// `key_…` for an API key; never the key itself.
    pub id: String,
    /// What it was called when it acted.
    pub name: String,
}

/// The acts of operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Act {
    /// A review ended well: the order goes on.
    #[serde(rename = "order.approve")]
    ApproveOrder,
    /// An order was ended.
    #[serde(rename = "order.cancel")]
    CancelOrder,
    /// A parcel was given to the carrier.
    #[serde(rename = "order.hand-over")]
    HandOverOrder,
    /// A parcel has arrived.
    #[serde(rename = "order.deliver")]
    DeliverOrder,
    /// The private link of an order was replaced.
    #[serde(rename = "order.replace-link")]
    ReplaceLink,
    /// A quarantined job got another chance.
    #[serde(rename = "job.retry")]
    RetryJob,
    /// A job was dropped.
    #[serde(rename = "job.discard")]
    DiscardJob,
    /// A queue hands out no more work.
    #[serde(rename = "queue.pause")]
    PauseQueue,
    /// A queue hands out work again.
    #[serde(rename = "queue.resume")]
    ResumeQueue,
}

/// What came of an act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was so already.
    Unchanged,
    /// It was refused; nothing was changed.
    Refused,
}

/// One act of one operator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Operator,
    /// What.
    pub act: Act,
    /// To what: the id of an order or a job, or the name of a queue.
    pub subject: String,
    /// What came of it.
    pub outcome: Outcome,
    /// Why it was refused, or the reason that was given.
    pub detail: Option<String>,
}

/// A deed as it stands in the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Its place; later deeds have higher ones.
    pub id: i64,
    /// What was done.
    #[serde(flatten)]
    pub entry: AuditEntry,
}

/// Which deeds to list, newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditQuery {
    /// Only what was done to this order, job or queue.
    pub subject: Option<String>,
    /// How many at once; 50 without a word, at most 100.
    pub page_size: Option<u32>,
    /// Where the page before ended.
    pub page_token: Option<String>,
}

/// Some deeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditPage {
    /// The deeds, newest first.
    pub audit: Vec<AuditRecord>,
    /// How to get the next page; none on the last.
    pub next_page_token: Option<String>,
}

impl Act {
    /// Every act.
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

    /// The word on the wire and in the database.
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

    /// The act of a word, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == word)
    }
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Done, Self::Unchanged, Self::Refused];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }

    /// The outcome of a word, if there is one.
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

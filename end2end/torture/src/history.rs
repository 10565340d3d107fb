//! The history: requests to Docket and their answers, in the memory of the rig, so that a crash of Docket loses none.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::ops::Range;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use orders::{Money, Order, OrderId, OrderNumber, Timestamp};
use serde_json::json;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::measure::percentile;
use crate::workload::OrderPlan;

/// The outcome of a request, as far as its caller knows.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was accepted; the order in the response.
    Acknowledged(Box<Order>),
    /// It was refused, so it had no effect.
    Refused { status: u16, code: String, has_retry_after: bool },
    /// It may have had an effect.
    Unknown(String),
    /// It was not sent.
    NotSent(String),
}

/// The fields in which all replies for one key must agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub id: OrderId,
    pub number: OrderNumber,
    pub created_at: Timestamp,
    pub total: Money,
}

/// All requests with one idempotency key.
#[derive(Debug, Clone)]
pub struct Submission {
    pub plan: OrderPlan,
    /// One for each acknowledgement.
    pub replies: Vec<Reply>,
    /// The order in the reply with the lowest version.
    pub first: Option<Box<Order>>,
    pub refused: u32,
    pub unknown: u32,
}

/// The combined outcome of all requests with one key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionState {
    Acknowledged,
    Unknown,
    Refused,
    NeverSent,
}

/// All requests so far, and their outcomes.
#[derive(Debug, Default, Clone)]
pub struct Operations {
    pub submissions: BTreeMap<String, Submission>,
    /// The key for which an order was first acknowledged.
    pub keys: BTreeMap<OrderId, String>,
    /// Cancelled orders, and whether the cancellation was acknowledged or refused, if known.
    pub cancellations: BTreeMap<OrderId, Option<bool>>,
    /// Orders for which another card or address was accepted.
    pub corrected: BTreeSet<OrderId>,
    /// When each acknowledgement arrived, since the start of the history, and its latency.
    pub accepted: Vec<(Duration, Duration)>,
    /// The number of refusals by problem code.
    pub refusals: BTreeMap<String, u64>,
    /// Answers that no state of Docket permits, each a sentence.
    pub wrong_answers: Vec<String>,
}

/// The history of a driver: in memory for the checker, and in a file for readers.
#[derive(Debug)]
pub struct History {
    began: Instant,
    operations: Mutex<Operations>,
    acknowledgements: watch::Sender<u64>,
    file: Mutex<BufWriter<File>>,
}

impl Submission {
    /// Returns a submission without requests.
    pub fn of(plan: OrderPlan) -> Self {
        Self { plan, replies: Vec::new(), first: None, refused: 0, unknown: 0 }
    }

    /// Returns the combined outcome: an acknowledgement outweighs an unknown outcome, which outweighs a refusal.
    pub fn state(&self) -> SubmissionState {
        match (self.replies.is_empty(), self.unknown, self.refused) {
            (false, ..) => SubmissionState::Acknowledged,
            (true, 1.., _) => SubmissionState::Unknown,
            (true, 0, 1..) => SubmissionState::Refused,
            (true, 0, 0) => SubmissionState::NeverSent,
        }
    }

    /// Records the outcome of one request.
    pub fn record(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Acknowledged(order) => {
                self.replies.push(Reply {
                    id: order.id,
                    number: order.number,
                    created_at: order.created_at,
                    total: order.total,
                });
                if self.first.as_ref().is_none_or(|first| first.version > order.version) {
                    self.first = Some(order.clone());
                }
            }
            Outcome::Refused { .. } => self.refused += 1,
            Outcome::Unknown(_) => self.unknown += 1,
            Outcome::NotSent(_) => {}
        }
    }
}

impl History {
    /// Creates an empty history, whose entries are also written to `file`.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn create(file: &Path) -> std::io::Result<Self> {
        let file = BufWriter::new(File::create(file)?);
        let acknowledgements = watch::Sender::new(0);
        Ok(Self {
            began: Instant::now(),
            operations: Mutex::default(),
            acknowledgements,
            file: Mutex::new(file),
        })
    }

    /// Records a submission before it is sent.
    pub fn submitting(&self, key: &str, plan: &OrderPlan) {
        self.log(&json!({"op": "submit", "key": key, "plan": plan.to_string()}));
        self.operations().submissions.entry(key.to_owned()).or_insert_with(|| Submission::of(plan.clone()));
    }

    /// Records the outcome of a submission and its latency.
    pub fn submitted(&self, key: &str, outcome: &Outcome, took: Duration) {
        self.log(
            &json!({"op": "submitted", "key": key, "outcome": summary(outcome), "ms": took.as_millis()}),
        );
        let mut operations = self.operations();
        operations.count_refusal(outcome);
        if let Outcome::Acknowledged(order) = outcome {
            operations.accepted.push((self.began.elapsed(), took));
            operations.keys.entry(order.id).or_insert_with(|| key.to_owned());
            self.acknowledgements.send_modify(|count| *count += 1);
        }
        if let Some(submission) = operations.submissions.get_mut(key) {
            submission.record(outcome);
        }
    }

    /// Records a cancellation before it is sent.
    pub fn cancelling(&self, id: OrderId) {
        self.operations().cancellations.entry(id).or_insert(None);
    }

    /// Records the outcome of a cancellation.
    pub fn cancelled(&self, id: OrderId, outcome: &Outcome) {
        self.log(&json!({"op": "cancelled", "order": id.to_string(), "outcome": summary(outcome)}));
        let mut operations = self.operations();
        operations.count_refusal(outcome);
        let was_accepted = match outcome {
            Outcome::Acknowledged(_) => Some(true),
            Outcome::Refused { status: 409, .. } => Some(false),
            _ => None,
        };
        operations.cancellations.insert(id, was_accepted);
    }

    /// Records the outcome of giving another card or address.
    pub fn corrected(&self, id: OrderId, outcome: &Outcome) {
        self.log(&json!({"op": "corrected", "order": id.to_string(), "outcome": summary(outcome)}));
        let mut operations = self.operations();
        operations.count_refusal(outcome);
        if let Outcome::Acknowledged(_) = outcome {
            operations.corrected.insert(id);
        }
    }

    /// Records an answer that no state of Docket permits.
    pub fn wrong_answer(&self, description: String) {
        self.log(&json!({"op": "wrong-answer", "description": description}));
        self.operations().wrong_answers.push(description);
    }

    /// Records a fault or a step of the rig, for readers of the file.
    pub fn annotate(&self, text: &str) {
        self.log(&json!({"op": "annotation", "text": text}));
    }

    /// Returns the order as first answered, to which watchers apply events.
    pub fn first_answer(&self, id: OrderId) -> Option<Order> {
        let operations = self.operations();
        let first = operations.submissions.get(operations.keys.get(&id)?)?.first.as_deref();
        first.filter(|order| order.id == id).cloned()
    }

    /// Returns the time since its start.
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Returns the number of keys with this outcome.
    pub fn count(&self, state: SubmissionState) -> usize {
        self.operations().submissions.values().filter(|submission| submission.state() == state).count()
    }

    /// Returns a receiver of the growing number of acknowledgements.
    pub fn acknowledgements(&self) -> watch::Receiver<u64> {
        self.acknowledgements.subscribe()
    }

    /// Returns a copy of the operations.
    pub fn read(&self) -> Operations {
        self.operations().clone()
    }

    fn operations(&self) -> MutexGuard<'_, Operations> {
        self.operations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self, entry: &serde_json::Value) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // The checker reads the memory, so a failed write does no harm.
        drop(writeln!(file, "{:.3} {entry}", self.began.elapsed().as_secs_f64()));
    }
}

impl Operations {
    /// Returns the submissions with this outcome.
    pub fn in_state(&self, state: SubmissionState) -> impl Iterator<Item = (&String, &Submission)> {
        self.submissions.iter().filter(move |(_, submission)| submission.state() == state)
    }

    /// Returns the 99th percentile of the latency of acknowledgements between two times.
    pub fn p99(&self, between: Range<Duration>) -> Duration {
        let accepted = self.accepted.iter().filter(|(at, _)| between.contains(at));
        percentile(&accepted.map(|(_, took)| *took).collect::<Vec<_>>(), 0.99)
    }

    fn count_refusal(&mut self, outcome: &Outcome) {
        let Outcome::Refused { status, code, has_retry_after } = outcome else { return };
        *self.refusals.entry(code.clone()).or_default() += 1;
        if matches!(status, 429 | 503) && !has_retry_after {
            self.wrong_answers.push(format!("{status} {code} has no Retry-After header"));
        }
    }
}

fn summary(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Acknowledged(order) => format!("ok {} v{}", order.id, order.version),
        Outcome::Refused { status, code, .. } => format!("refused {status} {code}"),
        Outcome::Unknown(reason) => format!("unknown: {reason}"),
        Outcome::NotSent(reason) => format!("not sent: {reason}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checker::fixtures;

    #[test]
    fn an_acknowledgement_outweighs_an_unknown_outcome_and_that_outweighs_a_refusal() {
        let mut submission = Submission::of(OrderPlan::default());
        assert_eq!(submission.state(), SubmissionState::NeverSent);
        submission.record(&Outcome::Refused {
            status: 503,
            code: "overloaded".to_owned(),
            has_retry_after: true,
        });
        assert_eq!(submission.state(), SubmissionState::Refused);
        submission.record(&Outcome::Unknown("the connection broke".to_owned()));
        assert_eq!(submission.state(), SubmissionState::Unknown);
        submission.record(&Outcome::Acknowledged(Box::new(fixtures::order(1))));
        assert_eq!(submission.state(), SubmissionState::Acknowledged);
    }

    #[test]
    fn a_refusal_without_retry_after_is_a_wrong_answer() {
        let mut operations = Operations::default();
        operations.count_refusal(&Outcome::Refused {
            status: 409,
            code: "wrong-state".to_owned(),
            has_retry_after: false,
        });
        assert!(operations.wrong_answers.is_empty());
        operations.count_refusal(&Outcome::Refused {
            status: 503,
            code: "overloaded".to_owned(),
            has_retry_after: false,
        });
        assert_eq!(operations.wrong_answers.len(), 1);
    }
}

//! The history: requests to Docket and their answers, in the driver's memory, which no crash of Docket can touch.

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

use crate::measure::share;
use crate::shop::Wish;

/// The outcome of a call, as far as its caller knows.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// It was accepted; the order as it was then.
    Acknowledged(Box<Order>),
    /// It was refused, so it had no effect.
    Refused { status: u16, code: String, tells_when: bool },
    /// Its caller cannot tell.
    Unknown(String),
    /// It was not sent.
    NotSent(String),
}

/// What every reply for one key must agree about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    pub id: OrderId,
    pub number: OrderNumber,
    pub created_at: Timestamp,
    pub total: Money,
}

/// Everything about one idempotency key.
#[derive(Debug, Clone)]
pub struct Submission {
    pub wish: Wish,
    /// One for each acknowledgement.
    pub replies: Vec<Reply>,
    /// The order at the earliest answered version.
    pub first: Option<Box<Order>>,
    pub refused: u32,
    pub unknown: u32,
}

/// The outcome of a submission, for its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Acknowledged,
    Unknown,
    Refused,
    NeverSent,
}

/// Every request so far.
#[derive(Debug, Default, Clone)]
pub struct Ledger {
    pub submissions: BTreeMap<String, Submission>,
    /// The key that an order was first acknowledged for.
    pub keys: BTreeMap<OrderId, String>,
    /// Cancelled orders, and whether the cancellation was acknowledged or refused, if known.
    pub cancellations: BTreeMap<OrderId, Option<bool>>,
    /// Orders whose question was answered with another card or address.
    pub mended: BTreeSet<OrderId>,
    /// When each acknowledgement arrived, since the start, and its latency.
    pub accepted: Vec<(Duration, Duration)>,
    /// Refusals by their code.
    pub refusals: BTreeMap<String, u64>,
    /// Answers that are always wrong.
    pub wrong_answers: Vec<String>,
}

/// The history of a driver: in memory for the checker, in a file for people.
#[derive(Debug)]
pub struct History {
    began: Instant,
    ledger: Mutex<Ledger>,
    acknowledgements: watch::Sender<u64>,
    file: Mutex<BufWriter<File>>,
}

impl Submission {
    /// Returns an unused key.
    pub fn of(wish: Wish) -> Self {
        Self { wish, replies: Vec::new(), first: None, refused: 0, unknown: 0 }
    }

    /// Returns the outcome for the caller.
    pub fn fate(&self) -> Fate {
        match (self.replies.is_empty(), self.unknown, self.refused) {
            (false, ..) => Fate::Acknowledged,
            (true, 1.., _) => Fate::Unknown,
            (true, 0, 1..) => Fate::Refused,
            (true, 0, 0) => Fate::NeverSent,
        }
    }

    /// Adds an outcome.
    pub fn note(&mut self, outcome: &Outcome) {
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
    /// Returns an empty history that is also written to `file`.
    ///
    /// # Errors
    /// When the file cannot be created.
    pub fn keep(file: &Path) -> std::io::Result<Self> {
        let file = BufWriter::new(File::create(file)?);
        let acknowledgements = watch::Sender::new(0);
        Ok(Self { began: Instant::now(), ledger: Mutex::default(), acknowledgements, file: Mutex::new(file) })
    }

    /// Records the first use of a key.
    pub fn invoke(&self, key: &str, wish: &Wish) {
        self.log(&json!({"op": "submit", "key": key, "wish": wish.to_string()}));
        self.ledger().submissions.entry(key.to_owned()).or_insert_with(|| Submission::of(wish.clone()));
    }

    /// Records the outcome of a submission and its latency.
    pub fn submitted(&self, key: &str, outcome: &Outcome, took: Duration) {
        self.log(&json!({"op": "submitted", "key": key, "outcome": told(outcome), "ms": took.as_millis()}));
        let mut ledger = self.ledger();
        ledger.weigh(outcome);
        if let Outcome::Acknowledged(order) = outcome {
            ledger.accepted.push((self.began.elapsed(), took));
            ledger.keys.entry(order.id).or_insert_with(|| key.to_owned());
            self.acknowledgements.send_modify(|count| *count += 1);
        }
        if let Some(submission) = ledger.submissions.get_mut(key) {
            submission.note(outcome);
        }
    }

    /// Records a request for cancellation.
    pub fn cancels(&self, id: OrderId) {
        self.ledger().cancellations.entry(id).or_insert(None);
    }

    /// Records its outcome.
    pub fn cancelled(&self, id: OrderId, outcome: &Outcome) {
        self.log(&json!({"op": "cancelled", "order": id.to_string(), "outcome": told(outcome)}));
        let mut ledger = self.ledger();
        ledger.weigh(outcome);
        let answer = match outcome {
            Outcome::Acknowledged(_) => Some(true),
            Outcome::Refused { status: 409, .. } => Some(false),
            _ => None,
        };
        ledger.cancellations.insert(id, answer);
    }

    /// Records an answer with another card or address.
    pub fn mended(&self, id: OrderId, outcome: &Outcome) {
        self.log(&json!({"op": "mended", "order": id.to_string(), "outcome": told(outcome)}));
        let mut ledger = self.ledger();
        ledger.weigh(outcome);
        if let Outcome::Acknowledged(_) = outcome {
            ledger.mended.insert(id);
        }
    }

    /// Records an answer that is always wrong.
    pub fn wrong(&self, what: String) {
        self.log(&json!({"op": "wrong", "what": what}));
        self.ledger().wrong_answers.push(what);
    }

    /// Records a fault or a step of the rig, for readers of the file.
    pub fn remark(&self, what: &str) {
        self.log(&json!({"op": "remark", "what": what}));
    }

    /// Returns an order as it was first answered, which watchers apply events to.
    pub fn first_known(&self, id: OrderId) -> Option<Order> {
        let ledger = self.ledger();
        let first = ledger.submissions.get(ledger.keys.get(&id)?)?.first.as_deref();
        first.filter(|order| order.id == id).cloned()
    }

    /// Returns its age.
    pub fn age(&self) -> Duration {
        self.began.elapsed()
    }

    /// Returns the number of keys with this outcome.
    pub fn count(&self, fate: Fate) -> usize {
        self.ledger().submissions.values().filter(|submission| submission.fate() == fate).count()
    }

    /// Returns the number of acknowledgements, as it grows.
    pub fn acknowledgements(&self) -> watch::Receiver<u64> {
        self.acknowledgements.subscribe()
    }

    /// Returns a copy.
    pub fn read(&self) -> Ledger {
        self.ledger().clone()
    }

    fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self, entry: &serde_json::Value) {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        // A failed write does not change what the checker knows.
        drop(writeln!(file, "{:.3} {entry}", self.began.elapsed().as_secs_f64()));
    }
}

impl Ledger {
    /// Returns the submissions with this outcome.
    pub fn with_fate(&self, fate: Fate) -> impl Iterator<Item = (&String, &Submission)> {
        self.submissions.iter().filter(move |(_, submission)| submission.fate() == fate)
    }

    /// Returns the 99th percentile of the latency of acknowledgements between two times.
    pub fn p99(&self, between: Range<Duration>) -> Duration {
        let of_then = self.accepted.iter().filter(|(at, _)| between.contains(at));
        share(&of_then.map(|(_, took)| *took).collect::<Vec<_>>(), 0.99)
    }

    fn weigh(&mut self, outcome: &Outcome) {
        let Outcome::Refused { status, code, tells_when } = outcome else { return };
        *self.refusals.entry(code.clone()).or_default() += 1;
        if matches!(status, 429 | 503) && !tells_when {
            self.wrong_answers.push(format!("{status} {code} does not say when to come back"));
        }
    }
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Acknowledged(order) => format!("ok {} v{}", order.id, order.version),
        Outcome::Refused { status, code, .. } => format!("refused {status} {code}"),
        Outcome::Unknown(why) => format!("unknown: {why}"),
        Outcome::NotSent(why) => format!("not sent: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checker::sample;

    #[test]
    fn one_acknowledgement_outweighs_every_other_answer_and_an_unknown_one_every_refusal() {
        let mut submission = Submission::of(Wish::default());
        assert_eq!(submission.fate(), Fate::NeverSent);
        submission.note(&Outcome::Refused { status: 503, code: "overloaded".to_owned(), tells_when: true });
        assert_eq!(submission.fate(), Fate::Refused);
        submission.note(&Outcome::Unknown("the line broke".to_owned()));
        assert_eq!(submission.fate(), Fate::Unknown);
        submission.note(&Outcome::Acknowledged(Box::new(sample::order(1))));
        assert_eq!(submission.fate(), Fate::Acknowledged);
    }

    #[test]
    fn a_refusal_that_does_not_say_when_to_come_back_is_a_wrong_answer() {
        let mut ledger = Ledger::default();
        ledger.weigh(&Outcome::Refused { status: 409, code: "wrong-state".to_owned(), tells_when: false });
        assert!(ledger.wrong_answers.is_empty());
        ledger.weigh(&Outcome::Refused { status: 503, code: "overloaded".to_owned(), tells_when: false });
        assert_eq!(ledger.wrong_answers.len(), 1);
    }
}

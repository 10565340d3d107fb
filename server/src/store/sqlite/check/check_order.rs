//! Checks one order and everything stored about it.

use std::collections::BTreeMap;

use orders::facts::EventFacts;
use orders::{
    Order, OrderId, PaymentMethod, PaymentState, Service, State, Step, StepName, StepState, Timestamp, Work,
};
use serde_json::Value;

use super::findings::{Findings, Rule};

/// Problem types are not compared, so they need no address.
pub(super) const NO_PUBLIC_URL: &str = "";

/// Everything stored about an order besides its facts.
pub(super) struct Kept {
    pub id: OrderId,
    pub version: u32,
    pub refused_by: Option<String>,
    pub mail_refused: bool,
    /// Its events by version, or why one cannot be read.
    pub events: Vec<Result<KeptEvent, String>>,
    /// Its reserved items.
    pub reserved: BTreeMap<String, u64>,
    /// Its live job.
    pub live_job: Option<LiveJob>,
    /// Whether a job with its exclusive key is quarantined.
    pub in_quarantine: bool,
}

/// An event as it is stored.
pub(super) struct KeptEvent {
    pub version: u32,
    pub at: Timestamp,
    pub facts: EventFacts<'static>,
}

/// A job that is available or running.
pub(super) struct LiveJob {
    pub id: i64,
    pub payload: String,
}

impl Kept {
    /// Checks the order, or reports why it cannot be read; returns its state.
    pub(super) fn check_order(&self, order: Result<Order, String>, findings: &mut Findings) -> Option<State> {
        findings.count();
        let id = self.id;
        let mut add = |rule, violation: String| findings.add(rule, format!("{id}: {violation}"));
        let order = match order {
            Ok(order) => order,
            Err(unread) => {
                add(Rule::Events, unread);
                return None;
            }
        };
        self.versions().into_iter().for_each(|wrong| add(Rule::Versions, wrong));
        self.history(&order).into_iter().for_each(|wrong| add(Rule::Events, wrong));
        money(&order).into_iter().for_each(|wrong| add(Rule::Money, wrong));
        self.reservations(&order).into_iter().for_each(|wrong| add(Rule::Reservations, wrong));
        self.work(&order).into_iter().for_each(|wrong| add(Rule::Work, wrong));
        Some(order.state)
    }

    fn versions(&self) -> Option<String> {
        let mut expected = 1;
        for event in self.events.iter().flatten() {
            if event.version != expected {
                return Some(format!("its version {expected} has no event"));
            }
            expected += 1;
        }
        let unread = self.events.iter().any(Result::is_err);
        (!unread && expected != self.version + 1)
            .then(|| format!("it is at version {} and has {} events", self.version, expected - 1))
    }

    /// Whether the events make the stored order.
    fn history(&self, order: &Order) -> Option<String> {
        if let Some(Err(unread)) = self.events.iter().find(|event| event.is_err()) {
            return Some(unread.clone());
        }
        let refused_by = order.refused_by().map(Service::as_str);
        if refused_by != self.refused_by.as_deref() || order.wants_email() != self.mail_refused {
            return Some(format!(
                "its columns say that {:?} refuses us and that its mail is refused: {}; its steps say {refused_by:?} and {}",
                self.refused_by,
                self.mail_refused,
                order.wants_email()
            ));
        }
        let mut folded = order.before_its_events();
        for event in self.events.iter().flatten() {
            let before = folded.state;
            if folded.version + 1 != event.version {
                return Some(format!("its event {} does not fit", event.version));
            }
            folded.replay(event.at, event.facts.clone(), NO_PUBLIC_URL);
            if !before.may_become(folded.state) {
                let (from, to) = (before.as_str(), folded.state.as_str());
                return Some(format!("its event {} leads from {from} to {to}", event.version));
            }
        }
        let different = different_fields(&folded, order);
        (!different.is_empty())
            .then(|| format!("its events make another order of it: {}", different.join(", ")))
    }

    fn reservations(&self, order: &Order) -> Option<String> {
        let mut lines = BTreeMap::new();
        for line in &order.lines {
            *lines.entry(line.sku.clone()).or_default() += u64::from(line.quantity);
        }
        let state = order.step(StepName::ReserveStock).state;
        let (nothing, all) = (self.reserved.is_empty(), self.reserved == lines);
        let right = match state {
            StepState::Succeeded => all,
            // An attempt, or its undo, is running.
            StepState::Running | StepState::Retrying | StepState::Undoing => nothing || all,
            _ => nothing,
        };
        let held = &self.reserved;
        (!right).then(|| {
            format!("its step reserve_stock is {state:?}, it ordered {lines:?}, and {held:?} is set aside")
        })
    }

    fn work(&self, order: &Order) -> Option<String> {
        let work = order.next_work();
        if let Some(job) = &self.live_job
            && job.payload != order.id.to_string()
        {
            return Some(format!("the job {} under its exclusive key is about {}", job.id, job.payload));
        }
        let waits_visibly = work == Work::Nothing || self.in_quarantine;
        (self.live_job.is_none() && !waits_visibly)
            .then(|| format!("it is {} and has {work:?} ahead, and no job does it", order.state.as_str()))
    }
}

fn money(order: &Order) -> Option<String> {
    let sum: i128 = order.lines.iter().map(|line| i128::from(line.total.amount)).sum();
    if sum != i128::from(order.total.amount) {
        return Some(format!("its lines cost {sum} and it costs {}", order.total.amount));
    }
    let (method, paid) = (order.payment.method, order.payment.state);
    let right = match (order.state, method) {
        (State::Confirmed | State::Shipped | State::Delivered, PaymentMethod::Card) => {
            paid == PaymentState::Captured
        }
        (_, PaymentMethod::Invoice) => paid == PaymentState::None,
        (State::Cancelled, PaymentMethod::Card) => !order.payment.holds_money(),
        (_, PaymentMethod::Card) => true,
    };
    if !right {
        return Some(format!("it is {}, and its payment is {}", order.state.as_str(), paid.as_str()));
    }
    let left = order.steps.iter().find(|step| order.state == State::Cancelled && Step::may_have_effect(step));
    left.map(|step| format!("it is cancelled, and its step {} is {:?}", step.name.as_str(), step.state))
}

/// Returns the names of the fields in which two orders differ.
fn different_fields(one: &Order, other: &Order) -> Vec<String> {
    match (serde_json::to_value(one), serde_json::to_value(other)) {
        (Ok(Value::Object(one)), Ok(Value::Object(other))) => {
            let names: std::collections::BTreeSet<_> = one.keys().chain(other.keys()).collect();
            names.into_iter().filter(|name| one.get(*name) != other.get(*name)).cloned().collect()
        }
        _ => vec!["it cannot be written".to_owned()],
    }
}

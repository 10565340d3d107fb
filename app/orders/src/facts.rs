//! The facts of an order and of its events: what a store keeps.
//!
//! The words that people read, the actions and the links follow from the facts. They are derived when an order or an event
//! is read, so they take no space, and an event of last year is told in today's words. Fields with their default value are
//! left out.
//!
//! Unknown fields are ignored, because earlier versions stored the words of an event beside its facts.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::step::is_zero;
use crate::{
    Address, Currency, Customer, EventData, ExpectedBy, Line, MailRefused, Money, Order, OrderId,
    OrderNumber, Owner, Payment, PaymentMethod, PaymentState, ProcessingState, Reason, Shipment, State, Step,
    StepName, StepReason, StepState, Timestamp,
};

/// The facts that queries need, each a column of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderColumns {
    /// Its id.
    pub id: OrderId,
    /// Its number.
    pub number: OrderNumber,
    /// Its owner.
    pub owner: Option<Owner>,
    /// Its state.
    pub state: State,
    /// Whether money moved.
    pub payment: PaymentState,
    /// Its version.
    pub version: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its last event happened.
    pub updated_at: Timestamp,
    /// What it costs.
    pub total: Money,
    /// Whether it is delayed.
    pub delayed: bool,
}

/// What was ordered, by whom and to where. It changes only when the customer corrects an address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderDetails<'a> {
    /// Who ordered.
    pub customer: Cow<'a, Customer>,
    /// Where it goes.
    pub ship_to: Cow<'a, Address>,
    /// What was ordered.
    pub lines: Vec<LineFacts<'a>>,
    /// When it should be confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_by: Option<ExpectedBy>,
    /// The customer's note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Cow<'a, str>>,
}

/// One product of an order. Its price is in the currency of the order's total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineFacts<'a> {
    /// The product.
    pub sku: Cow<'a, str>,
    /// Its name when it was ordered.
    pub name: Cow<'a, str>,
    /// How many.
    pub quantity: u32,
    /// The price of one, in minor units.
    pub unit_price: i64,
}

/// The total of a stored line is larger than an amount can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the total of a line is larger than an amount can be")]
pub struct LineOverflow;

/// How far an order is. It changes with every version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderProgress<'a> {
    /// Why it is cancelled, or what the customer is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The customer's deadline for an answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_by: Option<Timestamp>,
    /// How it is paid.
    pub method: PaymentMethod,
    /// `Visa ••42`, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_summary: Option<Cow<'a, str>>,
    /// The shipment, once booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<Cow<'a, Shipment>>,
    /// The steps that have started or are skipped.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<StepFacts>,
    /// How often its private link was replaced.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub link_generation: u32,
    /// The last mail, when it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_refused: Option<Cow<'a, MailRefused>>,
    /// What is never shown.
    #[serde(default)]
    pub processing: Cow<'a, ProcessingState>,
}

/// The facts of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFacts {
    name: StepName,
    state: StepState,
    #[serde(default, skip_serializing_if = "is_zero")]
    attempts: u32,
    #[serde(default, skip_serializing_if = "is_zero")]
    attempts_before_mended: u32,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millis")]
    started_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millis")]
    finished_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "millis")]
    next_attempt_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<StepReason>,
}

/// The facts of an event, besides its version, its kind and its time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventFacts<'a> {
    /// The state after the event.
    pub state: State,
    /// Whether the order is delayed after the event.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub delayed: bool,
    /// The step that changed, after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<StepFacts>,
    /// The reason after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The customer's deadline after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_by: Option<Timestamp>,
    /// The payment, when it changed, and in the first event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Cow<'a, Payment>>,
    /// The shipment, when it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<Cow<'a, Shipment>>,
    /// The address, when it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Cow<'a, Address>>,
    /// The generation of the private link, when it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_generation: Option<u32>,
    /// The customer, when they gave another e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Cow<'a, Customer>>,
    /// The refused mail after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_refused: Option<Cow<'a, MailRefused>>,
}

impl<'a> LineFacts<'a> {
    pub(crate) fn of(line: &'a Line) -> Self {
        Self {
            sku: Cow::Borrowed(&line.sku),
            name: Cow::Borrowed(&line.name),
            quantity: line.quantity,
            unit_price: line.unit_price.amount,
        }
    }

    /// Returns the line; none when its total is larger than an amount can be.
    pub(crate) fn in_currency(self, currency: Currency) -> Option<Line> {
        let unit_price = Money::new(self.unit_price, currency);
        Some(Line {
            total: unit_price.times(self.quantity)?,
            sku: self.sku.into_owned(),
            name: self.name.into_owned(),
            quantity: self.quantity,
            unit_price,
        })
    }
}

impl StepFacts {
    pub(crate) fn of(step: &Step) -> Self {
        let Step {
            name,
            state,
            attempts,
            attempts_before_mended,
            started_at,
            finished_at,
            next_attempt_at,
            reason,
        } = *step;
        Self {
            name,
            state,
            attempts,
            attempts_before_mended,
            started_at,
            finished_at,
            next_attempt_at,
            reason,
        }
    }
}

impl From<StepFacts> for Step {
    fn from(facts: StepFacts) -> Self {
        let StepFacts {
            name,
            state,
            attempts,
            attempts_before_mended,
            started_at,
            finished_at,
            next_attempt_at,
            reason,
        } = facts;
        Self {
            name,
            state,
            attempts,
            attempts_before_mended,
            started_at,
            finished_at,
            next_attempt_at,
            reason,
        }
    }
}

impl<'a> EventFacts<'a> {
    /// Returns the facts of an event.
    pub fn of(data: &'a EventData) -> Self {
        Self {
            state: data.state,
            delayed: data.delayed,
            step: data.step.as_ref().map(StepFacts::of),
            reason: data.reason,
            respond_by: data.respond_by,
            payment: data.payment.as_ref().map(Cow::Borrowed),
            shipment: data.shipment.as_ref().map(Cow::Borrowed),
            ship_to: data.ship_to.as_ref().map(Cow::Borrowed),
            link_generation: data.link_generation,
            customer: data.customer.as_ref().map(Cow::Borrowed),
            mail_refused: data.mail_refused.as_ref().map(Cow::Borrowed),
        }
    }
}

impl Order {
    /// Applies the facts of its next event, which happened at `at`, without the words that follow from them.
    pub fn replay_facts(&mut self, at: Timestamp, facts: &EventFacts<'_>) {
        self.apply_facts(self.version + 1, at, facts);
    }

    /// Applies the facts of its next event, which happened at `at`, and returns the event's data with its words.
    pub fn replay(&mut self, at: Timestamp, facts: EventFacts<'_>, public_url: &str) -> EventData {
        self.apply_facts(self.version + 1, at, &facts);
        self.derive(public_url);
        EventData {
            step: facts.step.map(Step::from),
            payment: facts.payment.map(Cow::into_owned),
            shipment: facts.shipment.map(Cow::into_owned),
            ship_to: facts.ship_to.map(Cow::into_owned),
            link_generation: facts.link_generation,
            customer: facts.customer.map(Cow::into_owned),
            ..EventData::of(self)
        }
    }
}

/// Times as milliseconds, which are half as long as the text that earlier versions stored.
mod millis {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::Timestamp;

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Stored {
        Millis(i64),
        Text(Timestamp),
    }

    #[expect(clippy::ref_option, reason = "the signature that serde calls")]
    pub(super) fn serialize<S: Serializer>(at: &Option<Timestamp>, serializer: S) -> Result<S::Ok, S::Error> {
        at.map(Timestamp::as_millis).serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Timestamp>, D::Error> {
        let stored = Option::<Stored>::deserialize(deserializer)?;
        Ok(stored.map(|stored| match stored {
            Stored::Millis(millis) => Timestamp::from_millis(millis),
            Stored::Text(at) => at,
        }))
    }
}

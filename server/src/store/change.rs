//! A change of one order, prepared outside the store and guarded by the version that it was computed from.

use std::sync::Arc;

use orders::email::EmailAddress;
use orders::facts::EventFacts;
use orders::{
    CustomerMail, Event, EventData, EventType, OrderId, OrderRecord, Owner, Service, State, StockMove,
    Timestamp, Work, WorkResult,
};
use queue::NewJob;

use super::mail_job::{MailTrigger, mail_job};
use super::order_job::fairness_key;

/// An event to append.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    /// Its kind.
    pub kind: EventType,
    /// The version that it makes.
    pub version: u32,
    /// When it happened.
    pub at: Timestamp,
    /// Its facts as JSON text.
    pub facts: String,
    /// What it changes, with the words about it, for subscribers.
    pub data: Arc<EventData>,
}

/// An order to write: columns and texts, with nothing left to compute.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// The order.
    pub id: OrderId,
    /// Its owner.
    pub owner: Option<Owner>,
    /// Its state.
    pub state: State,
    /// The state of its payment.
    pub payment: &'static str,
    /// Its version.
    pub version: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// Its total in minor units.
    pub total: i64,
    /// Its currency.
    pub currency: String,
    /// Whether it is delayed.
    pub delayed: bool,
    /// The service that refuses our calls and that it waits for.
    pub refused_by: Option<&'static str>,
    /// Whether it is open and mails do not reach its customer.
    pub mail_refused: bool,
    /// What was ordered, by whom and to where; none when it does not change.
    pub details: Option<DetailsRow>,
    /// Its [`OrderProgress`](orders::facts::OrderProgress) as JSON text.
    pub progress: String,
    /// The record, for the cache once it is committed.
    pub record: Option<Arc<OrderRecord>>,
}

/// What rarely changes of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DetailsRow {
    /// The search key of the customer's e-mail address.
    pub email: String,
    /// Its [`OrderDetails`](orders::facts::OrderDetails) as JSON text.
    pub details: String,
}

/// The next version of one order.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The version that it was computed from: the change is refused if the order has another one.
    pub from_version: u32,
    /// The order after it.
    pub row: OrderRow,
    /// Its events, ascending.
    pub events: Vec<NewEvent>,
    /// The mails that it triggers.
    pub mails: Vec<NewJob>,
    /// How the stock changes.
    pub stock: StockMove,
    /// The work and the result that it was computed from, so that it can be computed again after a refusal.
    pub computed_from: Option<(Work, WorkResult)>,
    /// Why the store refused it; set by the store.
    pub refusal: Option<Refusal>,
}

/// Why a change was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The order has another version.
    Moved,
    /// There is not enough stock of this product.
    SoldOut(String),
}

impl NewEvent {
    /// Returns an event in its stored form.
    pub fn of(event: Event) -> Self {
        Self {
            kind: event.kind,
            version: event.data.version,
            at: event.time,
            facts: json(&EventFacts::of(&event.data)),
            data: Arc::new(event.data),
        }
    }
}

impl OrderRow {
    /// Returns the row of a new order.
    pub fn of(record: Arc<OrderRecord>) -> Self {
        let details = DetailsRow {
            email: EmailAddress::search_key(&record.order.customer.email),
            details: json(&record.details()),
        };
        Self { details: Some(details), ..Self::with_same_details(record) }
    }

    /// Returns the row of an order whose details do not change.
    fn with_same_details(record: Arc<OrderRecord>) -> Self {
        let OrderRecord { order, owner, .. } = &*record;
        Self {
            id: order.id,
            owner: *owner,
            state: order.state,
            payment: order.payment.state.as_str(),
            version: order.version,
            created_at: order.created_at,
            updated_at: order.updated_at,
            total: order.total.amount,
            currency: order.total.currency.to_string(),
            delayed: order.delayed,
            refused_by: order.refused_by().map(Service::as_str),
            mail_refused: order.wants_email(),
            details: None,
            progress: json(&record.progress()),
            record: Some(record),
        }
    }
}

impl Change {
    /// Returns the change from `from_version` to the record as it is now, by these events.
    pub fn of(from_version: u32, record: impl Into<Arc<OrderRecord>>, events: Vec<Event>) -> Self {
        let record = record.into();
        let changes_details =
            events.iter().any(|event| event.data.customer.is_some() || event.data.ship_to.is_some());
        let mails = mails(&record, &events);
        let row = if changes_details { OrderRow::of(record) } else { OrderRow::with_same_details(record) };
        Self {
            from_version,
            row,
            events: events.into_iter().map(NewEvent::of).collect(),
            mails,
            stock: StockMove::None,
            computed_from: None,
            refusal: None,
        }
    }

    /// Sets how the stock changes.
    #[must_use]
    pub fn with_stock(mut self, stock: StockMove) -> Self {
        self.stock = stock;
        self
    }

    /// Sets what it was computed from.
    #[must_use]
    pub fn computed_from(mut self, work: Work, result: WorkResult) -> Self {
        self.computed_from = Some((work, result));
        self
    }
}

fn mails(record: &OrderRecord, events: &[Event]) -> Vec<NewJob> {
    let called_for = events.iter().filter_map(|event| {
        let mail = CustomerMail::called_for_by(event.kind, event.data.state)
            .or_else(|| CustomerMail::repeated_by(event, &record.order))?;
        let trigger = MailTrigger { order: event.subject, mail, version: event.data.version };
        Some(mail_job(trigger, fairness_key(record.owner, &record.order.customer.email), event.time))
    });
    called_for.collect()
}

pub(super) fn json(value: &impl serde::Serialize) -> String {
    // Only maps with other keys than strings cannot be serialised, and these types have none.
    serde_json::to_string(value).unwrap_or_default()
}

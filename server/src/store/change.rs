//! A change of one order, prepared outside the store and guarded by the version it was made from.

use std::sync::Arc;

use orders::email::EmailAddress;
use orders::{
    CustomerMail, Event, EventType, OrderId, OrderRecord, Owner, Service, State, StockMove, Timestamp, Work,
    WorkResult,
};
use queue::NewJob;

use super::mail_job::{MailTrigger, mail_job};
use super::order_job::fairness_key;

/// An event, ready to be appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// What kind of thing happened.
    pub kind: EventType,
    /// The version that it made.
    pub version: u32,
    /// When.
    pub at: Timestamp,
    /// Its `data` as JSON text.
    pub data: String,
}

/// An order as it is to be written: columns and texts, nothing left to compute.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    /// The order.
    pub id: OrderId,
    /// Whose it is.
    pub owner: Option<Owner>,
    /// Its state.
    pub state: State,
    /// Whether money moved, as a word.
    pub payment: &'static str,
    /// Its version.
    pub version: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// What it costs, in minor units.
    pub total: i64,
    /// The currency of that.
    pub currency: String,
    /// The customer's e-mail address in small letters, for finding it.
    pub email: String,
    /// The service that it waits for because it refuses our calls, as a word.
    pub refused_by: Option<&'static str>,
    /// It is open, and mails do not reach its customer.
    pub mail_refused: bool,
    /// The order as JSON text.
    pub body: String,
    /// Its processing state as JSON text.
    pub processing: String,
    /// What the row was made of, for readers to find once it is committed.
    pub record: Option<Arc<OrderRecord>>,
}

/// The next version of one order.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The version it was made from: the change is refused if the order is at another one.
    pub from_version: u32,
    /// The order after it.
    pub row: OrderRow,
    /// What happened, ascending.
    pub events: Vec<NewEvent>,
    /// The letters that this calls for.
    pub mails: Vec<NewJob>,
    /// The customer gave another e-mail address.
    pub moves_email: bool,
    /// What happens to stock.
    pub stock: StockMove,
    /// What the change was made from, so that it can be made again after a refusal.
    pub made_from: Option<(Work, WorkResult)>,
    /// Why the store refused it; set by the store.
    pub refusal: Option<Refusal>,
}

/// Why a change was not written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The order is at another version.
    Moved,
    /// There is not enough of this product.
    SoldOut(String),
}

impl NewEvent {
    /// An event in the form in which it is kept.
    pub fn of(event: &Event) -> Self {
        Self { kind: event.kind, version: event.data.version, at: event.time, data: json(&event.data) }
    }
}

impl OrderRow {
    /// The row of an order.
    pub fn of(record: OrderRecord) -> Self {
        let OrderRecord { order, owner, processing } = &record;
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
            email: EmailAddress::search_key(&order.customer.email),
            refused_by: order.refused_by().map(Service::as_str),
            mail_refused: order.wants_email(),
            body: json(order),
            processing: json(processing),
            record: Some(Arc::new(record)),
        }
    }
}

impl Change {
    /// The change from `from_version` to the record as it is now, by these events.
    pub fn of(from_version: u32, record: &OrderRecord, events: &[Event]) -> Self {
        Self {
            from_version,
            row: OrderRow::of(record.clone()),
            events: events.iter().map(NewEvent::of).collect(),
            mails: mails(record, events),
            moves_email: events.iter().any(|event| event.data.customer.is_some()),
            stock: StockMove::None,
            made_from: None,
            refusal: None,
        }
    }

    /// Moves stock with the change.
    #[must_use]
    pub fn moving(mut self, stock: StockMove) -> Self {
        self.stock = stock;
        self
    }

    /// Remembers what it was made from.
    #[must_use]
    pub fn made_from(mut self, work: Work, result: WorkResult) -> Self {
        self.made_from = Some((work, result));
        self
    }
}

fn mails(record: &OrderRecord, events: &[Event]) -> Vec<NewJob> {
    let called_for = events.iter().filter_map(|event| {
        let letter = CustomerMail::called_for_by(event.kind, event.data.state)
            .or_else(|| CustomerMail::repeated_by(event, &record.order))?;
        let occasion = MailTrigger { order: event.subject, letter, version: event.data.version };
        Some(mail_job(occasion, fairness_key(record.owner, &record.order.customer.email), event.time))
    });
    called_for.collect()
}

fn json(value: &impl serde::Serialize) -> String {
    // Only maps with keys that are no strings cannot be written, and these types have none.
    serde_json::to_string(value).unwrap_or_default()
}

//! The events of an order.

use serde::{Deserialize, Serialize};

use crate::{
    Action, Address, Customer, EventId, MailRefused, Message, Order, OrderId, Payment, PaymentState, Problem,
    Reason, Shipment, State, Step, Timestamp,
};

/// One event of one order, in the CloudEvents 1.0 envelope.
///
/// Its sequence is its position in the log of all events. It is assigned when the event is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Always `1.0`.
    pub specversion: String,
    /// Its id.
    pub id: EventId,
    /// Always `/api/v1/orders`.
    pub source: String,
    /// The kind of event.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// The order.
    pub subject: OrderId,
    /// When it happened.
    pub time: Timestamp,
    /// Its position in the log: twenty digits, so that text sorts like numbers.
    #[serde(default)]
    pub sequence: String,
    /// What changed.
    pub data: EventData,
}

/// The kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventType {
    /// The whole order as it is. Made for one reader and never stored.
    #[serde(rename = "order.snapshot")]
    Snapshot,
    /// The order was accepted.
    #[serde(rename = "order.received")]
    Received,
    /// The order is in another state.
    #[serde(rename = "order.state.changed")]
    StateChanged,
    /// A step changed.
    #[serde(rename = "order.step.changed")]
    StepChanged,
    /// The customer has to answer a question.
    #[serde(rename = "order.action.required")]
    ActionRequired,
    /// The order takes longer than usual.
    #[serde(rename = "order.delayed")]
    Delayed,
    /// The order goes on after a delay, a question or a review.
    #[serde(rename = "order.resumed")]
    Resumed,
    /// The order is delivered or cancelled. Only a replaced private link can follow.
    #[serde(rename = "order.finished")]
    Finished,
    /// The private link was replaced; the previous link opens nothing any more.
    #[serde(rename = "order.link.replaced")]
    LinkReplaced,
    /// A mail was refused or delivered again, or the customer gave another e-mail address.
    #[serde(rename = "order.mail.changed")]
    MailChanged,
}

/// What an event changes: the fields that may change with every version, and rarely changing fields only when they
/// did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventData {
    /// The version that the event makes.
    pub version: u32,
    /// The state after the event.
    pub state: State,
    /// Whether the order is delayed after the event.
    pub delayed: bool,
    /// The step that changed, after the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// The message after the event.
    pub message: Message,
    /// The reason after the event; absent means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The problem after the event; absent means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// The customer's deadline after the event; absent means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_by: Option<Timestamp>,
    /// The actions after the event; absent means none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// The payment, when it changed, and in the first event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment: Option<Payment>,
    /// The shipment, when it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment: Option<Shipment>,
    /// The address, when it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Address>,
    /// The generation of the private link, when it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link_generation: Option<u32>,
    /// The customer, when they gave another e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    /// The refused mail after the event; absent means none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_refused: Option<MailRefused>,
    /// The whole order; only in a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Box<Order>>,
}

impl EventData {
    /// Returns what every event says about an order.
    pub(crate) fn of(order: &Order) -> Self {
        Self {
            version: order.version,
            state: order.state,
            delayed: order.delayed,
            step: None,
            message: order.message.clone(),
            reason: order.reason,
            problem: order.problem.clone(),
            respond_by: order.respond_by,
            actions: order.actions.clone(),
            payment: None,
            shipment: None,
            ship_to: None,
            link_generation: None,
            customer: None,
            mail_refused: order.mail_refused.clone(),
            order: None,
        }
    }
}

/// The `source` of every event.
pub const SOURCE: &str = "/api/v1/orders";

impl EventType {
    /// Every kind.
    pub const ALL: [Self; 10] = [
        Self::Snapshot,
        Self::Received,
        Self::StateChanged,
        Self::StepChanged,
        Self::ActionRequired,
        Self::Delayed,
        Self::Resumed,
        Self::Finished,
        Self::LinkReplaced,
        Self::MailChanged,
    ];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Snapshot => "order.snapshot",
            Self::Received => "order.received",
            Self::StateChanged => "order.state.changed",
            Self::StepChanged => "order.step.changed",
            Self::ActionRequired => "order.action.required",
            Self::Delayed => "order.delayed",
            Self::Resumed => "order.resumed",
            Self::Finished => "order.finished",
            Self::LinkReplaced => "order.link.replaced",
            Self::MailChanged => "order.mail.changed",
        }
    }

    /// Returns the kind with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Returns the kind of the difference between two versions. The most important difference names the event.
    fn between(before: &Before, after: &Order, step: Option<&Step>) -> Self {
        if before.link_generation != after.link_generation {
            Self::LinkReplaced
        } else if before.state != after.state {
            match (before.state, after.state) {
                (_, State::Delivered | State::Cancelled) => Self::Finished,
                (_, State::ActionRequired) => Self::ActionRequired,
                (State::ActionRequired | State::InReview, State::Processing)
                | (State::InReview, State::Confirmed) => Self::Resumed,
                _ => Self::StateChanged,
            }
        } else {
            match (before.delayed, after.delayed) {
                (false, true) => Self::Delayed,
                (true, false) => Self::Resumed,
                _ if before.customer != after.customer => Self::MailChanged,
                _ if step.is_none() && before.mail_refused != after.mail_refused => Self::MailChanged,
                _ => Self::StepChanged,
            }
        }
    }
}

/// What an event compares of the version before it.
pub(crate) struct Before {
    state: State,
    delayed: bool,
    link_generation: u32,
    customer: Customer,
    ship_to: Address,
    payment: Payment,
    shipment: Option<Shipment>,
    mail_refused: Option<MailRefused>,
}

impl Before {
    pub(crate) fn of(order: &Order) -> Self {
        Self {
            state: order.state,
            delayed: order.delayed,
            link_generation: order.link_generation,
            customer: order.customer.clone(),
            ship_to: order.ship_to.clone(),
            payment: order.payment.clone(),
            shipment: order.shipment.clone(),
            mail_refused: order.mail_refused.clone(),
        }
    }
}

impl Event {
    /// Returns the event of a new order. It tells how the order is paid, because the customer can pay in another way
    /// later.
    pub(crate) fn first(order: &Order) -> Self {
        let data = EventData { payment: Some(order.payment.clone()), ..EventData::of(order) };
        Self::new(order.id, EventType::Received, order.updated_at, data)
    }

    /// Returns the event that leads to a version, with the step that changed.
    pub(crate) fn after(before: &Before, order: &Order, step: Option<Step>) -> Self {
        fn changed<T: Clone + PartialEq>(before: &T, after: &T) -> Option<T> {
            (before != after).then(|| after.clone())
        }
        let kind = EventType::between(before, order, step.as_ref());
        let data = EventData {
            step,
            payment: changed(&before.payment, &order.payment),
            shipment: changed(&before.shipment, &order.shipment).flatten(),
            ship_to: changed(&before.ship_to, &order.ship_to),
            link_generation: changed(&before.link_generation, &order.link_generation),
            customer: changed(&before.customer, &order.customer),
            ..EventData::of(order)
        };
        Self::new(order.id, kind, order.updated_at, data)
    }

    /// Returns the whole order as an event, for a reader that starts here.
    pub fn snapshot(order: Order) -> Self {
        let data = EventData::of(&order);
        let (id, at) = (order.id, order.updated_at);
        Self::new(id, EventType::Snapshot, at, EventData { order: Some(Box::new(order)), ..data })
    }

    fn new(order: OrderId, kind: EventType, time: Timestamp, data: EventData) -> Self {
        // A snapshot has the version of the order's last event; version 0 in its id tells the two apart.
        let version = if kind == EventType::Snapshot { 0 } else { data.version };
        Self {
            specversion: "1.0".to_owned(),
            id: EventId { order, version },
            source: SOURCE.to_owned(),
            kind,
            subject: order,
            time,
            sequence: String::new(),
            data,
        }
    }

    /// Returns the JSON text of an event whose `data` is already JSON, as it is stored, so that nothing is serialised
    /// twice.
    pub fn envelope(
        kind: EventType,
        order: OrderId,
        version: u32,
        time: Timestamp,
        sequence: u64,
        data: &str,
    ) -> String {
        let id = EventId { order, version: if kind == EventType::Snapshot { 0 } else { version } };
        format!(
            r#"{{"specversion":"1.0","id":"{id}","source":"{SOURCE}","type":"{}","subject":"{order}","time":"{time}","sequence":"{sequence:020}","data":{data}}}"#,
            kind.as_str()
        )
    }
}

impl Payment {
    /// Whether Docket holds or has charged the customer's money.
    pub const fn holds_money(&self) -> bool {
        matches!(self.state, PaymentState::Authorised | PaymentState::Captured)
    }
}

//! What happened to an order, as everybody hears it.

use serde::{Deserialize, Serialize};

use crate::{
    Action, Address, Customer, EventId, MailRefused, Message, Order, OrderId, Payment, PaymentState, Problem,
    Reason, Shipment, State, Step, Timestamp,
};

/// One thing that happened to one order, in the CloudEvents 1.0 envelope.
///
/// The sequence is its place in the log of all events. It is known once the event is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Always `1.0`.
    pub specversion: String,
    /// Its identity.
    pub id: EventId,
    /// Always `/api/v1/orders`.
    pub source: String,
    /// What kind of thing happened.
    #[serde(rename = "type")]
    pub kind: EventType,
    /// The order.
    pub subject: OrderId,
    /// When.
    pub time: Timestamp,
    /// Its place in the log: twenty digits, so that text sorts as numbers do.
    #[serde(default)]
    pub sequence: String,
    /// What is different now.
    pub data: EventData,
}

/// The kinds of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum EventType {
    /// The whole order as it is; made for one reader, never stored.
    #[serde(rename = "order.snapshot")]
    Snapshot,
    /// It was accepted.
    #[serde(rename = "order.received")]
    Received,
    /// It is in another state.
    #[serde(rename = "order.state.changed")]
    StateChanged,
    /// A step moved.
    #[serde(rename = "order.step.changed")]
    StepChanged,
    /// Something is asked of the customer.
    #[serde(rename = "order.action.required")]
    ActionRequired,
    /// It takes longer than usual.
    #[serde(rename = "order.delayed")]
    Delayed,
    /// It goes on after a delay, a question or a review.
    #[serde(rename = "order.resumed")]
    Resumed,
    /// It is delivered or cancelled; nothing comes after but another private link.
    #[serde(rename = "order.finished")]
    Finished,
    /// Its private link was replaced: the one before opens nothing any more.
    #[serde(rename = "order.link.replaced")]
    LinkReplaced,
    /// A mail was refused or reached the customer again, or the customer gave another e-mail address.
    #[serde(rename = "order.mail.changed")]
    MailChanged,
}

/// What is different after an event: everything that changes with a version, and of what rarely changes only what did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventData {
    /// The version that the event made.
    pub version: u32,
    /// The state now.
    pub state: State,
    /// Whether it takes longer than usual now.
    pub delayed: bool,
    /// The step that moved, as it is now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<Step>,
    /// What people read now.
    pub message: Message,
    /// The reason now; absent is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// The problem now; absent is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// Until when the customer can act now; absent is no deadline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_by: Option<Timestamp>,
    /// What the customer can do now; absent is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<Action>,
    /// The payment, when it changed.
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
    /// The last mail, when no mail server took it; absent is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_refused: Option<MailRefused>,
    /// The whole order; only in a snapshot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Box<Order>>,
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

    /// The word on the wire and in the database.
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

    /// The kind of a word, if there is one.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What the difference between two versions is called. The weightiest name wins.
    fn between(before: &Order, after: &Order, step: Option<&Step>) -> Self {
        if after.version == 1 {
            Self::Received
        } else if before.link_generation != after.link_generation {
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

impl Event {
    /// The event that leads from one version to the next.
    pub(crate) fn between(before: &Order, after: &Order, step: Option<Step>) -> Self {
        fn changed<T: Clone + PartialEq>(before: &T, after: &T) -> Option<T> {
            (before != after).then(|| after.clone())
        }
        let data = EventData {
            version: after.version,
            state: after.state,
            delayed: after.delayed,
            step,
            message: after.message.clone(),
            reason: after.reason,
            problem: after.problem.clone(),
            respond_by: after.respond_by,
            actions: after.actions.clone(),
            payment: changed(&before.payment, &after.payment),
            shipment: changed(&before.shipment, &after.shipment).flatten(),
            ship_to: changed(&before.ship_to, &after.ship_to),
            link_generation: changed(&before.link_generation, &after.link_generation),
            customer: changed(&before.customer, &after.customer),
            mail_refused: after.mail_refused.clone(),
            order: None,
        };
        let kind = EventType::between(before, after, data.step.as_ref());
        Self::new(after.id, kind, after.updated_at, data)
    }

    /// The whole order as an event, for a reader who starts here.
    pub fn snapshot(order: Order) -> Self {
        let data = EventData {
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
        };
        let (id, at) = (order.id, order.updated_at);
        Self::new(id, EventType::Snapshot, at, EventData { order: Some(Box::new(order)), ..data })
    }

    fn new(order: OrderId, kind: EventType, time: Timestamp, data: EventData) -> Self {
        // A snapshot shares its version with the event that made it, so it is told apart by version 0.
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

    /// The JSON text of an event whose `data` is JSON already, as it is stored: nothing is serialised twice.
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
    /// Whether an order that ends now still has the customer's money, held or charged.
    pub const fn holds_money(&self) -> bool {
        matches!(self.state, PaymentState::Authorised | PaymentState::Captured)
    }
}

//! The order: one type is the API's answer, the browser's signal and the server's aggregate.

use serde::{Deserialize, Serialize};

use crate::{
    CustomerMail, Money, OrderId, OrderNumber, PrivateLink, Problem, Reason, Service, State, Step, StepName,
    StepState, Timestamp, TrackingToken,
};

/// One order at one version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// Its id.
    pub id: OrderId,
    /// Its number, for people.
    pub number: OrderNumber,
    /// Its state.
    pub state: State,
    /// It takes longer than usual. Only while `processing` or `cancelling`.
    pub delayed: bool,
    /// Why it is cancelled, or what the customer is asked.
    pub reason: Option<Reason>,
    /// Incremented by every event.
    pub version: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
    /// When its last event happened.
    pub updated_at: Timestamp,
    /// When it should be confirmed, estimated from the shop's recent orders; none while there are too few.
    pub expected_by: Option<ExpectedBy>,
    /// The customer's deadline for an answer. The order is cancelled after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub respond_by: Option<Timestamp>,
    /// Who ordered.
    pub customer: Customer,
    /// Where it goes.
    pub ship_to: Address,
    /// What was ordered, at the prices when it was accepted.
    pub lines: Vec<Line>,
    /// What it costs.
    pub total: Money,
    /// How it is paid, and whether money moved.
    pub payment: Payment,
    /// The shipment, once booked.
    pub shipment: Option<Shipment>,
    /// The five steps, in order.
    pub steps: Vec<Step>,
    /// What people read in this state.
    pub message: Message,
    /// What the caller can do now.
    pub actions: Vec<Action>,
    /// What stands in the way, if anything.
    pub problem: Option<Problem>,
    /// Where to find it.
    pub links: Links,
    /// How often its private link was replaced; absent means never. Only the link of this generation opens the order.
    #[serde(default, skip_serializing_if = "crate::step::is_zero")]
    pub link_generation: u32,
    /// The last mail to the customer, when every mail server refused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_refused: Option<MailRefused>,
    /// The customer's note.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The token that opens this order without an account; only in the answer to its submission.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_token: Option<TrackingToken>,
}

/// When an order should be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectedBy {
    /// Half of the recent orders were confirmed by this time.
    pub usual: Timestamp,
    /// Nine of ten recent orders were confirmed by this time. At least a few seconds after acceptance.
    pub late: Timestamp,
}

/// Who ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Their name.
    pub name: String,
    /// Where mails go.
    pub email: String,
}

/// A postal address. Fields that its country does not have or need may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The recipient.
    pub name: String,
    /// Street and house number.
    pub street: String,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// The postcode, in the country's format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// ISO 3166-1 alpha-2, capital letters.
    pub country: String,
    /// The company that receives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// A second line: flat, floor, building, or a part of the city.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// State, province, emirate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

/// One product of an order, at the price when the order was accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The product.
    pub sku: String,
    /// Its name when it was ordered.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// The price of one.
    pub unit_price: Money,
    /// The price of all of them.
    pub total: Money,
}

/// How an order is paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// Card or invoice.
    pub method: PaymentMethod,
    /// Whether money moved.
    pub state: PaymentState,
    /// `Visa ••42`, once known.
    pub summary: Option<String>,
}

/// The ways to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// A card, by a token of the payment service.
    Card,
    /// An invoice; nothing is held or captured.
    Invoice,
}

/// Whether money moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaymentState {
    /// No money was held or charged.
    None,
    /// The amount is held, not charged.
    Authorised,
    /// The amount was charged.
    Captured,
    /// The hold was released.
    Voided,
    /// The charge was refunded.
    Refunded,
}

/// A shipment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The carrier's name.
    pub carrier: String,
    /// The carrier's tracking number.
    pub tracking_number: String,
    /// The carrier's page about it.
    pub tracking_url: String,
}

/// A mail that every mail server refused for the customer's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailRefused {
    /// Which mail.
    pub mail: CustomerMail,
    /// The reply code of the mail server, such as 550; none when no server was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// When it was refused.
    pub at: Timestamp,
}

/// The text about a state: its effect on the customer, whether money moved, and one next step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// One short sentence; the title of the page.
    pub heading: String,
    /// What it means.
    pub body: String,
    /// The one next step.
    pub next_step: String,
    /// The help page about it.
    pub help: String,
}

/// Something the caller can do with the order now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    /// `cancel`, `payment`, `address` or `email`.
    pub name: String,
    /// The HTTP method.
    pub method: String,
    /// The address to send it to.
    pub href: String,
}

/// Where to find an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Links {
    /// The order.
    #[serde(rename = "self")]
    pub this: String,
    /// Its events.
    pub events: String,
    /// Its page for people.
    pub page: String,
}

impl Payment {
    /// Returns this payment in another state.
    pub fn now(&self, state: PaymentState) -> Self {
        Self { state, ..self.clone() }
    }
}

impl PaymentState {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::None, Self::Authorised, Self::Captured, Self::Voided, Self::Refunded];

    /// The name on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Authorised => "authorised",
            Self::Captured => "captured",
            Self::Voided => "voided",
            Self::Refunded => "refunded",
        }
    }

    /// Returns the state with this name.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

impl Order {
    /// Returns one of its steps.
    pub fn step(&self, name: StepName) -> &Step {
        &self.steps[name.index()]
    }

    /// Returns the step that is running, waiting for an answer, or being undone.
    pub fn current_step(&self) -> Option<&Step> {
        let undoing = self.steps.iter().find(|step| step.state == StepState::Undoing);
        undoing.or_else(|| {
            self.steps.iter().find(|step| {
                matches!(
                    step.state,
                    StepState::Running
                        | StepState::Retrying
                        | StepState::NeedsCustomer
                        | StepState::NeedsOperator
                        | StepState::Failed
                )
            })
        })
    }

    /// Returns the service that refuses our calls and that the order therefore waits for.
    pub fn refused_by(&self) -> Option<Service> {
        self.steps.iter().find(|step| step.is_refused()).map(|step| step.name.service())
    }

    /// Whether it should be confirmed by now and is not, without a known delay.
    pub fn is_overdue(&self, now: Timestamp) -> bool {
        let late = self.expected_by.is_some_and(|expected| expected.late < now);
        late && !self.delayed && matches!(self.state, State::Received | State::Processing)
    }

    /// Whether the customer can still cancel it.
    pub fn can_be_cancelled(&self) -> bool {
        self.state.after(crate::Transition::Cancel).is_ok()
    }

    /// Whether the customer is asked for another card.
    pub fn wants_payment(&self) -> bool {
        self.waits_for_customer(StepName::AuthorisePayment)
    }

    /// Whether the customer is asked for another address.
    pub fn wants_address(&self) -> bool {
        self.waits_for_customer(StepName::ArrangeShipping)
    }

    fn waits_for_customer(&self, name: StepName) -> bool {
        self.state == State::ActionRequired && self.step(name).state == StepState::NeedsCustomer
    }

    /// Whether the customer can give another e-mail address: a mail was refused, and the order has not ended.
    pub const fn wants_email(&self) -> bool {
        self.mail_refused.is_some() && !self.state.is_final()
    }

    /// Returns its current private link.
    pub const fn private_link(&self) -> PrivateLink {
        PrivateLink { order: self.id, generation: self.link_generation }
    }

    /// Returns the entity tag of this version, `"v7"`.
    pub fn etag(&self) -> String {
        format!("\"v{}\"", self.version)
    }
}

impl Links {
    /// Returns the links of an order.
    pub fn of(id: OrderId) -> Self {
        Self {
            this: format!("/api/v1/orders/{id}"),
            events: format!("/api/v1/orders/{id}/events"),
            page: format!("/orders/{id}"),
        }
    }
}

//! The domain of Docket: an order, its steps, its events, and the texts that people read about them.
//!
//! Everything here is pure: no input or output, no clock, no randomness, no SQL and no Leptos. Time and random bits
//! are passed in, so the same code decides on the server and applies events in the browser.
//!
//! An order changes in one way only. A command (see `commands`) is checked against the order as it is, and is either
//! refused or turned into one [`Event`]; the event is applied to the order by [`Order::apply`], the one reducer. A
//! browser that applies the same events therefore holds the same order.
//!
//! Read in this order: [`state`], [`step`], [`order`], `commands`, [`event`], `apply`, `work`, `record`, [`wording`].
#![warn(missing_docs)]

pub mod address;
mod apply;
pub mod caller;
mod card_number;
pub mod carrier_event;
mod commands;
pub mod currency;
pub mod customer_mail;
pub mod desk;
pub mod email;
pub mod event;
pub mod facts;
pub mod help;
pub mod id;
mod mail_triggers;
pub mod money;
pub mod order;
pub mod plain_text;
pub mod problem;
mod processing;
pub mod product;
mod reason;
mod record;
pub mod report;
pub mod request;
pub mod service;
pub mod state;
pub mod step;
mod stored_record;
pub mod time;
mod tracking;
mod validation;
pub mod wording;
mod work;

pub use apply::Applied;
pub use caller::{Caller, IdempotencyKey, OrderAccess, Owner, Scope};
pub use card_number::looks_like_card_number;
pub use commands::CommandContext;
pub use commands::receive::{ValidOrder, ValidPayment};
pub use currency::Currency;
pub use customer_mail::CustomerMail;

pub use event::{Event, EventData, EventType};
pub use id::{EventId, OrderId, OrderNumber};
pub use money::{AmountError, Money};
pub use order::{
    Action, Address, Customer, ExpectedBy, Line, Links, MailRefused, Message, Order, Payment, PaymentMethod,
    PaymentState, Shipment,
};
pub use problem::{FieldError, Problem, ProblemCode, ProblemWords};
pub use processing::{ProcessingState, UnresolvedEffect};
pub use product::{Product, ProductPage, ProductQuery};
pub use reason::Reason;
pub use record::OrderRecord;
pub use report::{Group, GroupPage, GroupQuery, Words};
pub use request::{AddressRequest, EmailRequest, OrderRequest, PaymentRequest};
pub use service::{Accepted, OrderPage, OrderQuery, OrderService};
pub use state::{Refused, State, Transition};
pub use step::{Service, Step, StepName, StepReason, StepState};
pub use time::{Date, MONTHS, Timestamp};
pub use tracking::{PrivateLink, TrackingToken};
pub use work::{StepOutcome, StockMove, Work, WorkResult};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

//! The words of the business: an order, its steps, its events, and what people read about them.
//!
//! Everything here is pure. No input or output, no clock, no randomness, no SQL and no Leptos: time and
//! random bits come in as values, so the same code decides on the server and folds in the browser.
//!
//! An order changes in one way only. A command of [`decide`](Order) is judged against the order as it is,
//! either refused or turned into one [`Event`], and the event is folded into the order by [`Order::apply`],
//! the one reducer. A browser that folds the same events therefore holds the same order.
//!
//! Read in this order: [`state`], [`step`], [`order`], `decide`, `question`, `parcel`, `undo`, `mail_delivery`, [`event`], `apply`, [`wording`].
#![warn(missing_docs)]

pub mod address;
mod apply;
pub mod caller;
mod card_number;
pub mod carrier_report;
mod check;
pub mod currency;
mod dealings;
mod decide;
pub mod desk;
mod dossier;
pub mod email;
pub mod event;
pub mod help;
pub mod id;
pub mod letter;
mod mail_delivery;
pub mod money;
pub mod order;
mod parcel;
pub mod plain_text;
pub mod problem;
pub mod product;
mod question;
mod receive;
pub mod report;
pub mod request;
pub mod service;
pub mod state;
pub mod step;
pub mod time;
mod tracking;
mod undo;
pub mod wording;

pub use apply::Applied;
pub use caller::{Caller, IdempotencyKey, OrderAccess, Owner, Scope};
pub use card_number::looks_like_card_number;
pub use currency::Currency;
pub use dealings::{Dealings, Doubt};
pub use decide::{Moment, Work};
pub use dossier::{Dossier, StepOutcome, StockMove, WorkResult};
pub use event::{Event, EventData, EventType};
pub use id::{EventId, OrderId, OrderNumber};
pub use letter::Letter;
pub use mail_delivery::MailRefused;
pub use money::{AmountError, Money};
pub use order::{
    Action, Address, Customer, ExpectedBy, Line, Links, Message, Order, Payment, PaymentMethod, PaymentState,
    Reason, Shipment,
};
pub use problem::{FieldError, Problem, ProblemCode};
pub use product::{Product, ProductPage, ProductQuery};
pub use report::{Group, GroupPage, GroupQuery, Words};
pub use request::{AddressRequest, EmailRequest, OrderRequest, PaymentRequest, ValidOrder, ValidPayment};
pub use service::{Accepted, OrderPage, OrderQuery, OrderService};
pub use state::{Refused, State, Transition};
pub use step::{Service, Step, StepName, StepReason, StepState};
pub use time::{Date, MONTHS, Timestamp};
pub use tracking::{PrivateLink, TrackingToken};

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

//! The clients of the external services. Every failure is classified here, and only here.

mod answer;
pub mod carrier;
pub mod failure;
pub mod intent;
pub mod lookup;
pub mod mail;
mod mail_folder;
pub mod payment;
pub mod refusal;
mod service_client;
mod smtp_reply;
mod stripe;
mod stripe_amount;

pub use carrier::{Booking, Cancellation, CarrierGateway};
pub use failure::Failure;
pub use intent::{Authorisation, Intent, IntentState, VoidOutcome};
pub use lookup::Lookup;
pub use mail::{Mail, Mailer, MailerError, SendOutcome};
pub use payment::PaymentGateway;
pub use refusal::{MailRefusal, Refusal, RefusalScope};
pub use service_client::GatewayError;
pub use stripe_amount::charge_step;

#[cfg(test)]
pub(crate) mod tests;

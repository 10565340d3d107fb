//! The ways out of the house: one client for each outside service. Every failure is classed here, and only here.

mod answer;
pub mod carrier;
pub mod failure;
pub mod mail;
pub mod payment;
mod service_client;
mod stripe;
mod stripe_amount;

pub use carrier::{Booking, Cancellation, CarrierGateway};
pub use failure::Failure;
pub use mail::{Mail, Mailer, MailerError, Posting};
pub use payment::{Authorisation, Intent, IntentState, PaymentGateway, Voiding};
pub use service_client::GatewayError;
pub use stripe_amount::charge_step;

#[cfg(test)]
mod tests;

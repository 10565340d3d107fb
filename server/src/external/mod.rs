//! The external services: payment, carrier and mail.
//!
//! [`gateways`] call them, [`breakers`] decide whether they are called, and [`carrier_events`] applies what the carrier
//! reports by webhook.

pub mod breakers;
pub mod carrier_events;
pub mod gateways;

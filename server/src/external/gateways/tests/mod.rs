//! The real gateways against a real sandbox.

mod carrier;
mod mail;
pub mod mail_server;
mod payment;
mod refusals;

use std::time::Duration;

use orders::{OrderId, Timestamp};

const PATIENCE: Duration = Duration::from_secs(5);

fn order() -> OrderId {
    OrderId::new(Timestamp::from_millis(1_763_892_000_000), [7; 10])
}

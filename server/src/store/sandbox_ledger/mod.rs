//! The sandbox's durable ledger: a database of its own.

mod payments;
mod replies;
mod reports;
mod shipments;
mod writer;

pub use payments::{Payment, PaymentStatus};
pub use replies::{Answered, Key, Reply};
pub use reports::Report;
pub use shipments::{Shipment, ShipmentStatus};
pub use writer::{LedgerError, Page, SandboxLedger};

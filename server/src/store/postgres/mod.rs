//! The shared store: PostgreSQL 15 or newer, for several processes on several machines.

mod batch;
mod lane;
mod load;
mod migrations;
mod open;
mod open_error;
mod queue;
mod rows;
mod sheet;
mod sheet_transaction;
mod store;

pub use open::{PostgresConfig, open};
pub use open_error::OpenError;
pub use store::PostgresStore;

#[cfg(test)]
mod concurrency_tests;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod open_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod testing;

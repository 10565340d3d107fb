//! The shared store: PostgreSQL 15 or newer, for several processes on several machines.

mod migrations;
mod open;
mod open_error;

pub use open::{PostgresConfig, open};
pub use open_error::OpenError;

#[cfg(test)]
mod open_tests;
#[cfg(test)]
mod schema_tests;
#[cfg(test)]
mod testing;

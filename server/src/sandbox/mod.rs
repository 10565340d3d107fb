//! The simulated payment service and carrier, over real HTTP, with a durable ledger and fault injection.
//!
//! Docket reaches it only through the same gateways as the real services.

mod carrier;
mod connection;
mod fault_routes;
mod faults;
mod keys;
mod ledger_routes;
mod payment;
mod program;
mod report_loop;
mod reporter;
mod rfc3339;
mod routes;
mod serve;

pub use program::{Sandbox, SandboxConfig, SandboxError};
pub use serve::serve;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

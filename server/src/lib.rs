//! The server of Docket: nothing here ever compiles to WebAssembly.
//!
//! An order's way: `accept` → `store` → queue → `pipeline` → `steps` → `gateways` → events → `push` → `http`.

pub mod accept;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod entropy;
pub mod expectation;
pub mod gateways;
pub mod http;
pub mod identity;
pub mod listener;
pub mod pipeline;
pub mod push;
pub mod sandbox;
pub mod shutdown;
pub mod site;
pub mod startup;
pub mod steps;
pub mod store;
pub mod telemetry;

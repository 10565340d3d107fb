//! The server of Docket: nothing here ever compiles to WebAssembly.
//!
//! An order's way: `accept` → `store` → queue → `pipeline` → `steps` → `gateways` → events → `push` → `http`.
// The type of a page is as deep as its elements are nested.
#![recursion_limit = "512"]

pub mod accept;
pub mod admission;
pub mod breakers;
pub mod carrier_reports;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod desk;
pub mod entropy;
pub mod expectation;
pub mod failpoint;
pub mod gateways;
pub mod http;
pub mod identity;
pub mod listener;
pub mod lookout;
pub mod mail;
pub mod pipeline;
pub mod private_files;
pub mod push;
pub mod sandbox;
pub mod shutdown;
pub mod site;
pub mod standard_webhooks;
pub mod startup;
pub mod steps;
pub mod store;
pub mod telemetry;

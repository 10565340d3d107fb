//! The HTTP API, and the one place where the pages are mounted.
//!
//! [`api`] is the table of all calls. A call extracts the principal ([`caller`]) and its input ([`body`], [`query`]),
//! calls a port such as `OrderService`, and answers; a refusal is a [`failure::Failure`], which [`problems`] writes
//! as RFC 9457.

mod api;
mod body;
mod caller;
mod carrier_events;
mod client_address;
mod commands;
mod compression;
mod conditional;
mod csrf;
mod desk;
mod docs;
mod events;
mod failure;
mod health;
mod long_poll;
mod metrics;
mod named;
mod openapi;
mod order;
mod orders;
mod pages;
mod problems;
mod products;
mod query;
mod rate_limit;
mod rate_limit_key;
mod request_layer;
mod request_log;
mod router;
mod security_headers;
pub mod site;
mod state;
mod streams;
mod submissions;
mod target;
mod tracking_link;

pub use rate_limit::{MonotonicClock, SubmissionLimiter};
pub use router::{RouterError, internal_router, router};
pub use state::{HttpConfig, HttpState, Now, Ports};

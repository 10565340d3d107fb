//! The server of Docket. Nothing here compiles to WebAssembly.
//!
//! The path of an order through the modules: [`listener`] accepts the connection, [`http`] reads the request, [`load`]
//! decides whether there is room for another order, [`accept`] prices it, [`store`] commits it together with its first
//! job, [`pipeline`] claims the job and runs the next of its [`steps`], which call an [`external`] service. Each change
//! is committed with an event, and [`push`] sends the event to everybody who watches the order. [`mail`] writes to the
//! customer, and [`desk`] is what operators see and do.
//!
//! [`catalog`] imports products, [`identity`] has keys, sessions and signatures, [`sandbox`] simulates the external
//! services, [`config`] reads the settings, [`startup`] builds all of it, and [`cli`] is the program. [`platform`] has
//! what every module may use: randomness, private files, failpoints, the log. [`metrics`] has what they count.
// The type of a page is as deep as its elements are nested.
#![recursion_limit = "512"]

pub mod accept;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod desk;
pub mod external;
pub mod http;
pub mod identity;
pub mod listener;
pub mod load;
pub mod mail;
pub mod metrics;
pub mod pipeline;
pub mod platform;
pub mod push;
pub mod sandbox;
pub mod startup;
pub mod steps;
pub mod store;

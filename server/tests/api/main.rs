//! The HTTP API from outside: every row of its contract, over real connections to a real store.

mod actions;
mod addresses;
mod admission;
mod app;
mod carrier_events;
mod catalog_import;
mod commands;
mod currencies;
mod desk;
mod desk_orders;
mod documents;
mod events;
mod headers;
mod house;
mod identity;
mod limits;
#[path = "../../src/platform/telemetry/testing.rs"]
mod log;
mod long_poll;
#[path = "../../src/external/gateways/tests/mail_server.rs"]
mod mail_server;
mod markup;
mod metrics;
mod needs_you;
mod orders;
mod pages;
mod products;
mod proxy;
mod refusals;
mod refusing_services;
mod request_log;
mod stop_signals;
mod tracking_link;
mod websocket;

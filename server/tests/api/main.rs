//! The HTTP API from outside: every row of its contract, over real connections to a real store.

mod admission;
mod app;
mod carrier_events;
mod commands;
mod desk;
mod desk_orders;
mod documents;
mod events;
mod headers;
mod house;
mod identity;
mod long_poll;
#[path = "../../src/gateways/tests/mail_server.rs"]
mod mail_server;
mod needs_you;
mod orders;
mod pages;
mod products;
mod refusals;
mod refusing_services;
mod websocket;

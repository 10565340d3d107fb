//! The HTTP API from outside: every row of its contract, over real connections to a real store.

mod addresses;
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
mod needs_you;
mod orders;
mod pages;
mod products;
mod refusals;
mod websocket;

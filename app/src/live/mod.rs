//! What keeps a page up to date.
//!
//! `connection` decides when to connect, what to subscribe to and when to fall back to polling; `driver` executes that with
//! a WebSocket; `frames` reads and writes its messages. `orders::Order::apply` applies every event to the orders of [`Live`].

pub mod cart_queue;
mod connection;
mod driver;
mod frames;
pub mod http;
pub mod notify;
pub mod pointer;
mod poll;
mod seen;
pub mod tabs;

pub use connection::Topic;
pub use driver::{now, start};
pub use seen::Live;

//! Keeps a page up to date.
//!
//! `connection` decides when to connect, what to subscribe to and when to fall back to polling; `driver` executes
//! that with a WebSocket; `frames` reads and writes its messages; `poll` is the fallback. `orders::Order::apply`
//! applies every event to the orders of [`Live`].

mod browser;
pub mod cart_queue;
mod connection;
mod driver;
mod frames;
pub mod http;
pub mod notify;
mod order_store;
pub mod pointer;
mod poll;
mod tab_connection;
pub mod tabs;
mod topic;

pub use browser::now;
pub use driver::{follow, start};
pub use order_store::Live;
pub use topic::Topic;

//! What keeps a page up to date.
//!
//! `line` decides (when to connect, what to ask for, when to give up on WebSockets), `browser` does, `frames` reads and
//! writes what goes over the wire, and what arrives is folded into the orders of [`Live`] by `orders::Order::apply`.

mod browser;
mod frames;
pub mod http;
mod line;
pub mod notify;
pub mod pointer;
mod poll;
mod seen;
pub mod tabs;

pub use browser::{now, start};
pub use line::Topic;
pub use seen::Live;

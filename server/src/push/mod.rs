//! The live stream of events: from the log after a cursor, then live, without gaps and duplicates.
//!
//! The log is the truth and the [`Hub`] only a hint. A [`Feed`] subscribes first, then reads the log, then goes on
//! live and drops what it has already sent. WebSocket, server-sent events and long polling are transports over it.

mod feed;
mod frame;
mod hub;
#[cfg(test)]
mod testing;

pub use feed::{Feed, Grant, HEARTBEAT_EVERY};
pub use frame::{Frame, Framed, RECONNECT};
pub use hub::{Hub, Watch};

/// The event log of the store.
pub use crate::store::{EventLog, ReadError, Topic};

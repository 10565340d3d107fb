//! The live stream of events: from the log after a cursor, then as they happen, without a gap and without a double.
//!
//! The log is the truth and the [`Hub`] a hint about it. A [`Feed`] subscribes first, then reads the log, then goes
//! on live and drops what it has sent already. WebSocket, server-sent events and long poll are wires over it.

mod feed;
mod frame;
mod hub;
#[cfg(test)]
mod testing;

pub use feed::{Feed, Grant, HEARTBEAT_EVERY};
pub use frame::{Frame, Framed};
pub use hub::{Hub, Watch};

/// What a stream is read from.
pub use crate::store::{EventLog, ReadError, Topic};

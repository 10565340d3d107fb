//! An event as bytes: serialised once, sent to every reader.

use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use bytes::Bytes;
use orders::{Event, EventType, Order, OrderId};

use crate::store::StoredEvent;

/// The start of the first frame of a server-sent stream: reconnect after two seconds.
const RETRY: &str = "retry: 2000\n";
/// A whole server-sent stream without an event, for a reader who is to reconnect.
pub const RECONNECT: &str = "retry: 2000\n\n";
const HEARTBEAT: &str = "retry: 2000\nevent: heartbeat\ndata: {}\n\n";

/// One item of a feed.
#[derive(Debug, Clone)]
pub enum Frame {
    /// A whole order, which replaces everything that was sent about it.
    Snapshot(Arc<Framed>),
    /// An event.
    Event(Arc<Framed>),
    /// Nothing happened for a while; the connection is alive.
    Heartbeat,
}

impl Frame {
    /// Returns the bytes for a server-sent stream. The first frame has the reconnect time.
    pub fn sse(&self, first: bool) -> Bytes {
        let whole = match self {
            Self::Snapshot(framed) | Self::Event(framed) => framed.sse.clone(),
            Self::Heartbeat => Bytes::from_static(HEARTBEAT.as_bytes()),
        };
        if first { whole } else { whole.slice(RETRY.len()..) }
    }
}

/// An event with its bytes for every transport.
#[derive(Debug)]
pub struct Framed {
    /// Its position in the log; for a snapshot the head of the log, from where a reader resumes.
    pub sequence: u64,
    /// The order.
    pub order: OrderId,
    /// The version of the order after it.
    pub version: u32,
    /// The kind of event.
    pub kind: EventType,
    /// The envelope as JSON text: a slice of `sse`.
    pub json: Utf8Bytes,
    /// The whole server-sent frame, after [`RETRY`].
    sse: Bytes,
}

impl Framed {
    /// Frames an event of the log.
    pub(super) fn of(event: &StoredEvent) -> Self {
        let (sequence, kind) = (event.sequence, event.kind);
        Self::new(sequence, event.order, event.version, kind, &event.to_json(), true)
    }

    /// Frames a whole order as of the head of the log.
    ///
    /// Of several snapshots only the last has an `id` to resume from: a reader that lost its connection between two
    /// of them would otherwise never get the rest.
    pub(super) fn snapshot(order: Order, head: u64, resumable: bool) -> Self {
        let (id, version) = (order.id, order.version);
        let mut event = Event::snapshot(order);
        event.sequence = format!("{head:020}");
        // An order consists of strings, numbers and enums, so it always serialises.
        let json = serde_json::to_string(&event).unwrap_or_default();
        Self::new(head, id, version, EventType::Snapshot, &json, resumable)
    }

    fn new(
        sequence: u64,
        order: OrderId,
        version: u32,
        kind: EventType,
        json: &str,
        resumable: bool,
    ) -> Self {
        let id = if resumable { format!("id: {sequence:020}\n") } else { String::new() };
        let text = format!("{RETRY}{id}event: {}\ndata: {json}\n\n", kind.as_str());
        let end = text.len() - 2;
        let sse = Bytes::from(text);
        // The JSON text is a slice at character boundaries, so it is valid UTF-8.
        let json = Utf8Bytes::try_from(sse.slice(end - json.len()..end)).unwrap_or_default();
        Self { sequence, order, version, kind, json, sse }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing;
    use super::*;

    #[test]
    fn one_serialisation_serves_every_transport() {
        let (order, events) = testing::order_with_events(1, 1);
        let framed = Arc::new(Framed::of(&testing::stored(7, order.id, &events[0])));
        let frame = Frame::Event(framed.clone());
        assert_eq!(framed.json.as_str(), testing::stored(7, order.id, &events[0]).to_json());
        let sse = format!("id: 00000000000000000007\nevent: order.received\ndata: {}\n\n", framed.json);
        assert_eq!(frame.sse(false), sse);
        assert_eq!(frame.sse(true), format!("retry: 2000\n{sse}"));
        assert!(!framed.json.contains('\n'), "a line break would end the data");
    }

    #[test]
    fn a_snapshot_has_the_whole_order_and_the_head_of_the_log() {
        let (order, _) = testing::order_with_events(1, 2);
        let framed = Framed::snapshot(order.clone(), 12, true);
        let event: Event = serde_json::from_str(&framed.json).unwrap();
        assert_eq!(event.sequence, "00000000000000000012");
        assert_eq!(event.data.order.as_deref(), Some(&order));
        assert!(Frame::Snapshot(framed.into()).sse(false).starts_with(b"id: 00000000000000000012\n"));
    }

    #[test]
    fn a_heartbeat_is_a_named_event() {
        assert_eq!(Frame::Heartbeat.sse(false), "event: heartbeat\ndata: {}\n\n");
    }
}

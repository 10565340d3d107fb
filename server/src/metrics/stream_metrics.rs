//! The metrics of event streams.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::labels::Labels;

/// Open streams, and what they carry.
#[derive(Debug)]
pub struct StreamMetrics {
    /// Events handed to readers, once for each reader.
    pub events_sent: Counter,
    /// Times that a slow reader got a snapshot in place of missed events.
    pub resyncs: Counter,
    open: [Gauge; 3],
}

/// The transports of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// Server-sent events.
    Sse,
    /// A WebSocket, whatever its number of topics.
    WebSocket,
    /// A request that waits for a newer version of its order.
    LongPoll,
}

/// One open stream. It counts until it is dropped.
#[derive(Debug)]
#[must_use]
pub struct OpenStream(Gauge);

impl StreamKind {
    const ALL: [Self; 3] = [Self::Sse, Self::WebSocket, Self::LongPoll];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Sse => "sse",
            Self::WebSocket => "websocket",
            Self::LongPoll => "long_poll",
        }
    }
}

impl StreamMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let streams = Family::<Labels<1>, Gauge>::default();
        let open = StreamKind::ALL.map(|kind| streams.get_or_create_owned(&[("kind", kind.as_str())]));
        registry.register("streams_open", "Open streams", streams);
        let (events_sent, resyncs) = (Counter::default(), Counter::default());
        registry.register("stream_events_sent", "Events handed to readers", events_sent.clone());
        let help = "Times that a slow reader got a snapshot in place of missed events";
        registry.register("stream_resyncs", help, resyncs.clone());
        Self { events_sent, resyncs, open }
    }

    /// Counts a stream while it is open.
    pub fn open(&self, kind: StreamKind) -> OpenStream {
        let gauge = self.open[kind as usize].clone();
        gauge.inc();
        OpenStream(gauge)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        self.0.dec();
    }
}

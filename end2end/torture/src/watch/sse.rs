//! A parser of `text/event-stream`.

/// One frame of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    pub event: String,
    pub data: Option<String>,
    /// Whether it has an id, after which a reader can resume.
    pub has_id: bool,
}

/// Parses frames from bytes.
#[derive(Debug)]
pub struct FrameParser {
    bytes: Vec<u8>,
    parsed: usize,
    /// Whether the status of the response means that no event will follow.
    pub ends_for_good: bool,
}

impl FrameParser {
    /// Returns an empty parser.
    pub fn new(ends_for_good: bool) -> Self {
        Self { bytes: Vec::new(), parsed: 0, ends_for_good }
    }

    /// Adds received bytes.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.parsed);
        self.parsed = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// Returns the next complete frame.
    pub fn next_frame(&mut self) -> Option<Frame> {
        let rest = &self.bytes[self.parsed..];
        let end = rest.windows(2).position(|pair| pair == b"\n\n")?;
        let text = String::from_utf8_lossy(&rest[..end]).into_owned();
        self.parsed += end + 2;
        let mut frame = Frame { event: "message".to_owned(), data: None, has_id: false };
        for line in text.lines() {
            match line.split_once(": ") {
                Some(("event", event)) => event.clone_into(&mut frame.event),
                Some(("data", data)) => frame.data = Some(data.to_owned()),
                Some(("id", _)) => frame.has_id = true,
                _ => {}
            }
        }
        Some(frame)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_parsed_at_any_chunk_boundary() {
        let text =
            b"retry: 2000\nid: 007\nevent: order.received\ndata: {\"a\":1}\n\nevent: heartbeat\ndata: {}\n\n";
        for cut in 1..text.len() {
            let mut parser = FrameParser::new(false);
            let mut found = Vec::new();
            for part in text.chunks(cut) {
                parser.feed(part);
                while let Some(frame) = parser.next_frame() {
                    found.push(frame);
                }
            }
            assert_eq!(found.len(), 2, "cut after {cut}");
            assert_eq!(found[0].data.as_deref(), Some("{\"a\":1}"));
            assert!(found[0].has_id && !found[1].has_id);
            assert_eq!(found[1].event, "heartbeat");
        }
    }
}

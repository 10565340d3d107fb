//! The state machine of a tab's connection: when to connect, what to subscribe to, and when to fall back to plain HTTP.
//!
//! It does no I/O. `driver` feeds it with what happens, with the time and with random numbers, and executes the
//! [`Command`]s that it returns.

use orders::OrderId;

use super::frames;
use super::topic::Topic;

/// A connection that was silent for this long is dead: three heartbeats.
const SILENCE_LIMIT_MS: i64 = 45_000;
/// A tab that becomes visible after this much silence reconnects at once: a heartbeat is overdue.
const OVERDUE_MS: i64 = 20_000;
/// A connection that is not open after this time is given up.
const HANDSHAKE_TIMEOUT_MS: i64 = 10_000;
/// A shorter interruption is not shown.
const GRACE_MS: i64 = 3_000;
const BASE_DELAY_MS: i64 = 500;
const MAX_DELAY_MS: i64 = 15_000;
/// After this many failed handshakes in a row, the tab polls over plain HTTP.
const MAX_FAILED_HANDSHAKES: u32 = 2;

/// A command to the driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Open a WebSocket, and close the current one.
    Connect,
    Disconnect,
    Send(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting { until: i64 },
    Opening { since: i64 },
    Open,
}

/// The connection of a tab. Times are milliseconds since the epoch; `random` is uniform in 0..1.
#[derive(Debug)]
pub struct Connection {
    phase: Phase,
    /// The topics, each with its cursor.
    topics: Vec<(Topic, String)>,
    received_at: i64,
    /// How often the connection was closed since something was received.
    closes: u32,
    failed_handshakes: u32,
    polls_work: bool,
}

impl Connection {
    /// Returns a connection that is about to be opened. The page shows every event up to `cursor`.
    pub fn new(now: i64, cursor: String) -> Self {
        let topics = vec![(Topic::MINE, cursor)];
        Self {
            phase: Phase::Waiting { until: now },
            topics,
            received_at: now,
            closes: 0,
            failed_handshakes: 0,
            polls_work: false,
        }
    }

    /// Must be called once a second.
    pub fn tick(&mut self, now: i64, random: f64) -> Vec<Command> {
        match self.phase {
            Phase::Waiting { until } if now >= until => self.connect(now),
            Phase::Opening { since } if now - since > HANDSHAKE_TIMEOUT_MS => self.disconnect(now, random),
            Phase::Open if now - self.received_at > SILENCE_LIMIT_MS => self.disconnect(now, random),
            _ => Vec::new(),
        }
    }

    /// The network is back, or the tab became visible.
    pub fn wake(&mut self, now: i64) -> Vec<Command> {
        match self.phase {
            Phase::Waiting { .. } => self.connect(now),
            Phase::Open if now - self.received_at > OVERDUE_MS => self.connect(now),
            _ => Vec::new(),
        }
    }

    /// The WebSocket is open: subscribe to every topic, each from its cursor.
    pub fn opened(&mut self, now: i64) -> Vec<Command> {
        self.phase = Phase::Open;
        self.failed_handshakes = 0;
        self.received(now);
        self.topics.iter().map(|(topic, cursor)| Command::Send(frames::subscribe(topic, cursor))).collect()
    }

    /// The WebSocket is closed, by either side.
    pub fn closed(&mut self, now: i64, random: f64) -> Vec<Command> {
        if matches!(self.phase, Phase::Opening { .. }) {
            self.failed_handshakes = self.failed_handshakes.saturating_add(1);
        }
        let delay = (BASE_DELAY_MS << self.closes.min(6)).min(MAX_DELAY_MS);
        self.closes = self.closes.saturating_add(1);
        // Half of the delay is random, so that not every tab reconnects at once.
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "some seconds")]
        let delay = (delay as f64 * (0.5 + random / 2.0)) as i64;
        self.phase = Phase::Waiting { until: now + delay };
        Vec::new()
    }

    /// The server has answered, over the WebSocket or over plain HTTP.
    pub fn received(&mut self, now: i64) {
        self.received_at = now;
        if self.phase == Phase::Open {
            self.closes = 0;
        }
    }

    /// An event was applied: after a reconnect its topic continues behind it.
    pub fn advance(&mut self, subject: OrderId, sequence: &str) {
        let has_own = self.topics.iter().any(|(topic, _)| topic.order == Some(subject));
        for (topic, cursor) in &mut self.topics {
            // An order with a topic of its own arrives over both topics, so it does not move the other one's cursor.
            let moves = if has_own { topic.order == Some(subject) } else { topic.order.is_none() };
            if moves && sequence > cursor.as_str() {
                sequence.clone_into(cursor);
            }
        }
    }

    pub fn subscribe(&mut self, topic: Topic) -> Vec<Command> {
        self.topics.retain(|(known, _)| known.order != topic.order);
        let ask = Command::Send(frames::subscribe(&topic, ""));
        self.topics.push((topic, String::new()));
        if self.phase == Phase::Open { vec![ask] } else { Vec::new() }
    }

    /// The log no longer reaches back to the cursor of this topic: subscribe again without one.
    pub fn reset_cursor(&mut self, name: &str) -> Vec<Command> {
        let topic = self.topics.iter_mut().find(|(topic, cursor)| topic.name() == name && !cursor.is_empty());
        topic.map_or_else(Vec::new, |(topic, cursor)| {
            cursor.clear();
            vec![Command::Send(frames::subscribe(topic, ""))]
        })
    }

    /// Returns the topic of the order that the page is about.
    pub fn page_order(&self) -> Option<&Topic> {
        self.topics.iter().map(|(topic, _)| topic).rfind(|topic| topic.order.is_some())
    }

    /// Returns the tracking token of an order that is followed by its link.
    pub fn token_of(&self, id: OrderId) -> Option<String> {
        let topic = self.topics.iter().find(|(topic, _)| topic.order == Some(id));
        topic.and_then(|(topic, _)| topic.token.clone())
    }

    /// Whether a topic is an order that is followed by its link.
    pub fn is_by_link(&self, name: &str) -> bool {
        self.topics.iter().any(|(topic, _)| topic.token.is_some() && topic.name() == name)
    }

    /// Whether to poll over plain HTTP because handshakes fail. They are still retried.
    pub fn must_poll(&self) -> bool {
        self.failed_handshakes >= MAX_FAILED_HANDSHAKES && self.phase != Phase::Open
    }

    /// A poll over plain HTTP was answered, or not.
    pub fn polled(&mut self, now: i64, answered: bool) -> Vec<Command> {
        let back = answered && !self.polls_work;
        self.polls_work = answered;
        if answered {
            self.received(now);
        }
        // The server is back, so its WebSockets may be as well.
        if back && self.failed_handshakes > MAX_FAILED_HANDSHAKES { self.wake(now) } else { Vec::new() }
    }

    /// Returns when the server last answered, if the interruption is long enough to be shown.
    pub fn lost_since(&self, now: i64) -> Option<i64> {
        let lost = self.phase != Phase::Open && now - self.received_at > GRACE_MS;
        let polled = self.must_poll() && self.polls_work;
        (lost && !polled).then_some(self.received_at)
    }

    fn connect(&mut self, now: i64) -> Vec<Command> {
        self.phase = Phase::Opening { since: now };
        vec![Command::Connect]
    }

    fn disconnect(&mut self, now: i64, random: f64) -> Vec<Command> {
        self.closed(now, random);
        vec![Command::Disconnect]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::order;

    fn open_connection() -> Connection {
        let mut connection = Connection::new(0, String::new());
        assert_eq!(connection.tick(0, 0.5), [Command::Connect]);
        assert_eq!(connection.opened(0).len(), 1);
        connection
    }

    #[test]
    fn delays_double_with_jitter_up_to_a_limit_and_reset_after_a_received_frame() {
        let mut connection = Connection::new(0, String::new());
        let mut waited = Vec::new();
        let mut now = 0;
        for _ in 0..8 {
            connection.tick(now, 1.0);
            connection.closed(now, 1.0);
            let Phase::Waiting { until } = connection.phase else { panic!("it is not waiting") };
            waited.push(until - now);
            now = until;
        }
        assert_eq!(waited, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
        connection.tick(now, 0.0);
        connection.opened(now);
        connection.closed(now, 0.0);
        assert_eq!(connection.phase, Phase::Waiting { until: now + 250 }, "half of the delay is random");
    }

    #[test]
    fn a_silent_connection_is_closed_and_sooner_when_the_tab_becomes_visible() {
        let mut connection = open_connection();
        assert!(connection.tick(SILENCE_LIMIT_MS, 0.5).is_empty());
        assert_eq!(connection.tick(SILENCE_LIMIT_MS + 1, 0.5), [Command::Disconnect]);
        assert_eq!(connection.wake(SILENCE_LIMIT_MS + 2), [Command::Connect], "a visible tab does not wait");
        let mut connection = open_connection();
        assert!(connection.wake(OVERDUE_MS).is_empty(), "a connection that received something lately stays");
        assert_eq!(connection.wake(OVERDUE_MS + 1), [Command::Connect]);
    }

    #[test]
    fn each_topic_continues_from_its_cursor_after_a_reconnect() {
        let mut connection = open_connection();
        let (own, other) = (order().id, crate::testing::received(2).0.id);
        connection.subscribe(Topic { order: Some(own), token: None });
        connection.advance(own, "00000000000000000007");
        connection.advance(other, "00000000000000000005");
        connection.advance(other, "00000000000000000004");
        connection.closed(0, 0.5);
        let frames: Vec<_> = connection
            .opened(1)
            .into_iter()
            .filter_map(|act| match act {
                Command::Send(text) => Some(text),
                _ => None,
            })
            .collect();
        assert!(frames[0].contains("\"orders\"") && frames[0].contains("00000000000000000005"), "{frames:?}");
        assert!(
            frames[1].contains("\"order:ord_") && frames[1].contains("00000000000000000007"),
            "{frames:?}"
        );
        let again = connection.reset_cursor("orders");
        assert!(matches!(&again[..], [Command::Send(text)] if !text.contains("after")), "{again:?}");
        assert!(connection.reset_cursor("orders").is_empty(), "its cursor is reset already");
    }

    #[test]
    fn orders_followed_by_link_are_distinguished_from_own_orders() {
        let mut connection = open_connection();
        let (own, other) = (order().id, crate::testing::received(2).0.id);
        connection.subscribe(Topic { order: Some(own), token: None });
        connection.subscribe(Topic { order: Some(other), token: Some("secret".to_owned()) });
        assert!(connection.is_by_link(&format!("order:{other}")));
        assert!(!connection.is_by_link(&format!("order:{own}")) && !connection.is_by_link("orders"));
    }

    #[test]
    fn only_a_long_interruption_is_shown() {
        let mut connection = open_connection();
        connection.received(1_000);
        connection.closed(2_000, 0.5);
        assert_eq!(connection.lost_since(4_000), None);
        assert_eq!(connection.lost_since(4_001), Some(1_000));
        connection.opened(5_000);
        assert_eq!(connection.lost_since(9_000), None);
    }

    #[test]
    fn two_failed_handshakes_in_a_row_lead_to_polling_until_a_websocket_opens() {
        let mut connection = Connection::new(0, String::new());
        for now in [0, 10_000] {
            assert!(!connection.must_poll());
            connection.tick(now, 0.5);
            connection.closed(now, 0.5);
        }
        assert!(connection.must_poll());
        connection.polled(30_000, true);
        assert_eq!(connection.lost_since(60_000), None, "polling keeps the page up to date");
        connection.polled(60_000, false);
        assert_eq!(connection.lost_since(60_001), Some(30_000));
        connection.wake(60_002);
        connection.opened(60_003);
        assert!(!connection.must_poll());
    }
}

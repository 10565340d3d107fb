//! When to connect, what to ask for, and when to try another way. Decides only; time and chance come in as values.

use orders::OrderId;

use super::frames;

/// Silence that means that the line is dead: three heartbeats.
const SILENCE_MS: i64 = 45_000;
/// Silence after which a tab that becomes visible does not wait any longer: a heartbeat is overdue.
const OVERDUE_MS: i64 = 20_000;
/// A line that does not open in this time never will.
const OPENING_MS: i64 = 10_000;
/// A break that mends itself in this time is not worth a word.
const QUIET_MS: i64 = 3_000;
/// The first wait before connecting again.
const BASE_MS: i64 = 500;
/// The longest wait before connecting again.
const LONGEST_MS: i64 = 15_000;
/// So many refusals in a row mean that something in between does not let WebSockets through.
const REFUSALS: u32 = 2;

/// Something to be told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topic {
    /// One order; none is all orders of whoever looks.
    pub order: Option<OrderId>,
    /// What opens that order to somebody else.
    pub token: Option<String>,
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Do {
    /// Open a new line, and close the one there is.
    Connect,
    /// Close the line.
    Hang,
    /// Send a frame.
    Send(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting { until: i64 },
    Opening { since: i64 },
    Open,
}

/// The one line of a tab. Times are milliseconds of the epoch, chance is a number from 0 to 1.
#[derive(Debug)]
pub struct Line {
    phase: Phase,
    topics: Vec<(Topic, String)>,
    heard_at: i64,
    breaks: u32,
    refusals: u32,
    polls_work: bool,
}

impl Topic {
    /// All orders of whoever looks.
    pub const MINE: Self = Self { order: None, token: None };

    /// Its name on the wire.
    pub fn name(&self) -> String {
        match self.order {
            Some(id) => format!("order:{id}"),
            None => "orders".to_owned(),
        }
    }
}

impl Line {
    /// A line that is about to be opened. The page itself is the last that was heard, and up to `told` it shows everything.
    pub fn new(now: i64, told: String) -> Self {
        let topics = vec![(Topic::MINE, told)];
        Self {
            phase: Phase::Waiting { until: now },
            topics,
            heard_at: now,
            breaks: 0,
            refusals: 0,
            polls_work: false,
        }
    }

    /// Some time has passed.
    pub fn tick(&mut self, now: i64, chance: f64) -> Vec<Do> {
        match self.phase {
            Phase::Waiting { until } if now >= until => self.connect(now),
            Phase::Opening { since } if now - since > OPENING_MS => self.hang(now, chance),
            Phase::Open if now - self.heard_at > SILENCE_MS => self.hang(now, chance),
            _ => Vec::new(),
        }
    }

    /// The network is back, or somebody looks at the tab again.
    pub fn wake(&mut self, now: i64) -> Vec<Do> {
        match self.phase {
            Phase::Waiting { .. } => self.connect(now),
            Phase::Open if now - self.heard_at > OVERDUE_MS => self.connect(now),
            _ => Vec::new(),
        }
    }

    /// The line is open: ask for everything, each from where it ended.
    pub fn opened(&mut self, now: i64) -> Vec<Do> {
        self.phase = Phase::Open;
        self.refusals = 0;
        self.heard(now);
        self.topics.iter().map(|(topic, after)| Do::Send(frames::subscribe(topic, after))).collect()
    }

    /// The line is closed, by whomever.
    pub fn closed(&mut self, now: i64, chance: f64) -> Vec<Do> {
        if matches!(self.phase, Phase::Opening { .. }) {
            self.refusals = self.refusals.saturating_add(1);
        }
        let wait = (BASE_MS << self.breaks.min(6)).min(LONGEST_MS);
        self.breaks = self.breaks.saturating_add(1);
        // Half of the wait is chance, so that not everybody comes back at once.
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "some seconds")]
        let wait = (wait as f64 * (0.5 + chance / 2.0)) as i64;
        self.phase = Phase::Waiting { until: now + wait };
        Vec::new()
    }

    /// Something was heard from the server, on whatever way.
    pub fn heard(&mut self, now: i64) {
        self.heard_at = now;
        if self.phase == Phase::Open {
            self.breaks = 0;
        }
    }

    /// An event was taken in: what is asked for after a break begins behind it.
    pub fn folded(&mut self, subject: OrderId, sequence: &str) {
        let has_own = self.topics.iter().any(|(topic, _)| topic.order == Some(subject));
        for (topic, after) in &mut self.topics {
            // An order that is asked for by itself arrives on two ways, so it says nothing about how far the other is.
            let tells = if has_own { topic.order == Some(subject) } else { topic.order.is_none() };
            if tells && sequence > after.as_str() {
                sequence.clone_into(after);
            }
        }
    }

    /// Also tell about this.
    pub fn watch(&mut self, topic: Topic) -> Vec<Do> {
        self.topics.retain(|(known, _)| known.order != topic.order);
        let ask = Do::Send(frames::subscribe(&topic, ""));
        self.topics.push((topic, String::new()));
        if self.phase == Phase::Open { vec![ask] } else { Vec::new() }
    }

    /// The log no longer reaches back to where a topic ended: start it over.
    pub fn start_over(&mut self, name: &str) -> Vec<Do> {
        let topic = self.topics.iter_mut().find(|(topic, after)| topic.name() == name && !after.is_empty());
        topic.map_or_else(Vec::new, |(topic, after)| {
            after.clear();
            vec![Do::Send(frames::subscribe(topic, ""))]
        })
    }

    /// The one order that the page is about.
    pub fn in_focus(&self) -> Option<&Topic> {
        self.topics.iter().map(|(topic, _)| topic).rfind(|topic| topic.order.is_some())
    }

    /// What opens an order that is followed by its link.
    pub fn token_of(&self, id: OrderId) -> Option<String> {
        let topic = self.topics.iter().find(|(topic, _)| topic.order == Some(id));
        topic.and_then(|(topic, _)| topic.token.clone())
    }

    /// Whether a topic is an order that is followed by its link.
    pub fn is_by_link(&self, name: &str) -> bool {
        self.topics.iter().any(|(topic, _)| topic.token.is_some() && topic.name() == name)
    }

    /// WebSockets do not come through, so ask over plain HTTP. They are tried again all the same.
    pub fn must_poll(&self) -> bool {
        self.refusals >= REFUSALS && self.phase != Phase::Open
    }

    /// A question over plain HTTP was answered, or was not.
    pub fn polled(&mut self, now: i64, answered: bool) -> Vec<Do> {
        let back = answered && !self.polls_work;
        self.polls_work = answered;
        if answered {
            self.heard(now);
        }
        // The server is there again: it may be that its WebSockets are as well.
        if back && self.refusals > REFUSALS { self.wake(now) } else { Vec::new() }
    }

    /// When the server was heard last, if that is worth a word.
    pub fn lost_since(&self, now: i64) -> Option<i64> {
        let lost = self.phase != Phase::Open && now - self.heard_at > QUIET_MS;
        let polled = self.must_poll() && self.polls_work;
        (lost && !polled).then_some(self.heard_at)
    }

    fn connect(&mut self, now: i64) -> Vec<Do> {
        self.phase = Phase::Opening { since: now };
        vec![Do::Connect]
    }

    fn hang(&mut self, now: i64, chance: f64) -> Vec<Do> {
        self.closed(now, chance);
        vec![Do::Hang]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::order;

    fn open_line() -> Line {
        let mut line = Line::new(0, String::new());
        assert_eq!(line.tick(0, 0.5), [Do::Connect]);
        assert_eq!(line.opened(0).len(), 1);
        line
    }

    #[test]
    fn waits_double_with_jitter_up_to_a_limit_and_start_over_once_heard() {
        let mut line = Line::new(0, String::new());
        let mut waited = Vec::new();
        let mut now = 0;
        for _ in 0..8 {
            line.tick(now, 1.0);
            line.closed(now, 1.0);
            let Phase::Waiting { until } = line.phase else { panic!("it waits") };
            waited.push(until - now);
            now = until;
        }
        assert_eq!(waited, [500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
        line.tick(now, 0.0);
        line.opened(now);
        line.closed(now, 0.0);
        assert_eq!(line.phase, Phase::Waiting { until: now + 250 }, "half of the wait is chance");
    }

    #[test]
    fn silence_ends_a_line_and_looking_at_it_ends_it_sooner() {
        let mut line = open_line();
        assert!(line.tick(SILENCE_MS, 0.5).is_empty());
        assert_eq!(line.tick(SILENCE_MS + 1, 0.5), [Do::Hang]);
        assert_eq!(line.wake(SILENCE_MS + 2), [Do::Connect], "no waiting while somebody looks");
        let mut line = open_line();
        assert!(line.wake(OVERDUE_MS).is_empty(), "a line that was just heard stays");
        assert_eq!(line.wake(OVERDUE_MS + 1), [Do::Connect]);
    }

    #[test]
    fn each_topic_goes_on_from_where_it_ended() {
        let mut line = open_line();
        let (own, other) = (order().id, crate::testing::received(2).0.id);
        line.watch(Topic { order: Some(own), token: None });
        line.folded(own, "00000000000000000007");
        line.folded(other, "00000000000000000005");
        line.folded(other, "00000000000000000004");
        line.closed(0, 0.5);
        let asked: Vec<_> = line
            .opened(1)
            .into_iter()
            .filter_map(|act| match act {
                Do::Send(text) => Some(text),
                _ => None,
            })
            .collect();
        assert!(asked[0].contains("\"orders\"") && asked[0].contains("00000000000000000005"), "{asked:?}");
        assert!(asked[1].contains("\"order:ord_") && asked[1].contains("00000000000000000007"), "{asked:?}");
        let again = line.start_over("orders");
        assert!(matches!(&again[..], [Do::Send(text)] if !text.contains("after")), "{again:?}");
        assert!(line.start_over("orders").is_empty(), "it was started over already");
    }

    #[test]
    fn an_order_that_is_followed_by_its_link_is_told_from_those_of_whoever_looks() {
        let mut line = open_line();
        let (own, other) = (order().id, crate::testing::received(2).0.id);
        line.watch(Topic { order: Some(own), token: None });
        line.watch(Topic { order: Some(other), token: Some("secret".to_owned()) });
        assert!(line.is_by_link(&format!("order:{other}")));
        assert!(!line.is_by_link(&format!("order:{own}")) && !line.is_by_link("orders"));
    }

    #[test]
    fn a_short_break_is_not_worth_a_word_and_a_long_one_is() {
        let mut line = open_line();
        line.heard(1_000);
        line.closed(2_000, 0.5);
        assert_eq!(line.lost_since(4_000), None);
        assert_eq!(line.lost_since(4_001), Some(1_000));
        line.opened(5_000);
        assert_eq!(line.lost_since(9_000), None);
    }

    #[test]
    fn two_refusals_in_a_row_lead_to_plain_http_until_a_line_opens() {
        let mut line = Line::new(0, String::new());
        for now in [0, 10_000] {
            assert!(!line.must_poll());
            line.tick(now, 0.5);
            line.closed(now, 0.5);
        }
        assert!(line.must_poll());
        line.polled(30_000, true);
        assert_eq!(line.lost_since(60_000), None, "it is told, only on another way");
        line.polled(60_000, false);
        assert_eq!(line.lost_since(60_001), Some(30_000));
        line.wake(60_002);
        line.opened(60_003);
        assert!(!line.must_poll());
    }
}

//! The stream of one reader.

use std::sync::Arc;
use std::time::Duration;
use std::vec;

use orders::{EventType, Order, PrivateLink};
use tokio::time::{Instant, timeout_at};

use super::frame::{Frame, Framed};
use super::hub::{Hub, Notification, Subscription};
use crate::platform::failpoint::{self, Bug};
use crate::store::{EventLog, ReadError, StoredEvent, Topic};

/// After this much silence the reader gets a heartbeat.
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// How many events one read of the log returns.
const PAGE_SIZE: u32 = 100;
/// How many orders a snapshot has, newest first.
const SNAPSHOT_SIZE: u32 = 1_000;

/// What a reader may read, and under which condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The topic.
    pub topic: Topic,
    /// The private link that the right depends on; none for a reader who may see the orders whatever their links are.
    pub link: Option<PrivateLink>,
}

impl From<Topic> for Grant {
    fn from(topic: Topic) -> Self {
        Self { topic, link: None }
    }
}

/// The stream of one reader: the events after their cursor, or a snapshot, and then live events.
pub struct Feed {
    log: Arc<dyn EventLog>,
    subscription: Subscription,
    link: Option<PrivateLink>,
    /// Whether the link was replaced.
    revoked: bool,
    /// An event about a replaced link, held back until its consequence is known.
    replacement: Option<Arc<Framed>>,
    /// Everything up to this sequence was sent, or is part of a sent snapshot.
    sent: u64,
    phase: Phase,
    heartbeat_at: Instant,
}

enum Phase {
    /// The unsent orders of a snapshot.
    Snapshot(vec::IntoIter<Order>),
    /// The unsent events of the log, and whether the log may have more.
    Replay(vec::IntoIter<StoredEvent>, bool),
    /// Live events.
    Live,
    /// The stream has ended.
    Over,
}

impl Feed {
    /// Opens a stream: after a cursor, or from a snapshot when there is no cursor or the log does not reach back to
    /// it.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn open(
        log: Arc<dyn EventLog>,
        hub: &Arc<Hub>,
        grant: impl Into<Grant>,
        cursor: Option<u64>,
    ) -> Result<Self, ReadError> {
        let Grant { topic, link } = grant.into();
        let mut feed = Self {
            log,
            // Subscribe before reading: everything committed from here on is received or read, or both.
            subscription: hub.subscribe(topic),
            link,
            revoked: false,
            replacement: None,
            sent: 0,
            phase: Phase::Live,
            heartbeat_at: Instant::now() + HEARTBEAT_EVERY,
        };
        match cursor {
            Some(_) if failpoint::planted(Bug::NoResync) => {}
            Some(cursor) if feed.can_resume(cursor).await? => {
                feed.sent = cursor;
                if feed.link.is_some() && !feed.holds(feed.order_now().await?.as_ref()) {
                    feed.revoke();
                    return Ok(feed);
                }
                feed.read_on().await?;
                if matches!(feed.phase, Phase::Live) && feed.is_finished().await? {
                    // Unless the order ended in between, the reader has its end.
                    feed.read_on().await?;
                    if matches!(feed.phase, Phase::Live) {
                        feed.phase = Phase::Over;
                    }
                }
            }
            _ => feed.start_over().await?,
        }
        Ok(feed)
    }

    /// Whether no event can follow: the reader has the end of the one order of the topic, or all streams end.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over) || self.subscription.is_over()
    }

    /// Whether it ended because the link was replaced.
    pub fn is_revoked(&self) -> bool {
        self.revoked
    }

    /// Returns the next frame; none at the end: after the last event of one order, when the link was replaced, at
    /// shutdown, or when the log cannot be read (the reader then reconnects with its cursor). Dropping the future
    /// loses nothing.
    pub async fn next(&mut self) -> Option<Frame> {
        if self.subscription.is_over() {
            return None;
        }
        let frame = match self.advance().await {
            Ok(frame) => frame?,
            Err(error) => {
                tracing::warn!(%error, topic = ?self.subscription.topic(), "a stream ended early");
                self.phase = Phase::Over;
                return None;
            }
        };
        self.heartbeat_at = Instant::now() + HEARTBEAT_EVERY;
        Some(frame)
    }

    async fn advance(&mut self) -> Result<Option<Frame>, ReadError> {
        loop {
            if let Some(replacement) = self.replacement.clone() {
                let order = self.order_now().await?;
                self.replacement = None;
                if !self.holds(order.as_ref()) {
                    self.revoke();
                    return Ok(None);
                }
                let frame = self.send(replacement);
                if order.is_some_and(|order| order.state.is_final()) {
                    self.phase = Phase::Over;
                }
                return Ok(Some(frame));
            }
            match &mut self.phase {
                Phase::Over => return Ok(None),
                Phase::Snapshot(orders) => match orders.next() {
                    Some(order) => {
                        let last = orders.len() == 0;
                        if self.is_about_one() && order.state.is_final() {
                            self.phase = Phase::Over;
                        }
                        return Ok(Some(Frame::Snapshot(Framed::snapshot(order, self.sent, last).into())));
                    }
                    None => self.phase = Phase::Live,
                },
                Phase::Replay(events, more) => match events.next() {
                    Some(event) => {
                        if let Some(frame) = self.pass(Framed::of(&event).into()) {
                            return Ok(Some(frame));
                        }
                    }
                    None if *more => self.read_on().await?,
                    None => self.phase = Phase::Live,
                },
                Phase::Live => match timeout_at(self.heartbeat_at, self.subscription.recv()).await {
                    Ok(Notification::Event(framed)) if framed.sequence <= self.sent => {}
                    Ok(Notification::Event(framed)) => {
                        if let Some(frame) = self.pass(framed) {
                            return Ok(Some(frame));
                        }
                    }
                    Ok(Notification::Missed) => {
                        self.subscription.metrics().resyncs.inc();
                        self.start_over().await?;
                    }
                    Ok(Notification::End) => self.phase = Phase::Over,
                    Err(_silence) => return Ok(Some(Frame::Heartbeat)),
                },
            }
        }
    }

    /// Returns an event, unless its consequence must be found out first.
    fn pass(&mut self, framed: Arc<Framed>) -> Option<Frame> {
        if framed.kind == EventType::LinkReplaced && self.is_about_one() {
            self.replacement = Some(framed);
            return None;
        }
        Some(self.send(framed))
    }

    fn send(&mut self, framed: Arc<Framed>) -> Frame {
        self.sent = framed.sequence;
        self.subscription.metrics().events_sent.inc();
        if framed.kind == EventType::Finished && self.is_about_one() {
            self.phase = Phase::Over;
        }
        Frame::Event(framed)
    }

    /// Whether the log has everything after the cursor. A cursor beyond its head is from another log.
    async fn can_resume(&self, cursor: u64) -> Result<bool, ReadError> {
        Ok(cursor.saturating_add(1) >= self.log.first_kept().await? && cursor <= self.log.head().await?)
    }

    async fn read_on(&mut self) -> Result<(), ReadError> {
        let _turn = self.subscription.read_permit().await;
        let page = self.log.events_after(self.subscription.topic(), self.sent, PAGE_SIZE).await?;
        let more = page.len() >= PAGE_SIZE as usize;
        self.phase = if page.is_empty() { Phase::Live } else { Phase::Replay(page.into_iter(), more) };
        Ok(())
    }

    async fn start_over(&mut self) -> Result<(), ReadError> {
        let snapshot = {
            let _turn = self.subscription.read_permit().await;
            self.log.snapshot(self.subscription.topic(), SNAPSHOT_SIZE).await?
        };
        if !self.holds(snapshot.orders.first()) {
            self.revoke();
            return Ok(());
        }
        self.sent = snapshot.head;
        self.phase = Phase::Snapshot(snapshot.orders.into_iter());
        Ok(())
    }

    /// Whether the topic is one order that has ended.
    async fn is_finished(&self) -> Result<bool, ReadError> {
        if !self.is_about_one() {
            return Ok(false);
        }
        Ok(self.order_now().await?.is_some_and(|order| order.state.is_final()))
    }

    /// Returns the one order of the topic as it is.
    async fn order_now(&self) -> Result<Option<Order>, ReadError> {
        let _turn = self.subscription.read_permit().await;
        Ok(self.log.snapshot(self.subscription.topic(), 1).await?.orders.into_iter().next())
    }

    /// Whether the link that the right depends on is the current link of the order.
    fn holds(&self, order: Option<&Order>) -> bool {
        self.link.is_none_or(|link| order.is_some_and(|order| order.private_link() == link))
    }

    fn revoke(&mut self) {
        self.revoked = true;
        self.phase = Phase::Over;
    }

    fn is_about_one(&self) -> bool {
        matches!(self.subscription.topic(), Topic::Order(_))
    }
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;

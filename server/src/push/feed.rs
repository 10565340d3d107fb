//! One reader's stream.

use std::sync::Arc;
use std::time::Duration;
use std::vec;

use orders::{EventType, Order};
use tokio::time::{Instant, timeout_at};

use super::frame::{Frame, Framed};
use super::hub::{Heard, Hub, Subscription};
use crate::failpoint::{self, Bug};
use crate::store::{EventLog, ReadError, StoredEvent, Topic};

/// After so much silence the reader hears that the line is alive.
pub const HEARTBEAT_EVERY: Duration = Duration::from_secs(15);
/// So many events are read from the log at once.
const PAGE: u32 = 100;
/// A snapshot tells of so many orders, the newest.
const SNAPSHOT: u32 = 1_000;

/// The stream of one reader: what happened after their cursor, or a snapshot, and then what happens, for ever.
pub struct Feed {
    log: Arc<dyn EventLog>,
    subscription: Subscription,
    /// Everything up to here was sent, or is part of a snapshot that was sent.
    sent: u64,
    phase: Phase,
    heartbeat_at: Instant,
}

enum Phase {
    /// The orders of a snapshot that are still to be sent.
    Snapshot(vec::IntoIter<Order>),
    /// Events of the log that are still to be sent, and whether the log may have more.
    Replay(vec::IntoIter<StoredEvent>, bool),
    /// As it happens.
    Live,
    /// Nothing comes any more.
    Over,
}

impl Feed {
    /// Opens a stream: after a cursor, or from a snapshot when there is none or the log no longer (or not yet) has it.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub async fn open(
        log: Arc<dyn EventLog>,
        hub: &Arc<Hub>,
        topic: Topic,
        cursor: Option<u64>,
    ) -> Result<Self, ReadError> {
        let mut feed = Self {
            log,
            // Before anything is read: what is committed from here on is heard or read, or both.
            subscription: hub.subscribe(topic),
            sent: 0,
            phase: Phase::Live,
            heartbeat_at: Instant::now() + HEARTBEAT_EVERY,
        };
        match cursor {
            Some(_) if failpoint::planted(Bug::NoResync) => {}
            Some(cursor) if feed.can_resume(cursor).await? => {
                feed.sent = cursor;
                feed.read_on().await?;
                if matches!(feed.phase, Phase::Live) && feed.is_finished().await? {
                    // Unless it ended between the two looks, the reader knows its end.
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

    /// Whether nothing will ever come: the reader knows the end of the one order this is about, or all streams end.
    pub fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over) || self.subscription.is_over()
    }

    /// The next frame; none at the end: after the last event of one order, when the server shuts down, or when the log
    /// cannot be read (a reader then comes back with its cursor). Dropping the future loses nothing.
    pub async fn next(&mut self) -> Option<Frame> {
        if self.subscription.is_over() {
            return None;
        }
        let frame = match self.advance().await {
            Ok(frame) => frame?,
            Err(error) => {
                tracing::warn!(%error, topic = ?self.subscription.topic(), "a stream ends early");
                self.phase = Phase::Over;
                return None;
            }
        };
        self.heartbeat_at = Instant::now() + HEARTBEAT_EVERY;
        Some(frame)
    }

    async fn advance(&mut self) -> Result<Option<Frame>, ReadError> {
        loop {
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
                    Some(event) => return Ok(Some(self.send(Framed::of(&event).into()))),
                    None if *more => self.read_on().await?,
                    None => self.phase = Phase::Live,
                },
                Phase::Live => match timeout_at(self.heartbeat_at, self.subscription.hear()).await {
                    Ok(Heard::Event(framed)) if framed.sequence <= self.sent => {}
                    Ok(Heard::Event(framed)) => return Ok(Some(self.send(framed))),
                    Ok(Heard::Missed) => self.start_over().await?,
                    Ok(Heard::End) => self.phase = Phase::Over,
                    Err(_silence) => return Ok(Some(Frame::Heartbeat)),
                },
            }
        }
    }

    fn send(&mut self, framed: Arc<Framed>) -> Frame {
        self.sent = framed.sequence;
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
        let _turn = self.subscription.turn().await;
        let page = self.log.events_after(self.subscription.topic(), self.sent, PAGE).await?;
        let more = page.len() >= PAGE as usize;
        self.phase = if page.is_empty() { Phase::Live } else { Phase::Replay(page.into_iter(), more) };
        Ok(())
    }

    async fn start_over(&mut self) -> Result<(), ReadError> {
        let _turn = self.subscription.turn().await;
        let snapshot = self.log.snapshot(self.subscription.topic(), SNAPSHOT).await?;
        self.sent = snapshot.head;
        self.phase = Phase::Snapshot(snapshot.orders.into_iter());
        Ok(())
    }

    /// Whether this is about one order, and that has ended.
    async fn is_finished(&self) -> Result<bool, ReadError> {
        if !self.is_about_one() {
            return Ok(false);
        }
        let snapshot = self.log.snapshot(self.subscription.topic(), 1).await?;
        Ok(snapshot.orders.first().is_some_and(|order| order.state.is_final()))
    }

    fn is_about_one(&self) -> bool {
        matches!(self.subscription.topic(), Topic::Order(_))
    }
}

#[cfg(test)]
#[path = "feed_tests.rs"]
mod tests;

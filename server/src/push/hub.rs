//! Subscriptions, and publishing committed events to them.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use orders::OrderId;
use tokio::sync::{Notify, Semaphore, SemaphorePermit, broadcast, mpsc};

use super::frame::Framed;
use crate::metrics::{Metrics, StreamMetrics};
use crate::store::{OnCommit, StoredEvent, Topic};

/// How many streams read the log at the same time. It is less than the store's number of readers, so that other
/// queries find a free one however many streams catch up.
const MAX_CONCURRENT_READS: usize = 2;

/// Publishes committed events to subscribers.
///
/// It keeps nothing for later subscribers: they read the log after they have subscribed. An event without subscribers
/// therefore needs no frame.
#[derive(Debug)]
pub struct Hub {
    board: Mutex<Board>,
    closing: Notify,
    reading: Semaphore,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct Board {
    topics: HashMap<Topic, broadcast::Sender<Arc<Framed>>>,
    closed: bool,
}

impl Hub {
    /// Returns a hub without subscribers.
    pub fn new() -> Arc<Self> {
        Self::with_metrics(Arc::default())
    }

    /// Returns a hub without subscribers whose streams are counted in these metrics.
    pub fn with_metrics(metrics: Arc<Metrics>) -> Arc<Self> {
        Arc::new(Self {
            board: Mutex::default(),
            closing: Notify::new(),
            reading: Semaphore::new(MAX_CONCURRENT_READS),
            metrics,
        })
    }

    /// Returns the callback for the store. A task of its own frames and publishes, so that the store's writer never
    /// waits for readers.
    ///
    /// Must be called inside a tokio runtime.
    pub fn feeder(self: &Arc<Self>) -> OnCommit {
        let hub = self.clone();
        // Unbounded, because the writer must not wait and nothing may be lost. It stays short, because publishing an
        // event is cheaper than committing it.
        let (sender, mut receiver) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Some(events) = receiver.recv().await {
                hub.publish(events);
            }
        });
        Box::new(move |events| {
            // The task ends only with the runtime, and then there are no subscribers.
            let _ = sender.send(events);
        })
    }

    /// Publishes events, in the order of their sequence.
    pub fn publish(&self, events: Vec<StoredEvent>) {
        for event in events {
            let owner = event.owner.map(Topic::Owner);
            let topics = [Some(Topic::Order(event.order)), owner, Some(Topic::Desk)];
            let listened: Vec<_> = {
                let board = self.board();
                topics.into_iter().flatten().filter_map(|topic| board.topics.get(&topic).cloned()).collect()
            };
            if listened.is_empty() {
                continue;
            }
            let framed = Arc::new(Framed::of(&event));
            for sender in listened {
                // An error means that the last subscriber has just left.
                let _ = sender.send(framed.clone());
            }
        }
    }

    /// Watches one order for a newer version.
    pub fn watch(self: &Arc<Self>, order: OrderId) -> Watch {
        Watch(self.subscribe(Topic::Order(order)))
    }

    /// Ends every stream, also later ones.
    pub fn close(&self) {
        let mut board = self.board();
        board.closed = true;
        board.topics.clear();
        drop(board);
        self.closing.notify_waiters();
    }

    /// Waits until every stream is to end.
    pub async fn closed(&self) {
        let mut closing = pin!(self.closing.notified());
        // Subscribe before checking, so that a close in between is noticed.
        closing.as_mut().enable();
        if !self.is_closed() {
            closing.await;
        }
    }

    /// Whether every stream is to end.
    pub fn is_closed(&self) -> bool {
        self.board().closed
    }

    pub(super) fn subscribe(self: &Arc<Self>, topic: Topic) -> Subscription {
        let mut board = self.board();
        let receiver = if board.closed {
            broadcast::channel(1).1
        } else {
            let open = || broadcast::Sender::new(capacity(topic));
            board.topics.entry(topic).or_insert_with(open).subscribe()
        };
        Subscription { hub: self.clone(), topic, receiver: Some(receiver) }
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns how many events are queued for the slowest subscriber of a topic before it gets a snapshot instead. The
/// queue is allocated with the topic, so a topic that exists ten thousand times has a short one.
const fn capacity(topic: Topic) -> usize {
    match topic {
        Topic::Order(_) => 16,
        Topic::Owner(_) => 64,
        Topic::Desk => 1024,
    }
}

/// One subscription; the topic is removed with its last one.
#[derive(Debug)]
pub(super) struct Subscription {
    hub: Arc<Hub>,
    topic: Topic,
    /// `None` only while it is dropped.
    receiver: Option<broadcast::Receiver<Arc<Framed>>>,
}

/// What a subscription delivers.
#[derive(Debug)]
pub(super) enum Notification {
    Event(Arc<Framed>),
    /// Events were dropped, because the subscriber was too slow.
    Missed,
    /// The hub is closed.
    End,
}

impl Subscription {
    /// Waits for the next event. Dropping the future loses nothing.
    pub(super) async fn recv(&mut self) -> Notification {
        let Some(receiver) = &mut self.receiver else { return Notification::End };
        match receiver.recv().await {
            Ok(framed) => Notification::Event(framed),
            Err(broadcast::error::RecvError::Lagged(_)) => Notification::Missed,
            Err(broadcast::error::RecvError::Closed) => Notification::End,
        }
    }

    /// Waits for a permit to read the log.
    pub(super) async fn read_permit(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.hub.reading.acquire().await.ok()
    }

    pub(super) fn metrics(&self) -> &StreamMetrics {
        &self.hub.metrics.streams
    }

    pub(super) fn topic(&self) -> Topic {
        self.topic
    }

    pub(super) fn is_over(&self) -> bool {
        self.hub.is_closed()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut board = self.hub.board();
        self.receiver = None;
        if board.topics.get(&self.topic).is_some_and(|sender| sender.receiver_count() == 0) {
            board.topics.remove(&self.topic);
        }
    }
}

/// Watches one order for a long poll: watch first, then read the order, then wait.
#[derive(Debug)]
pub struct Watch(Subscription);

impl Watch {
    /// Waits until a version above this one is committed; `false` when the hub was closed first.
    pub async fn newer_than(&mut self, version: u32) -> bool {
        loop {
            match self.0.recv().await {
                Notification::Event(framed) if framed.version <= version => {}
                Notification::Event(_) | Notification::Missed => return true,
                Notification::End => return false,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;
    use orders::Owner;

    use super::super::testing;
    use super::*;

    #[tokio::test]
    async fn an_event_reaches_only_its_order_its_owner_and_the_desk() {
        let hub = Hub::new();
        let (order, events) = testing::order_with_events(1, 1);
        let (stranger, _) = testing::order_with_events(2, 1);
        let mut heard =
            [Topic::Order(order.id), Topic::Owner(testing::ADA), Topic::Desk].map(|t| hub.subscribe(t));
        let mut deaf = [Topic::Order(stranger.id), Topic::Owner(Owner([9; 16]))].map(|t| hub.subscribe(t));
        hub.publish(vec![testing::stored(1, order.id, &events[0])]);
        for listener in &mut heard {
            assert!(
                matches!(listener.recv().now_or_never(), Some(Notification::Event(framed)) if framed.sequence == 1)
            );
        }
        for listener in &mut deaf {
            assert!(listener.recv().now_or_never().is_none());
        }
    }

    #[tokio::test]
    async fn the_feeder_publishes_what_the_store_commits() {
        let hub = Hub::new();
        let feeder = hub.feeder();
        let (order, events) = testing::order_with_events(1, 1);
        let mut listener = hub.subscribe(Topic::Desk);
        feeder(vec![testing::stored(1, order.id, &events[0])]);
        assert!(matches!(listener.recv().await, Notification::Event(framed) if framed.order == order.id));
    }

    #[tokio::test]
    async fn a_reader_waits_while_enough_others_read_the_log() {
        let hub = Hub::new();
        let crowd: Vec<_> = (0..MAX_CONCURRENT_READS).map(|_| hub.subscribe(Topic::Desk)).collect();
        let mut turns: Vec<_> = crowd.iter().map(|listener| listener.read_permit().now_or_never()).collect();
        assert!(turns.iter().all(Option::is_some));
        let late = hub.subscribe(Topic::Desk);
        assert!(late.read_permit().now_or_never().is_none());
        turns.pop();
        assert!(late.read_permit().now_or_never().is_some());
    }

    #[test]
    fn a_topic_is_removed_with_its_last_subscriber() {
        let hub = Hub::new();
        let (first, second) = (hub.subscribe(Topic::Desk), hub.subscribe(Topic::Desk));
        drop(first);
        assert_eq!(hub.board().topics.len(), 1);
        drop(second);
        assert!(hub.board().topics.is_empty());
    }

    #[test]
    fn a_closed_hub_ends_every_present_and_future_subscription() {
        let hub = Hub::new();
        let mut present = hub.subscribe(Topic::Desk);
        hub.close();
        assert!(matches!(present.recv().now_or_never(), Some(Notification::End)));
        assert!(matches!(hub.subscribe(Topic::Desk).recv().now_or_never(), Some(Notification::End)));
        assert!(hub.board().topics.is_empty());
    }

    #[test]
    fn waiting_for_the_close_works_before_and_after_it() {
        let hub = Hub::new();
        let mut early = pin!(hub.closed());
        assert!(early.as_mut().now_or_never().is_none());
        hub.close();
        assert!(early.now_or_never().is_some());
        assert!(hub.closed().now_or_never().is_some());
    }

    #[test]
    fn a_long_poll_ends_with_a_newer_version_and_not_with_the_one_it_knows() {
        let hub = Hub::new();
        let (order, events) = testing::order_with_events(1, 3);
        let mut watch = hub.watch(order.id);
        hub.publish(vec![testing::stored(1, order.id, &events[0]), testing::stored(2, order.id, &events[1])]);
        assert!(watch.newer_than(2).now_or_never().is_none());
        hub.publish(vec![testing::stored(3, order.id, &events[2])]);
        assert_eq!(watch.newer_than(2).now_or_never(), Some(true));
        hub.close();
        assert_eq!(watch.newer_than(3).now_or_never(), Some(false));
    }
}

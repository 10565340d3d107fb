//! Watchers: they follow the event streams over every restart, and apply the events with the reducer that browsers use.
//! At the end their orders equal those that `GET` returns; otherwise an event was lost, repeated or reordered.

mod event_stream;
mod fold;
mod sse;

pub use event_stream::{EventStream, Received};
pub use fold::WatcherState;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use orders::{Event, Order, OrderId};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout_at};

use crate::history::History;

/// The delay before reconnecting.
const RECONNECT_DELAY: Duration = Duration::from_millis(25);

/// The transport of a watcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Sse,
    WebSocket,
}

/// The topic of a watcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// All orders that its key may see.
    Orders,
    /// One order.
    One(OrderId),
}

/// A running watcher.
#[derive(Debug)]
pub struct Watcher {
    state: Arc<Mutex<WatcherState>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// What a watcher follows: the address, the API key, the topic and the transport.
#[derive(Debug, Clone)]
pub struct Subscription {
    pub address: String,
    pub key: String,
    pub topic: Topic,
    pub transport: Transport,
}

impl Watcher {
    /// Starts a watcher. An order without a snapshot starts as it was first answered, from `history`.
    pub fn start(subscription: Subscription, history: Arc<History>) -> Self {
        let name = format!("{:?} {:?}", subscription.transport, subscription.topic);
        let state = Arc::new(Mutex::new(WatcherState::new(name)));
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(follow(subscription, history, state.clone(), stopping));
        Self { state, stop, task }
    }

    /// Returns the sequence up to which it has received all events.
    pub fn cursor(&self) -> u64 {
        self.lock().cursor
    }

    /// Returns when it first received a step event of at least `time`, on the server's clock.
    pub fn first_step_after(&self, time: orders::Timestamp) -> Option<Instant> {
        self.lock().first_step_after(time)
    }

    /// Waits until it has received all events up to `head`, or its stream has ended; returns whether that was in time.
    pub async fn catch_up(&self, head: u64, until: Instant) -> bool {
        let caught_up = async {
            while self.cursor() < head && !self.lock().has_ended {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout_at(until, caught_up).await.is_ok()
    }

    /// Whether it holds an order, and every order that it holds has its last version.
    pub fn has_last_versions(&self, orders: &BTreeMap<OrderId, &Order>) -> bool {
        let state = self.lock();
        let is_current =
            |(id, held): (&OrderId, &Order)| orders.get(id).is_none_or(|order| order.version <= held.version);
        !state.orders.is_empty() && state.orders.iter().all(is_current)
    }

    /// Stops it, and returns its state.
    pub async fn finish(self) -> WatcherState {
        self.stop.send_replace(true);
        drop(self.task.await);
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.clone()
    }

    fn lock(&self) -> MutexGuard<'_, WatcherState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn follow(
    subscription: Subscription,
    history: Arc<History>,
    state: Arc<Mutex<WatcherState>>,
    mut stopping: watch::Receiver<bool>,
) {
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
    while !*stopping.borrow() {
        let after = match subscription.topic {
            // A watcher of all orders needs every event of the log, from the first on.
            Topic::Orders => Some(lock().cursor),
            Topic::One(_) => lock().resume_from(),
        };
        let opened = tokio::select! {
            _ = stopping.changed() => return,
            opened = EventStream::open(&subscription, after) => opened,
        };
        let Ok(mut stream) = opened else {
            sleep(RECONNECT_DELAY).await;
            continue;
        };
        lock().connections += 1;
        loop {
            let received = tokio::select! {
                _ = stopping.changed() => return,
                received = stream.next() => received,
            };
            match received {
                Received::Event { event, resumable } => {
                    if !apply_event(&mut lock(), &subscription, *event, resumable, &history) {
                        break;
                    }
                }
                Received::Unreadable(text) => lock().add_fault(format!("unreadable: {text}")),
                Received::Ended => {
                    lock().has_ended = true;
                    return;
                }
                Received::Disconnected => break,
            }
        }
        sleep(RECONNECT_DELAY).await;
    }
}

/// Applies an event; returns `false` when the stream must be reopened.
fn apply_event(
    state: &mut WatcherState,
    subscription: &Subscription,
    event: Event,
    resumable: bool,
    history: &History,
) -> bool {
    let is_snapshot = event.data.order.is_some();
    if is_snapshot && subscription.topic == Topic::Orders {
        // The server sends a snapshot because the watcher was too slow. It has only open orders, so the watcher resumes
        // from its own cursor instead.
        state.resyncs += 1;
        return false;
    }
    state.add_event(event, resumable, Instant::now(), |id| history.first_answer(id));
    true
}

//! Watchers: they follow the event streams over every restart and apply the events with the reducer that browsers
//! use. At the end they hold what `GET` returns, or an event was lost.

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
const RECONNECT: Duration = Duration::from_millis(25);

/// The transport of a watcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Sse,
    WebSocket,
}

/// The topic of a watcher.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// All orders of its key.
    Orders,
    /// One of them.
    One(OrderId),
}

/// A running watcher.
#[derive(Debug)]
pub struct Watcher {
    watcher_state: Arc<Mutex<WatcherState>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Where a watcher connects, and as whom.
#[derive(Debug, Clone)]
pub struct Subscription {
    pub address: String,
    pub key: String,
    pub topic: Topic,
    pub transport: Transport,
}

impl Watcher {
    /// Starts to watch. Orders without a snapshot start from their first answer in `history`.
    pub fn start(subscription: Subscription, history: Arc<History>) -> Self {
        let watcher_state = Arc::new(Mutex::new(WatcherState::new(format!(
            "{:?} {:?}",
            subscription.transport, subscription.topic
        ))));
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(follow(subscription, history, watcher_state.clone(), stopping));
        Self { watcher_state, stop, task }
    }

    /// Returns its position in the log.
    pub fn cursor(&self) -> u64 {
        self.look().cursor
    }

    /// Returns when it last received a step that started after `time` of the server's clock.
    pub fn first_work_since(&self, time: orders::Timestamp) -> Option<Instant> {
        self.look().first_work_after(time)
    }

    /// Waits until it has received everything up to `head`; returns whether it did in time.
    pub async fn catch_up(&self, head: u64, until: Instant) -> bool {
        let caught_up = async {
            while self.cursor() < head && !self.look().has_ended_stream {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout_at(until, caught_up).await.is_ok()
    }

    /// Whether every order it holds has the version at the end.
    pub fn holds_all(&self, found: &BTreeMap<OrderId, &Order>) -> bool {
        let watcher_state = self.look();
        let is_current =
            |(id, held): (&OrderId, &Order)| found.get(id).is_none_or(|order| order.version <= held.version);
        !watcher_state.orders.is_empty() && watcher_state.orders.iter().all(is_current)
    }

    /// Ends it, and returns what it holds.
    pub async fn finish(self) -> WatcherState {
        self.stop.send_replace(true);
        drop(self.task.await);
        let watcher_state = self.watcher_state.lock().unwrap_or_else(PoisonError::into_inner);
        watcher_state.clone()
    }

    fn look(&self) -> MutexGuard<'_, WatcherState> {
        self.watcher_state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn follow(
    subscription: Subscription,
    history: Arc<History>,
    watcher_state: Arc<Mutex<WatcherState>>,
    mut stopping: watch::Receiver<bool>,
) {
    let look = || watcher_state.lock().unwrap_or_else(PoisonError::into_inner);
    while !*stopping.borrow() {
        let after = match subscription.topic {
            // Of all orders it needs every event, from the first on.
            Topic::Orders => Some(look().cursor),
            Topic::One(_) => look().resume_from(),
        };
        let opened = tokio::select! {
            _ = stopping.changed() => return,
            opened = EventStream::open(&subscription, after) => opened,
        };
        let Ok(mut line) = opened else {
            sleep(RECONNECT).await;
            continue;
        };
        look().connections += 1;
        loop {
            let heard = tokio::select! {
                _ = stopping.changed() => return,
                heard = line.hear() => heard,
            };
            match heard {
                Received::Event { event, resumable } => {
                    if !hear(&mut look(), &subscription, *event, resumable, &history) {
                        break;
                    }
                }
                Received::Unreadable(what) => look().fault(format!("unreadable: {what}")),
                Received::Over => {
                    look().has_ended_stream = true;
                    return;
                }
                Received::Broken => break,
            }
        }
        sleep(RECONNECT).await;
    }
}

/// Adds an event; returns `false` when the stream must be reopened.
fn hear(
    watcher_state: &mut WatcherState,
    subscription: &Subscription,
    event: Event,
    resumable: bool,
    history: &History,
) -> bool {
    let is_snapshot = event.data.order.is_some();
    if is_snapshot && subscription.topic == Topic::Orders {
        // It was too slow for the live stream. A snapshot of all orders has only open ones, so it goes back to the
        // log with its own cursor.
        watcher_state.resyncs += 1;
        return false;
    }
    watcher_state.hear(event, resumable, Instant::now(), |id| history.first_answer(id));
    true
}

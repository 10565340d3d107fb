//! Watchers: they follow the event streams over every restart and apply the events with the reducer that browsers
//! use. At the end they hold what `GET` returns, or an event was lost.

mod fold;
mod sse;
mod wire;

pub use fold::Watched;
pub use wire::{Heard, Line};

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
pub enum Wire {
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
    watched: Arc<Mutex<Watched>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

/// Where a watcher connects, and as whom.
#[derive(Debug, Clone)]
pub struct Seat {
    pub address: String,
    pub key: String,
    pub topic: Topic,
    pub wire: Wire,
}

impl Watcher {
    /// Starts to watch. Orders without a snapshot start from their first answer in `history`.
    pub fn start(seat: Seat, history: Arc<History>) -> Self {
        let watched = Arc::new(Mutex::new(Watched::new(format!("{:?} {:?}", seat.wire, seat.topic))));
        let (stop, stopping) = watch::channel(false);
        let task = tokio::spawn(follow(seat, history, watched.clone(), stopping));
        Self { watched, stop, task }
    }

    /// Returns its position in the log.
    pub fn cursor(&self) -> u64 {
        self.look().cursor
    }

    /// Returns when it last received a step that started after `time` of the server's clock.
    pub fn heard_work_since(&self, time: orders::Timestamp) -> Option<Instant> {
        self.look().first_work_after(time)
    }

    /// Waits until it has received everything up to `head`; returns whether it did in time.
    pub async fn catch_up(&self, head: u64, until: Instant) -> bool {
        let caught_up = async {
            while self.cursor() < head && !self.look().is_over {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout_at(until, caught_up).await.is_ok()
    }

    /// Whether every order it holds has the version at the end.
    pub fn holds_all(&self, found: &BTreeMap<OrderId, &Order>) -> bool {
        let watched = self.look();
        let is_current =
            |(id, held): (&OrderId, &Order)| found.get(id).is_none_or(|order| order.version <= held.version);
        !watched.orders.is_empty() && watched.orders.iter().all(is_current)
    }

    /// Ends it, and returns what it holds.
    pub async fn finish(self) -> Watched {
        self.stop.send_replace(true);
        drop(self.task.await);
        let watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        watched.clone()
    }

    fn look(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn follow(
    seat: Seat,
    history: Arc<History>,
    watched: Arc<Mutex<Watched>>,
    mut stopping: watch::Receiver<bool>,
) {
    let look = || watched.lock().unwrap_or_else(PoisonError::into_inner);
    while !*stopping.borrow() {
        let after = match seat.topic {
            // Of all orders it needs every event, from the first on.
            Topic::Orders => Some(look().cursor),
            Topic::One(_) => look().resume_from(),
        };
        let opened = tokio::select! {
            _ = stopping.changed() => return,
            opened = Line::open(&seat, after) => opened,
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
                Heard::Event { event, resumable } => {
                    if !hear(&mut look(), &seat, *event, resumable, &history) {
                        break;
                    }
                }
                Heard::Unreadable(what) => look().fault(format!("unreadable: {what}")),
                Heard::Over => {
                    look().is_over = true;
                    return;
                }
                Heard::Broken => break,
            }
        }
        sleep(RECONNECT).await;
    }
}

/// Adds an event; returns `false` when the stream must be reopened.
fn hear(watched: &mut Watched, seat: &Seat, event: Event, resumable: bool, history: &History) -> bool {
    let is_snapshot = event.data.order.is_some();
    if is_snapshot && seat.topic == Topic::Orders {
        // It was too slow for the live stream. A snapshot of all orders has only open ones, so it goes back to the
        // log with its own cursor.
        watched.resyncs += 1;
        return false;
    }
    watched.hear(event, resumable, Instant::now(), |id| history.first_known(id));
    true
}

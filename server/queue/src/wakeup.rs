//! A hint that a queue has work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use tokio::sync::Notify;

use crate::clock::Timestamp;
use crate::name::QueueName;

/// Tells the runners of this process that a queue may have work. Clones share one board.
///
/// A hint and never the truth: it is given after the commit, by the store that commits. It may come for nothing, and
/// it does not reach other processes. Runners poll as well. It loses nothing, however, to those who subscribe
/// *before* they look: a hint between the look and the wait ends the wait at once.
#[derive(Debug, Clone, Default)]
pub struct Wakeup(Arc<RwLock<Board>>);

type Board = HashMap<QueueName, Vec<Weak<Ear>>>;

/// What there may be to do in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hint {
    /// Something may be due now.
    pub ready: bool,
    /// The earliest moment at which something else becomes due, of those that were told.
    pub later: Option<Timestamp>,
}

impl Hint {
    /// Something may be due now.
    pub const READY: Self = Self { ready: true, later: None };

    /// Something is due at that moment.
    pub fn due(at: Timestamp, now: Timestamp) -> Self {
        if at <= now { Self::READY } else { Self { ready: false, later: Some(at) } }
    }

    /// Both of them.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let later = self.later.into_iter().chain(other.later).min();
        Self { ready: self.ready || other.ready, later }
    }
}

impl Wakeup {
    /// A board on which nobody listens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Listens to one queue from now on.
    pub fn subscribe(&self, queue: &QueueName) -> Listener {
        let ear = Arc::<Ear>::default();
        let mut board = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let listeners = board.entry(queue.clone()).or_default();
        listeners.retain(|ear| ear.strong_count() > 0);
        listeners.push(Arc::downgrade(&ear));
        Listener(ear)
    }

    /// Tells those who listen to the queue. To be called after the commit.
    pub fn tell(&self, queue: &QueueName, hint: Hint) {
        let board = self.0.read().unwrap_or_else(PoisonError::into_inner);
        board.get(queue).into_iter().flatten().filter_map(Weak::upgrade).for_each(|ear| ear.hear(hint));
    }

    /// Tells those who listen to the queue that something may be due now.
    pub fn notify(&self, queue: &QueueName) {
        self.tell(queue, Hint::READY);
    }

    /// Tells everybody that something may be due now.
    pub fn notify_all(&self) {
        let board = self.0.read().unwrap_or_else(PoisonError::into_inner);
        board.values().flatten().filter_map(Weak::upgrade).for_each(|ear| ear.hear(Hint::READY));
    }
}

/// One subscription to one queue.
#[derive(Debug)]
pub struct Listener(Arc<Ear>);

#[derive(Debug, Default)]
struct Ear {
    heard: Mutex<Option<Hint>>,
    notify: Notify,
}

impl Ear {
    fn hear(&self, hint: Hint) {
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        *heard = Some(heard.unwrap_or_default().and(hint));
        drop(heard);
        self.notify.notify_one();
    }
}

impl Listener {
    /// Everything that was told since the subscription or since this was last asked, as one hint.
    pub fn told(&self) -> Option<Hint> {
        self.0.heard.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits until there is something that was [`told`](Self::told).
    ///
    /// Dropping the future loses nothing.
    pub async fn woken(&mut self) -> Hint {
        loop {
            if let Some(hint) = self.told() {
                return hint;
            }
            // One who is told between the look and the wait finds a permit here and looks again.
            self.0.notify.notified().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const QUEUE: QueueName = QueueName::new("payment");

    fn later(at: i64) -> Hint {
        Hint::due(Timestamp::from_millis(at), Timestamp::from_millis(0))
    }

    #[test]
    fn a_notification_between_the_look_and_the_wait_is_not_lost() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        // Here the subscriber looks and finds nothing; then a commit lands.
        wakeup.notify(&QUEUE);
        assert_eq!(listener.woken().now_or_never(), Some(Hint::READY));
    }

    #[test]
    fn many_notifications_wake_once_and_tell_all_there_is() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        for hint in [later(7), later(5), later(9)] {
            wakeup.tell(&QUEUE, hint);
        }
        assert_eq!(listener.woken().now_or_never(), Some(later(5)));
        assert_eq!(listener.woken().now_or_never(), None);
        wakeup.tell(&QUEUE, later(7));
        wakeup.notify(&QUEUE);
        assert_eq!(listener.told(), Some(Hint { ready: true, ..later(7) }));
        assert_eq!(listener.woken().now_or_never(), None);
    }

    #[test]
    fn what_is_due_is_ready() {
        assert_eq!((later(0), later(-1), later(1).ready), (Hint::READY, Hint::READY, false));
    }

    #[test]
    fn a_wait_that_was_given_up_loses_nothing() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        assert_eq!(listener.woken().now_or_never(), None);
        wakeup.notify(&QUEUE);
        assert_eq!(listener.woken().now_or_never(), Some(Hint::READY));
    }

    #[tokio::test]
    async fn one_who_waits_already_is_woken() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        let waiting = tokio::spawn(async move { listener.woken().await });
        tokio::task::yield_now().await;
        wakeup.notify(&QUEUE);
        assert_eq!(waiting.await.unwrap(), Hint::READY);
    }

    #[test]
    fn only_the_listeners_of_the_queue_are_woken_and_all_of_them() {
        let wakeup = Wakeup::new();
        let (mut first, mut second) = (wakeup.subscribe(&QUEUE), wakeup.subscribe(&QUEUE));
        let mut other = wakeup.subscribe(&QueueName::new("carrier"));
        wakeup.clone().notify(&QUEUE);
        assert!(first.woken().now_or_never().is_some() && second.woken().now_or_never().is_some());
        assert_eq!(other.woken().now_or_never(), None);
        wakeup.notify_all();
        assert_eq!(other.woken().now_or_never(), Some(Hint::READY));
    }

    #[test]
    fn one_who_has_left_is_forgotten() {
        let wakeup = Wakeup::new();
        drop(wakeup.subscribe(&QUEUE));
        let mut listener = wakeup.subscribe(&QUEUE);
        wakeup.notify(&QUEUE);
        assert!(listener.woken().now_or_never().is_some());
        assert_eq!(wakeup.0.read().unwrap()[&QUEUE].len(), 1);
    }
}

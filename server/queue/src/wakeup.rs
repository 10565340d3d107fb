//! A hint that a queue has work.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};

use tokio::sync::Notify;

use crate::clock::Timestamp;
use crate::name::QueueName;

/// Tells the runners of this process that a queue may have due jobs. Clones share the subscribers.
///
/// A hint is not the truth: the store gives it after its commit, it may turn out to be useless, and it does not reach
/// other processes. Runners poll as well. For a runner that subscribes *before* it reads the store no hint is lost: one
/// that comes between the read and the wait ends the wait at once.
#[derive(Debug, Clone, Default)]
pub struct Wakeup(Arc<RwLock<Subscribers>>);

type Subscribers = HashMap<QueueName, Vec<Weak<Mailbox>>>;

/// What may be due in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hint {
    /// A job may be due now.
    pub ready: bool,
    /// The earliest moment at which another job becomes due, as far as hints have told.
    pub later: Option<Timestamp>,
}

impl Hint {
    /// A job may be due now.
    pub const READY: Self = Self { ready: true, later: None };

    /// A job is due at that moment.
    pub fn due(at: Timestamp, now: Timestamp) -> Self {
        if at <= now { Self::READY } else { Self { ready: false, later: Some(at) } }
    }

    /// Both hints as one.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let later = self.later.into_iter().chain(other.later).min();
        Self { ready: self.ready || other.ready, later }
    }
}

impl Wakeup {
    /// Without subscribers.
    pub fn new() -> Self {
        Self::default()
    }

    /// Subscribes to the hints of one queue.
    pub fn subscribe(&self, queue: &QueueName) -> Listener {
        let mailbox = Arc::<Mailbox>::default();
        let mut subscribers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let listeners = subscribers.entry(queue.clone()).or_default();
        listeners.retain(|mailbox| mailbox.strong_count() > 0);
        listeners.push(Arc::downgrade(&mailbox));
        Listener(mailbox)
    }

    /// Gives a hint to the subscribers of the queue. To be called after the commit.
    pub fn tell(&self, queue: &QueueName, hint: Hint) {
        let subscribers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        subscribers
            .get(queue)
            .into_iter()
            .flatten()
            .filter_map(Weak::upgrade)
            .for_each(|mailbox| mailbox.put(hint));
    }

    /// Tells the subscribers of the queue that a job may be due now.
    pub fn notify(&self, queue: &QueueName) {
        self.tell(queue, Hint::READY);
    }

    /// Tells all subscribers that a job may be due now.
    pub fn notify_all(&self) {
        let subscribers = self.0.read().unwrap_or_else(PoisonError::into_inner);
        subscribers.values().flatten().filter_map(Weak::upgrade).for_each(|mailbox| mailbox.put(Hint::READY));
    }
}

/// A subscription to the hints of one queue.
#[derive(Debug)]
pub struct Listener(Arc<Mailbox>);

#[derive(Debug, Default)]
struct Mailbox {
    hint_so_far: Mutex<Option<Hint>>,
    notify: Notify,
}

impl Mailbox {
    fn put(&self, hint: Hint) {
        let mut hint_so_far = self.hint_so_far.lock().unwrap_or_else(PoisonError::into_inner);
        *hint_so_far = Some(hint_so_far.unwrap_or_default().and(hint));
        drop(hint_so_far);
        self.notify.notify_one();
    }
}

impl Listener {
    /// All hints since the subscription or the last call, as one.
    pub fn take(&self) -> Option<Hint> {
        self.0.hint_so_far.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Waits for a hint. Cancel safe.
    pub async fn recv(&mut self) -> Hint {
        loop {
            if let Some(hint) = self.take() {
                return hint;
            }
            // A hint between `take` and this line has left a permit, so this returns at once.
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
    fn a_hint_between_the_read_and_the_wait_is_not_lost() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        // Here the subscriber reads the store and finds nothing; then a commit adds a job.
        wakeup.notify(&QUEUE);
        assert_eq!(listener.recv().now_or_never(), Some(Hint::READY));
    }

    #[test]
    fn many_hints_wake_once_and_are_merged() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        for hint in [later(7), later(5), later(9)] {
            wakeup.tell(&QUEUE, hint);
        }
        assert_eq!(listener.recv().now_or_never(), Some(later(5)));
        assert_eq!(listener.recv().now_or_never(), None);
        wakeup.tell(&QUEUE, later(7));
        wakeup.notify(&QUEUE);
        assert_eq!(listener.take(), Some(Hint { ready: true, ..later(7) }));
        assert_eq!(listener.recv().now_or_never(), None);
    }

    #[test]
    fn a_hint_about_a_due_job_is_ready() {
        assert_eq!((later(0), later(-1), later(1).ready), (Hint::READY, Hint::READY, false));
    }

    #[test]
    fn a_cancelled_wait_loses_no_hint() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        assert_eq!(listener.recv().now_or_never(), None);
        wakeup.notify(&QUEUE);
        assert_eq!(listener.recv().now_or_never(), Some(Hint::READY));
    }

    #[tokio::test]
    async fn a_waiting_subscriber_is_woken() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        let waiting = tokio::spawn(async move { listener.recv().await });
        tokio::task::yield_now().await;
        wakeup.notify(&QUEUE);
        assert_eq!(waiting.await.unwrap(), Hint::READY);
    }

    #[test]
    fn all_subscribers_of_the_queue_are_woken_and_no_others() {
        let wakeup = Wakeup::new();
        let (mut first, mut second) = (wakeup.subscribe(&QUEUE), wakeup.subscribe(&QUEUE));
        let mut other = wakeup.subscribe(&QueueName::new("carrier"));
        wakeup.clone().notify(&QUEUE);
        assert!(first.recv().now_or_never().is_some() && second.recv().now_or_never().is_some());
        assert_eq!(other.recv().now_or_never(), None);
        wakeup.notify_all();
        assert_eq!(other.recv().now_or_never(), Some(Hint::READY));
    }

    #[test]
    fn a_dropped_subscriber_is_removed() {
        let wakeup = Wakeup::new();
        drop(wakeup.subscribe(&QUEUE));
        let mut listener = wakeup.subscribe(&QUEUE);
        wakeup.notify(&QUEUE);
        assert!(listener.recv().now_or_never().is_some());
        assert_eq!(wakeup.0.read().unwrap()[&QUEUE].len(), 1);
    }
}

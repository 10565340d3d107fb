//! A hint that a queue has work.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use tokio::sync::watch;

use crate::name::QueueName;

/// Tells the runners of this process that a queue may have work. Clones share one board.
///
/// A hint and never the truth: it is given after the commit, it may come for nothing, and it does not reach
/// other processes. Runners poll as well. It loses nothing, however, to those who subscribe *before* they
/// look: a notification between the look and the wait ends the wait at once.
#[derive(Debug, Clone, Default)]
pub struct Wakeup(Arc<RwLock<HashMap<QueueName, watch::Sender<()>>>>);

impl Wakeup {
    /// A board on which nobody listens yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Listens to one queue from now on.
    pub fn subscribe(&self, queue: &QueueName) -> Listener {
        let mut board = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let sender = board.entry(queue.clone()).or_insert_with(|| watch::Sender::new(()));
        Listener(sender.subscribe())
    }

    /// Wakes those who listen to the queue. To be called after the commit.
    pub fn notify(&self, queue: &QueueName) {
        let board = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(sender) = board.get(queue) {
            sender.send_replace(());
        }
    }

    /// Wakes everybody.
    pub fn notify_all(&self) {
        let board = self.0.read().unwrap_or_else(PoisonError::into_inner);
        for sender in board.values() {
            sender.send_replace(());
        }
    }
}

/// One subscription to one queue.
#[derive(Debug)]
pub struct Listener(watch::Receiver<()>);

impl Listener {
    /// Waits for a notification given since the subscription or since this last returned. Many are one.
    ///
    /// Dropping the future loses nothing.
    pub async fn woken(&mut self) {
        if self.0.changed().await.is_err() {
            // The board is gone, and with it everybody who could wake us.
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const QUEUE: QueueName = QueueName::new("payment");

    #[test]
    fn a_notification_between_the_look_and_the_wait_is_not_lost() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        // Here the subscriber looks and finds nothing; then a commit lands.
        wakeup.notify(&QUEUE);
        assert_eq!(listener.woken().now_or_never(), Some(()));
    }

    #[test]
    fn many_notifications_wake_once() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        wakeup.notify(&QUEUE);
        wakeup.notify(&QUEUE);
        assert_eq!(listener.woken().now_or_never(), Some(()));
        assert_eq!(listener.woken().now_or_never(), None);
    }

    #[test]
    fn a_wait_that_was_given_up_loses_nothing() {
        let wakeup = Wakeup::new();
        let mut listener = wakeup.subscribe(&QUEUE);
        assert_eq!(listener.woken().now_or_never(), None);
        wakeup.notify(&QUEUE);
        assert_eq!(listener.woken().now_or_never(), Some(()));
    }

    #[test]
    fn only_the_listeners_of_the_queue_are_woken_and_all_of_them() {
        let wakeup = Wakeup::new();
        let (mut first, mut second) = (wakeup.subscribe(&QUEUE), wakeup.subscribe(&QUEUE));
        let mut other = wakeup.subscribe(&QueueName::new("carrier"));
        wakeup.clone().notify(&QUEUE);
        assert_eq!(first.woken().now_or_never(), Some(()));
        assert_eq!(second.woken().now_or_never(), Some(()));
        assert_eq!(other.woken().now_or_never(), None);
        wakeup.notify_all();
        assert_eq!(other.woken().now_or_never(), Some(()));
    }

    #[test]
    fn a_listener_without_a_board_waits_for_ever() {
        let mut listener = Wakeup::new().subscribe(&QUEUE);
        assert_eq!(listener.woken().now_or_never(), None);
    }
}

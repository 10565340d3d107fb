//! How far behind the writer is, without asking it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use crate::store::Backlog;

/// The counters that the writer's thread publishes.
#[derive(Debug)]
pub(super) struct InFlight {
    begin: Instant,
    /// When the oldest command of this cycle was sent, in milliseconds since the start plus one; 0 is none. Commands
    /// are taken in order, so all waiting ones are younger.
    oldest: AtomicU64,
    commits: AtomicU64,
}

impl InFlight {
    pub(super) fn new() -> Self {
        Self { begin: Instant::now(), oldest: AtomicU64::new(0), commits: AtomicU64::new(0) }
    }

    /// A cycle starts, whose oldest command was sent at this time.
    pub(super) fn take(&self, asked_at: Instant) {
        self.oldest.store(self.millis(asked_at) + 1, Ordering::Relaxed);
    }

    /// A transaction is on disk.
    pub(super) fn committed(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    /// Every command is answered.
    pub(super) fn idle(&self) {
        self.oldest.store(0, Ordering::Relaxed);
    }

    pub(super) fn backlog(&self, waiting: usize) -> Backlog {
        let oldest = match self.oldest.load(Ordering::Relaxed) {
            0 => Duration::ZERO,
            mark => Duration::from_millis((self.millis(Instant::now()) + 1).saturating_sub(mark)),
        };
        Backlog { waiting, oldest, commits: self.commits.load(Ordering::Relaxed) }
    }

    fn millis(&self, at: Instant) -> u64 {
        u64::try_from(at.saturating_duration_since(self.begin).as_millis()).unwrap_or(u64::MAX / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_age_of_a_command_counts_from_its_sending_until_all_are_answered() {
        let in_flight = InFlight::new();
        let asked_at = Instant::now();
        tokio::time::advance(Duration::from_millis(300)).await;
        assert_eq!(in_flight.backlog(3), Backlog { waiting: 3, oldest: Duration::ZERO, commits: 0 });
        in_flight.take(asked_at);
        tokio::time::advance(Duration::from_millis(700)).await;
        assert_eq!(in_flight.backlog(0).oldest, Duration::from_secs(1));
        in_flight.committed();
        in_flight.idle();
        assert_eq!(in_flight.backlog(0), Backlog { waiting: 0, oldest: Duration::ZERO, commits: 1 });
    }
}

//! What a runner knows about due jobs without reading the store.

use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Timestamp;
use crate::wakeup::Hint;

/// A claim is a write, and a useless one delays other writes. So a runner remembers the hints it got and what it read, and
/// claims only when a job is due by that. After a claim that found nothing, and at the poll interval, it reads first.
#[derive(Debug)]
pub(crate) struct DueCache {
    /// A job may be due now.
    ready: bool,
    /// The earliest moment at which a job is known to become due.
    later: Option<Timestamp>,
    /// Whether every job that becomes due before `later` will be announced by a hint.
    complete: bool,
    /// `ready` comes from a hint or a read, and is not just a guess after a claim that reached its limit.
    confirmed: bool,
    /// The last claim found nothing although a job was due, as in a paused queue: read before the next claim.
    read_first: bool,
    /// When to read in any case.
    poll_at: Instant,
}

impl DueCache {
    /// Nothing is known, so the store has to be read.
    pub(crate) fn unknown() -> Self {
        Self {
            ready: false,
            later: None,
            complete: false,
            confirmed: false,
            read_first: false,
            poll_at: Instant::now(),
        }
    }

    /// Records a hint.
    pub(crate) fn apply(&mut self, hint: Hint) {
        let known = Hint { ready: self.ready, later: self.later }.and(hint);
        (self.ready, self.later, self.confirmed) = (known.ready, known.later, self.confirmed || hint.ready);
    }

    /// Records the time.
    fn advance(&mut self, now: Timestamp) {
        if self.later.is_some_and(|due| due <= now) {
            // Later due dates were not remembered.
            (self.ready, self.confirmed, self.later, self.complete) = (true, true, None, false);
        }
    }

    /// Whether the store has to be read before a claim.
    pub(crate) fn needs_read(&mut self, now: Timestamp) -> bool {
        self.advance(now);
        let poll = self.poll_at <= Instant::now();
        if self.ready { self.read_first } else { poll || !self.complete }
    }

    /// Records when the next job is due by the store.
    pub(crate) fn refresh(&mut self, due: Option<Timestamp>, now: Timestamp, poll_every: Duration) {
        let Hint { ready, later } = due.map_or(Hint::default(), |due| Hint::due(due, now));
        // A due job hides later due dates.
        (self.ready, self.confirmed, self.later, self.complete) = (ready, ready, later, !ready);
        self.poll_at = Instant::now() + poll_every;
    }

    /// Whether to claim.
    pub(crate) const fn is_ready(&self) -> bool {
        self.ready
    }

    /// Records a claim that found fewer jobs than its limit.
    pub(crate) fn claimed_all(&mut self, claimed: usize) {
        (self.ready, self.read_first, self.confirmed) = (false, claimed == 0 && self.confirmed, false);
    }

    /// Records a claim that reached its limit.
    pub(crate) fn reached_limit(&mut self) {
        (self.ready, self.read_first, self.confirmed) = (true, false, false);
    }

    /// When to check again without a hint.
    pub(crate) fn check_at(&self, now: Timestamp) -> Instant {
        let due = self.later.map(|due| Instant::now() + due.since(now));
        due.map_or(self.poll_at, |due| due.min(self.poll_at))
    }
}

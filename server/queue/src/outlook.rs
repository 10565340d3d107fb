//! What a runner knows of its queue without asking.

use std::time::Duration;

use tokio::time::Instant;

use crate::clock::Timestamp;
use crate::wakeup::Hint;

/// A claim is a write, and a useless one keeps others from writing. So a runner remembers what it was told and what it
/// found, and claims when that says that something is due. After a claim that found nothing, and now and then, it
/// reads first.
#[derive(Debug)]
pub(crate) struct Outlook {
    /// Something may be due.
    ready: bool,
    /// The earliest moment at which something is known to become due.
    later: Option<Timestamp>,
    /// Whether nothing can become due before `later` that was not told.
    sure: bool,
    /// `ready` was told, and is not just a guess after a claim that took all it had room for.
    told: bool,
    /// The last claim found nothing although something was told to be due, as in a queue that is paused.
    wary: bool,
    /// When to read whatever is known.
    poll_at: Instant,
}

impl Outlook {
    /// Nothing is known, so it has to be read.
    pub(crate) fn unknown() -> Self {
        Self { ready: false, later: None, sure: false, told: false, wary: false, poll_at: Instant::now() }
    }

    /// Takes in what was told.
    pub(crate) fn hear(&mut self, hint: Hint) {
        let known = Hint { ready: self.ready, later: self.later }.and(hint);
        (self.ready, self.later, self.told) = (known.ready, known.later, self.told || hint.ready);
    }

    /// Takes in that time passes.
    fn pass(&mut self, now: Timestamp) {
        if self.later.is_some_and(|due| due <= now) {
            // What comes after it was not remembered.
            (self.ready, self.told, self.later, self.sure) = (true, true, None, false);
        }
    }

    /// Whether the store is to be read before anything is claimed.
    pub(crate) fn wants_reading(&mut self, now: Timestamp) -> bool {
        self.pass(now);
        let poll = self.poll_at <= Instant::now();
        if self.ready { self.wary } else { poll || !self.sure }
    }

    /// Takes in when the store says that the next job is due.
    pub(crate) fn read(&mut self, due: Option<Timestamp>, now: Timestamp, poll_every: Duration) {
        let Hint { ready, later } = due.map_or(Hint::default(), |due| Hint::due(due, now));
        // Something ready hides what comes later.
        (self.ready, self.told, self.later, self.sure) = (ready, ready, later, !ready);
        self.poll_at = Instant::now() + poll_every;
    }

    /// Whether a claim is worth its while.
    pub(crate) const fn is_ready(&self) -> bool {
        self.ready
    }

    /// Takes in that a claim had room for more than it found.
    pub(crate) fn emptied(&mut self, claimed: usize) {
        (self.ready, self.wary, self.told) = (false, claimed == 0 && self.told, false);
    }

    /// Takes in that a claim took all that it had room for.
    pub(crate) fn filled(&mut self) {
        (self.ready, self.wary, self.told) = (true, false, false);
    }

    /// When to look again if nothing is told.
    pub(crate) fn look_at(&self, now: Timestamp) -> Instant {
        let due = self.later.map(|due| Instant::now() + due.since(now));
        due.map_or(self.poll_at, |due| due.min(self.poll_at))
    }
}

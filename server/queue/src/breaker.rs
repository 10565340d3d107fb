//! Stops asking a service that does not answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::backoff::Backoff;
use crate::clock::Timestamp;

/// When a breaker opens and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerConfig {
    /// It opens after so many failures in a row; at least one.
    pub failures: u32,
    /// How long it stays open the first time. Each probe that fails doubles the wait.
    pub wait: Duration,
    /// The wait never grows past this.
    pub cap: Duration,
    /// How long a service that refuses us is left alone between two probes.
    pub refused_wait: Duration,
}

impl Default for BreakerConfig {
    /// Five failures, then two seconds, doubling up to a minute. A service that refuses us is probed once a minute.
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self { failures: 5, wait: Duration::from_secs(2), cap: minute, refused_wait: minute }
    }
}

/// A breaker for one service, asked before every call. Clones share it.
///
/// *Closed*, it lets every call through and counts the failures in a row. *Open*, it refuses until its wait is over.
/// Then it is *half-open*: it lets a single call through, the probe, which closes it or opens it for twice as
/// long. A call that the service answered with a refusal of its own, such as a declined card, has succeeded: the
/// service works.
///
/// A service that answers and *refuses us*, because a key or an address is wrong, is no outage: the breaker opens at the
/// first such call and lets a single probe through every [`refused_wait`](BreakerConfig::refused_wait), until the
/// service takes one. [`BreakerView::state`] is then [`BreakerState::Refused`].
///
/// Jobs that are refused are snoozed ([`Verdict::snooze`](crate::Verdict::snooze)), which does not use up attempts.
///
/// After Michael Nygard, *Release It!*.
#[derive(Debug, Clone)]
pub struct Breaker {
    config: BreakerConfig,
    circuit: Arc<Mutex<Circuit>>,
}

/// The answer of [`Breaker::ask`].
#[derive(Debug)]
#[must_use]
pub enum Access {
    /// Go ahead, and tell the permit what came of it.
    Granted(Permit),
    /// The service is not to be asked before that moment.
    Refused { until: Timestamp },
}

/// The right to make one call. Dropping it without a word tells nothing about the service, and lets another call
/// be the probe.
#[derive(Debug)]
#[must_use]
pub struct Permit {
    breaker: Breaker,
    generation: u64,
}

/// What a call has turned the breaker to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// The service is not asked until then. Told after a failed probe as well.
    Opened { until: Timestamp },
    /// The service refuses us and is not asked until then. Told after a refused probe as well.
    Refused { until: Timestamp },
    /// The service is back: what waits for it can go on.
    Closed,
}

/// What a breaker shows at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BreakerView {
    pub state: BreakerState,
    pub failures_in_a_row: u32,
    /// While it is open: until when.
    pub until: Option<Timestamp>,
}

/// The state of a breaker; see [`Breaker`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerState {
    Closed,
    Open,
    HalfOpen,
    /// The service refuses us: it is probed now and then. `until` tells when next; there is none while a probe may be made.
    Refused,
}

impl BreakerState {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
            Self::Refused => "refused",
        }
    }
}

#[derive(Debug, Default)]
struct Circuit {
    phase: Phase,
    failures_in_a_row: u32,
    /// How often it has opened since it was last closed.
    openings: u32,
    /// The last answer of the service was that it refuses us.
    refused: bool,
    /// Rises whenever the phase changes: what was granted in a phase that is over has nothing to say any more.
    generation: u64,
}

#[derive(Debug, Default, Clone, Copy)]
enum Phase {
    #[default]
    Closed,
    Open {
        since: Timestamp,
        until: Timestamp,
    },
    HalfOpen {
        probing: bool,
    },
}

impl Breaker {
    /// A closed breaker.
    pub fn new(config: BreakerConfig) -> Self {
        Self { config, circuit: Arc::default() }
    }

    /// Asks for one call.
    pub fn ask(&self, now: Timestamp) -> Access {
        let mut circuit = self.circuit();
        match circuit.phase {
            Phase::Closed => {}
            Phase::Open { since, until } if !is_over(since, until, now) => {
                return Access::Refused { until };
            }
            // When the probe will be back is not known; it is worth asking again after a wait.
            Phase::HalfOpen { probing: true } => return Access::Refused { until: now + self.config.wait },
            Phase::Open { .. } => circuit.turn(Phase::HalfOpen { probing: true }),
            Phase::HalfOpen { probing: false } => circuit.phase = Phase::HalfOpen { probing: true },
        }
        Access::Granted(Permit { breaker: self.clone(), generation: circuit.generation })
    }

    /// What there is to see at that moment.
    pub fn view(&self, now: Timestamp) -> BreakerView {
        let circuit = self.circuit();
        let (state, until) = match circuit.phase {
            Phase::Closed => (BreakerState::Closed, None),
            Phase::Open { since, until } if !is_over(since, until, now) => (BreakerState::Open, Some(until)),
            Phase::Open { .. } | Phase::HalfOpen { .. } => (BreakerState::HalfOpen, None),
        };
        let state = if circuit.refused { BreakerState::Refused } else { state };
        BreakerView { state, failures_in_a_row: circuit.failures_in_a_row, until }
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Permit {
    /// The service answered.
    pub fn succeeded(self) -> Option<Turn> {
        let mut circuit = self.breaker.circuit();
        if circuit.generation != self.generation {
            return None;
        }
        circuit.failures_in_a_row = 0;
        match circuit.phase {
            Phase::HalfOpen { .. } => {
                circuit.openings = 0;
                circuit.refused = false;
                circuit.turn(Phase::Closed);
                Some(Turn::Closed)
            }
            Phase::Closed | Phase::Open { .. } => None,
        }
    }

    /// The service did not answer, or answered that it cannot work.
    pub fn failed(self, now: Timestamp) -> Option<Turn> {
        let config = self.breaker.config;
        let mut circuit = self.breaker.circuit();
        if circuit.generation != self.generation {
            return None;
        }
        circuit.failures_in_a_row = circuit.failures_in_a_row.saturating_add(1);
        if matches!(circuit.phase, Phase::Closed) && circuit.failures_in_a_row < config.failures {
            return None;
        }
        circuit.openings = circuit.openings.saturating_add(1);
        circuit.refused = false;
        let until = now + Backoff { base: config.wait, cap: config.cap }.ceiling(circuit.openings);
        circuit.turn(Phase::Open { since: now, until });
        Some(Turn::Opened { until })
    }

    /// The service answered that it does not do what we ask, whatever the call is about.
    pub fn refused(self, now: Timestamp) -> Option<Turn> {
        let config = self.breaker.config;
        let mut circuit = self.breaker.circuit();
        if circuit.generation != self.generation {
            return None;
        }
        (circuit.failures_in_a_row, circuit.openings, circuit.refused) = (0, 0, true);
        let until = now + config.refused_wait;
        circuit.turn(Phase::Open { since: now, until });
        Some(Turn::Refused { until })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut circuit = self.breaker.circuit();
        if circuit.generation == self.generation
            && let Phase::HalfOpen { probing } = &mut circuit.phase
        {
            *probing = false;
        }
    }
}

impl Circuit {
    fn turn(&mut self, phase: Phase) {
        self.phase = phase;
        self.generation += 1;
    }
}

/// A wall clock that was set back must not keep a service from being asked for longer than was meant.
fn is_over(since: Timestamp, until: Timestamp, now: Timestamp) -> bool {
    now >= until || now < since
}

#[cfg(test)]
#[path = "breaker_tests.rs"]
mod tests;

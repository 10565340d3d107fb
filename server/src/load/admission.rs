//! Admission: whether another order is accepted.
//!
//! An order that could not be processed soon, or not be stored durably, is refused at once: before its body is read,
//! with a reason and a `Retry-After`. Nothing is ever acknowledged and dropped. A task of its own samples the
//! server's health a few times a second; checking a request is then one atomic load, so refusing is cheap under any
//! load.
//!
//! Only new orders are refused. Reads, cancellations and the work on accepted orders go on.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use orders::{Problem, ProblemCode};

/// The limits of admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmissionLimits {
    /// How long the oldest due job may wait.
    pub waiting: Duration,
    /// How many bytes of the disk stay free.
    pub free_bytes: u64,
}

/// How long a command may wait for the writer before new orders are refused.
const MAX_COMMAND_AGE: Duration = Duration::from_secs(1);
/// How many commands may wait for the writer.
const MAX_COMMANDS: usize = 8_000;
/// How large the WAL may grow while a reader keeps it from being checkpointed.
const MAX_WAL_BYTES: u64 = 1 << 30;
/// The longest `Retry-After`, in seconds.
const MAX_RETRY_AFTER_SECONDS: u64 = 30;

/// A sample of the server's health.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HealthSample {
    /// How long the oldest job has been due, in queues whose service is available.
    pub oldest_job: Duration,
    /// How long the oldest command has waited for the writer.
    pub oldest_command: Duration,
    /// How many commands wait for the writer.
    pub commands: usize,
    /// Free bytes of the disk, if known.
    pub free_bytes: Option<u64>,
    /// Size of the WAL in bytes.
    pub wal_bytes: u64,
}

/// Why no order is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverloadReason {
    /// Jobs wait for too long.
    Work,
    /// Commands wait for the writer for too long.
    Writer,
    /// The disk is nearly full.
    Disk,
    /// The WAL cannot be checkpointed.
    Log,
}

/// The current decision.
#[derive(Debug)]
pub struct Admission {
    limits: AdmissionLimits,
    /// The reason in the upper half, the `Retry-After` in the lower; 0 accepts.
    decision: AtomicU64,
}

impl OverloadReason {
    const ALL: [Self; 4] = [Self::Work, Self::Writer, Self::Disk, Self::Log];

    const fn code(self) -> ProblemCode {
        match self {
            Self::Work | Self::Writer => ProblemCode::Overloaded,
            Self::Disk | Self::Log => ProblemCode::StorageUnavailable,
        }
    }

    const fn detail(self) -> &'static str {
        match self {
            Self::Work => {
                "Orders that were accepted before wait too long already. Nothing was stored; send it again with the same \
                 key after the time in Retry-After."
            }
            Self::Writer => {
                "More is being stored than the disk takes. Nothing was stored; send it again with the same key after the \
                 time in Retry-After."
            }
            Self::Disk => {
                "The disk of the shop is nearly full. Nothing was stored; send it again with the same key after the time \
                 in Retry-After."
            }
            Self::Log => {
                "The database is busy with a long look at itself. Nothing was stored; send it again with the same key \
                 after the time in Retry-After."
            }
        }
    }
}

impl Admission {
    /// Accepts every order until the first sample.
    pub fn new(limits: AdmissionLimits) -> Self {
        Self { limits, decision: AtomicU64::new(0) }
    }

    /// Accepts or refuses an order.
    ///
    /// # Errors
    /// `overloaded` or `storage-unavailable`, with a `Retry-After`.
    pub fn check(&self) -> Result<(), Problem> {
        let Some((overload_reason, seconds)) = self.overload_reason() else { return Ok(()) };
        Err(Problem::new(overload_reason.code()).detail(overload_reason.detail()).retry_after(seconds))
    }

    /// Returns why no order is accepted, and the `Retry-After` in seconds.
    pub fn overload_reason(&self) -> Option<(OverloadReason, u32)> {
        let decision = self.decision.load(Ordering::Relaxed);
        let place = usize::try_from(decision >> 32).ok()?.checked_sub(1)?;
        let seconds = u32::try_from(decision & u64::from(u32::MAX)).ok()?;
        Some((*OverloadReason::ALL.get(place)?, seconds))
    }

    /// Updates the decision from a sample.
    pub fn update(&self, sample: &HealthSample) {
        let found = self.find(sample);
        let before = self.overload_reason().map(|(overload_reason, _)| overload_reason);
        let decision =
            found.map_or(0, |(overload_reason, seconds)| ((overload_reason as u64 + 1) << 32) | seconds);
        self.decision.store(decision, Ordering::Relaxed);
        match (before, found) {
            (None, Some((overload_reason, _))) => {
                tracing::warn!(?overload_reason, ?sample, "new orders are refused")
            }
            (Some(overload_reason), None) => {
                tracing::info!(?overload_reason, "new orders are accepted again")
            }
            _ => {}
        }
    }

    fn find(&self, sample: &HealthSample) -> Option<(OverloadReason, u64)> {
        let AdmissionLimits { waiting, free_bytes } = self.limits;
        if sample.free_bytes.is_some_and(|free| free < free_bytes) {
            Some((OverloadReason::Disk, MAX_RETRY_AFTER_SECONDS))
        } else if sample.wal_bytes > MAX_WAL_BYTES {
            Some((OverloadReason::Log, 10))
        } else if sample.oldest_command > MAX_COMMAND_AGE || sample.commands >= MAX_COMMANDS {
            Some((OverloadReason::Writer, sample.oldest_command.as_secs().clamp(1, MAX_RETRY_AFTER_SECONDS)))
        } else if sample.oldest_job > waiting {
            let over = sample.oldest_job.saturating_sub(waiting).as_secs();
            Some((OverloadReason::Work, over.clamp(1, MAX_RETRY_AFTER_SECONDS)))
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: AdmissionLimits =
        AdmissionLimits { waiting: Duration::from_secs(60), free_bytes: 256 << 20 };

    fn judged(sample: HealthSample) -> Option<(ProblemCode, Option<u32>)> {
        let admission = Admission::new(LIMITS);
        admission.update(&sample);
        admission.check().err().map(|problem| (problem.code, problem.retry_after))
    }

    #[test]
    fn a_healthy_server_accepts_orders() {
        let busy = HealthSample {
            oldest_job: Duration::from_secs(60),
            oldest_command: Duration::from_millis(900),
            commands: 5_000,
            free_bytes: Some(256 << 20),
            wal_bytes: 300 << 20,
        };
        assert_eq!(judged(busy), None);
        assert_eq!(judged(HealthSample::default()), None, "a disk that tells nothing is not full");
    }

    #[test]
    fn each_overload_reason_has_its_problem_and_retry_after() {
        let well = HealthSample::default();
        let overloaded = |seconds| Some((ProblemCode::Overloaded, Some(seconds)));
        let unavailable = |seconds| Some((ProblemCode::StorageUnavailable, Some(seconds)));
        assert_eq!(judged(HealthSample { oldest_job: Duration::from_secs(75), ..well }), overloaded(15));
        assert_eq!(judged(HealthSample { oldest_job: Duration::from_secs(9_000), ..well }), overloaded(30));
        assert_eq!(
            judged(HealthSample { oldest_command: Duration::from_millis(2_500), ..well }),
            overloaded(2)
        );
        assert_eq!(judged(HealthSample { commands: MAX_COMMANDS, ..well }), overloaded(1));
        assert_eq!(judged(HealthSample { free_bytes: Some(1), ..well }), unavailable(30));
        assert_eq!(judged(HealthSample { wal_bytes: 2 << 30, ..well }), unavailable(10));
    }

    #[test]
    fn orders_are_accepted_again_after_an_overload() {
        let admission = Admission::new(LIMITS);
        for overload_reason in OverloadReason::ALL {
            assert!(!overload_reason.detail().is_empty());
        }
        admission.update(&HealthSample { free_bytes: Some(0), ..HealthSample::default() });
        assert_eq!(
            admission.overload_reason().map(|(overload_reason, _)| overload_reason),
            Some(OverloadReason::Disk)
        );
        admission.update(&HealthSample::default());
        assert!(admission.check().is_ok());
    }
}

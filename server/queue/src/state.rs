//! The states of a job.

use std::fmt;

/// The state of a job. Stores keep [`JobState::as_str`].
///
/// *Live* jobs ([`Available`](Self::Available), [`Running`](Self::Running)) hold their exclusive key; *finished* jobs
/// ([`Completed`](Self::Completed), [`Discarded`](Self::Discarded)) are deleted by age. A quarantined job is
/// neither: it holds nothing up, and nobody but a person moves or deletes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum JobState {
    /// Waits to be claimed once its `run_at` has come: new, scheduled for later, or between two attempts.
    ///
    /// Moved on by a worker's claim, or to `Discarded` by an operator. Never deleted.
    Available,
    /// Leased to a worker, which works at it now (or has died, until its lease is rescued).
    ///
    /// Moved on by the settlement that names its lease, or by the rescuer when the lease has run out.
    /// Never deleted.
    Running,
    /// Done: the effect of the job, if it has one, was written in the same transaction.
    ///
    /// Final. Deleted by the pruner some time after it finished.
    Completed,
    /// Given up for now: its attempts are spent, or its handler said that trying again is useless.
    ///
    /// Waits for a person, who retries it (to `Available`, attempts from zero) or discards it. Never deleted
    /// and never moved on by itself.
    Quarantined,
    /// Dropped by an operator.
    ///
    /// Final. Deleted by the pruner some time after it was discarded.
    Discarded,
}

impl JobState {
    /// Every state, in the order of a job's life.
    pub const ALL: [Self; 5] =
        [Self::Available, Self::Running, Self::Completed, Self::Quarantined, Self::Discarded];

    /// The name a store keeps and an operator reads.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Quarantined => "quarantined",
            Self::Discarded => "discarded",
        }
    }

    /// The state of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == name)
    }

    /// Whether work is still to come without anybody's help. A live job holds its exclusive key.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Available | Self::Running)
    }

    /// Whether nothing will ever happen to the job again but its deletion.
    pub const fn is_finished(self) -> bool {
        matches!(self, Self::Completed | Self::Discarded)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_is_parsed_from_its_name() {
        for state in JobState::ALL {
            assert_eq!(JobState::parse(state.as_str()), Some(state));
        }
        assert_eq!(JobState::parse("paused"), None);
    }

    #[test]
    fn a_quarantined_job_is_neither_live_nor_finished() {
        assert!(!JobState::Quarantined.is_live() && !JobState::Quarantined.is_finished());
    }
}

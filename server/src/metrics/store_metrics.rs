//! The metrics of the store's writer.

use std::time::Duration;

use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use super::labels::Labels;

/// In seconds: an fsync takes a fraction of a millisecond on a good disk, and seconds on a broken one.
const DURATIONS: [f64; 13] =
    [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];

/// Transactions and checkpoints.
#[derive(Debug)]
pub struct StoreMetrics {
    commands: Histogram,
    transactions: Histogram,
    commits: Histogram,
    /// In the order of [`CheckpointPart`].
    checkpoints: [Histogram; 3],
}

/// A part of a checkpoint of the write-ahead log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckpointPart {
    /// The thread copies pages while the writer goes on.
    Background,
    /// The writer copies the rest, and commits nothing meanwhile.
    Writer,
    /// The writer copies everything and truncates the file, and commits nothing meanwhile.
    Truncate,
}

impl CheckpointPart {
    const ALL: [Self; 3] = [Self::Background, Self::Writer, Self::Truncate];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Background => "background",
            Self::Writer => "writer",
            Self::Truncate => "truncate",
        }
    }
}

impl StoreMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        // The writer takes at most 512 commands.
        let commands = Histogram::new(exponential_buckets(1.0, 2.0, 10));
        let help = "Commands in one transaction";
        registry.register("store_transaction_commands", help, commands.clone());
        let family = Family::<Labels<1>, Histogram>::new_with_constructor(|| Histogram::new(DURATIONS));
        let checkpoints =
            CheckpointPart::ALL.map(|part| family.get_or_create_owned(&[("part", part.as_str())]));
        let (name, help) = ("store_checkpoint_duration", "Duration of a part of a checkpoint");
        registry.register_with_unit(name, help, Unit::Seconds, family);
        let mut duration = |name: &str, help: &str| {
            let duration = Histogram::new(DURATIONS);
            registry.register_with_unit(name, help, Unit::Seconds, duration.clone());
            duration
        };
        Self {
            commands,
            transactions: duration("store_transaction_duration", "Duration of a transaction"),
            commits: duration("store_commit_duration", "Duration of a commit, most of which is the fsync"),
            checkpoints,
        }
    }

    /// Records a committed transaction: its commands, its duration, and that of its commit.
    pub fn record_transaction(&self, commands: usize, took: Duration, commit: Duration) {
        self.commands.observe(u32::try_from(commands).map_or(f64::INFINITY, f64::from));
        self.transactions.observe(took.as_secs_f64());
        self.commits.observe(commit.as_secs_f64());
    }

    /// Records a part of a checkpoint.
    pub fn record_checkpoint(&self, part: CheckpointPart, took: Duration) {
        self.checkpoints[part as usize].observe(took.as_secs_f64());
    }
}

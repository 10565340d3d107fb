//! A durable job runtime.

pub mod backoff;
pub mod clock;
pub mod conformance;
pub mod handler;
pub mod job;
pub mod lease;
pub mod memory;
pub mod name;
pub mod random;
pub mod registry;
pub mod state;
pub mod store;
pub mod wakeup;

pub use backoff::Backoff;
pub use clock::{Clock, ManualClock, RuntimeClock, SystemClock, Timestamp};
pub use handler::{Decision, Failure, Handler, Policy, Verdict};
pub use job::{Job, JobId, NewJob};
pub use lease::{Fence, Lease, Leased, WorkerId};
pub use memory::MemoryStore;
pub use name::{JobKind, QueueName};
pub use random::{Random, SeededRandom};
pub use registry::Registry;
pub use state::JobState;
pub use store::{
    Claim, Counts, Enqueued, Intervention, JobFilter, Outcome, Settled, Settlement, Store, StoreError,
};
pub use wakeup::{Listener, Wakeup};

//! The right to run a job for a limited time.

use std::fmt;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::job::{Job, JobId};

/// The name under which a process claims jobs. It stays the same over a restart, so that the new process can take back
/// at once what the dead one held ([`Store::rescue_worker`](crate::Store::rescue_worker)). No two running
/// processes may use the same name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WorkerId(Arc<str>);

impl WorkerId {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<T: Into<Arc<str>>> From<T> for WorkerId {
    fn from(name: T) -> Self {
        Self(name.into())
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A fencing token: a later claim of a job has a higher fence, and no fence is used twice for one job, whatever
/// happened to its attempts.
///
/// After Martin Kleppmann, *How to do distributed locking*: a lock with a time-out protects nothing by itself,
/// since its holder may be paused; the store must refuse writes of the stale holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub i64);

/// One claim of one job, named in every later write of its worker.
///
/// A store compares job and fence. The expiry only tells when the rescuer may take the job back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    pub job: JobId,
    pub fence: Fence,
    /// From this moment on the rescuer may take the job back.
    pub expires_at: Timestamp,
}

/// A claimed job with its lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    pub job: Job,
    pub lease: Lease,
}

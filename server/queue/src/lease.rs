//! The right to work a job for a while.

use std::fmt;
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::job::{Job, JobId};

/// Who claims: one name per process. The same process keeps its name over a restart, so that it can take back
/// at once what its former self still held ([`Store::rescue_worker`](crate::Store::rescue_worker)). No two
/// living processes share a name.
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

/// Tells one claim of a job from every other claim of it: a later claim has a higher fence, and no fence is
/// ever given out twice for one job, whatever happened to its attempts.
///
/// After Martin Kleppmann, *How to do distributed locking*: a lock with a time-out protects nothing by itself,
/// since its holder may be paused; the thing written to must refuse the stale holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub i64);

/// One claim of one job, named in everything its worker writes afterwards.
///
/// Job and fence are what a store compares. The expiry only tells when others may take the job away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Lease {
    pub job: JobId,
    pub fence: Fence,
    /// From this moment on the rescuer may take the job away.
    pub expires_at: Timestamp,
}

/// A claimed job and the right to work it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    pub job: Job,
    pub lease: Lease,
}

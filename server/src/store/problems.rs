//! The problems of a failing store.

use orders::{Problem, ProblemCode};
use queue::StoreError;

use super::ReadError;

/// Returns the problem of a failed read.
pub fn unreadable(error: ReadError) -> Problem {
    tracing::error!(%error, "a read failed");
    Problem::new(ProblemCode::StorageUnavailable).retry_after(5)
}

/// Returns the problem of a failed or uncertain write.
pub fn unwritten(error: StoreError) -> Problem {
    let code = match &error {
        StoreError::Overloaded => ProblemCode::Overloaded,
        StoreError::Unavailable(_) => ProblemCode::StorageUnavailable,
        StoreError::CommitUnknown => ProblemCode::CommitUnknown,
    };
    if error == StoreError::Overloaded {
        tracing::debug!(%error, "a write was refused");
    } else {
        tracing::error!(%error, "a write failed");
    }
    Problem::new(code).retry_after(2)
}

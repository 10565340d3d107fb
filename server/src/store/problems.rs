//! What a caller is told when the store does not do what it is asked for.

use orders::{Problem, ProblemCode};
use queue::StoreError;

use super::ReadError;

/// Nothing could be read.
pub fn unreadable(error: ReadError) -> Problem {
    tracing::error!(%error, "a read did not work");
    Problem::new(ProblemCode::StorageUnavailable).retry_after(5)
}

/// Nothing, or nothing certain, was written.
pub fn unwritten(error: StoreError) -> Problem {
    let code = match &error {
        StoreError::Overloaded => ProblemCode::Overloaded,
        StoreError::Unavailable(_) => ProblemCode::StorageUnavailable,
        StoreError::CommitUnknown => ProblemCode::CommitUnknown,
    };
    if error == StoreError::Overloaded {
        tracing::debug!(%error, "a write was refused");
    } else {
        tracing::error!(%error, "a write did not work");
    }
    Problem::new(code).retry_after(2)
}

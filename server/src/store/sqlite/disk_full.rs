//! Distinguishing a full disk from other failed writes.

use std::io;

use rusqlite::{ErrorCode, ffi};
use rustix::io::Errno;

/// Whether a write failed because the disk is full. Must be called on the writer's thread directly after the failure.
pub(super) fn is_disk_full(reason: &rusqlite::Error) -> bool {
    is_disk_full_error(reason, io::Error::last_os_error())
}

/// SQLite reports a full disk only for `ENOSPC`. An exhausted quota is reported as a failed write, and only the last
/// system error, which is valid until the thread's next failing call, distinguishes it.
fn is_disk_full_error(reason: &rusqlite::Error, last: io::Error) -> bool {
    match reason.sqlite_error() {
        Some(error) if error.code == ErrorCode::DiskFull => true,
        Some(error) if error.extended_code == ffi::SQLITE_IOERR_WRITE => {
            last.raw_os_error() == Some(Errno::DQUOT.raw_os_error())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exhausted_quota_counts_as_a_full_disk_and_other_errors_do_not() {
        let judged = |code, errno: Errno| {
            let reason = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            is_disk_full_error(&reason, io::Error::from(errno))
        };
        assert!(judged(ffi::SQLITE_FULL, Errno::NOSPC));
        assert!(judged(ffi::SQLITE_IOERR_WRITE, Errno::DQUOT));
        assert!(!judged(ffi::SQLITE_IOERR_WRITE, Errno::IO));
        assert!(!judged(ffi::SQLITE_IOERR_FSYNC, Errno::DQUOT), "what an fsync says is never certain");
    }
}

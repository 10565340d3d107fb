//! The room that the file has, and keeping it small.

use std::io;
use std::path::Path;
use std::time::Duration;

use rusqlite::{ErrorCode, ffi};
use rustix::io::Errno;
use tokio::time::sleep;

use super::SqliteStore;
use super::recover::log_of;

/// How often it is looked whether the log can be emptied.
const LOOK_EVERY: Duration = Duration::from_secs(1);
/// After so many looks without a commit the store is idle.
const QUIET_LOOKS: u32 = 5;

/// The room that the file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Free bytes of its disk.
    pub free: u64,
    /// How long the log of writes is, in bytes.
    pub log: u64,
}

impl SqliteStore {
    /// Looks how much room there is.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn space(&self) -> io::Result<Space> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let disk = rustix::fs::statvfs(folder.unwrap_or(Path::new(".")))?;
        Ok(Space { free: disk.f_bavail.saturating_mul(disk.f_frsize), log: self.log_bytes() })
    }

    /// Empties the log of writes whenever nothing was written for a while. Never returns.
    pub async fn keep_tidy(&self) {
        let (mut commits, mut quiet) = (0, 0);
        loop {
            sleep(LOOK_EVERY).await;
            let now = self.backlog().commits;
            quiet = if now == commits { quiet + 1 } else { 0 };
            commits = now;
            // Once more after as long again, when a reader was in the way.
            if quiet >= QUIET_LOOKS && quiet % QUIET_LOOKS == 0 && self.log_bytes() > 0 {
                self.writer.tidy();
            }
        }
    }

    fn log_bytes(&self) -> u64 {
        log_of(&self.path).metadata().map_or(0, |log| log.len())
    }
}

/// Whether a write failed because there is no room for it. To be asked on the writer's thread right after the failure.
pub(super) fn found_no_room(reason: &rusqlite::Error) -> bool {
    is_for_want_of_room(reason, io::Error::last_os_error())
}

/// SQLite calls a disk full only for `ENOSPC`. A quota that is used up is a write that failed like any other to it, and
/// only the system's own word, which stands until the thread's next call that fails, tells it apart.
fn is_for_want_of_room(reason: &rusqlite::Error, last: io::Error) -> bool {
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
    fn a_quota_that_is_used_up_is_a_full_disk_and_no_other_fault_is() {
        let judged = |code, errno: Errno| {
            let reason = rusqlite::Error::SqliteFailure(ffi::Error::new(code), None);
            is_for_want_of_room(&reason, io::Error::from(errno))
        };
        assert!(judged(ffi::SQLITE_FULL, Errno::NOSPC));
        assert!(judged(ffi::SQLITE_IOERR_WRITE, Errno::DQUOT));
        assert!(!judged(ffi::SQLITE_IOERR_WRITE, Errno::IO));
        assert!(!judged(ffi::SQLITE_IOERR_FSYNC, Errno::DQUOT), "what an fsync says is never certain");
    }
}

//! The disk space of the file, and truncating the WAL.

use std::io;
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

use super::SqliteStore;
use super::recover::log_of;

/// How often to check whether the WAL can be truncated.
const INTERVAL: Duration = Duration::from_secs(1);
/// After this many checks without a commit the store is idle.
const IDLE_CHECKS: u32 = 5;

/// The disk space of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// Free bytes of its disk.
    pub free: u64,
    /// Size of the WAL in bytes.
    pub log: u64,
}

impl SqliteStore {
    /// Returns the disk space.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn space(&self) -> io::Result<Space> {
        let folder = self.path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let disk = rustix::fs::statvfs(folder.unwrap_or(Path::new(".")))?;
        Ok(Space { free: disk.f_bavail.saturating_mul(disk.f_frsize), log: self.log_bytes() })
    }

    /// Truncates the WAL whenever nothing was written for a while. Never returns.
    pub async fn run_checkpoints(&self) {
        let (mut commits, mut quiet) = (0, 0);
        loop {
            sleep(INTERVAL).await;
            let now = self.backlog().commits;
            quiet = if now == commits { quiet + 1 } else { 0 };
            commits = now;
            // Again after the same time, in case a reader was in the way.
            if quiet >= IDLE_CHECKS && quiet % IDLE_CHECKS == 0 && self.log_bytes() > 0 {
                self.writer.checkpoint();
            }
        }
    }

    fn log_bytes(&self) -> u64 {
        log_of(&self.path).metadata().map_or(0, |log| log.len())
    }
}

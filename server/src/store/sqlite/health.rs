//! The health of the store: its backlog, its disk space, truncating the WAL, and its end.

use std::io;
use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::sleep;

use super::SqliteStore;
use super::wal_path::log_of;
use crate::store::{Backlog, Health, Space};

/// How often to check whether the WAL can be truncated.
const INTERVAL: Duration = Duration::from_secs(1);
/// After this many checks without a commit the store is idle.
const IDLE_CHECKS: u32 = 5;

#[async_trait]
impl Health for SqliteStore {
    fn backlog(&self) -> Backlog {
        self.writer.backlog()
    }

    fn space(&self) -> io::Result<Space> {
        Ok(Space { free: free_bytes(&self.path)?, log: self.log_bytes() })
    }

    /// Truncates the WAL whenever nothing was written for a while.
    async fn run_maintenance(&self) {
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

    async fn given_up(&self) {
        self.writer.given_up().await;
    }

    async fn close(&self) {
        self.writer.close().await;
        if self.writer.has_given_up() {
            // The last connection checkpoints a file when it closes, and this one must stay as it is.
            std::mem::forget(self.readers.clone());
        } else {
            self.readers.close().await;
        }
    }
}

/// Returns how many bytes are free on the disk of a file, which need not exist.
pub(super) fn free_bytes(file: &Path) -> io::Result<u64> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let disk = rustix::fs::statvfs(folder.unwrap_or(Path::new(".")))?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

impl SqliteStore {
    fn log_bytes(&self) -> u64 {
        log_of(&self.path).metadata().map_or(0, |log| log.len())
    }
}

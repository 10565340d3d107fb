//! A child process in a group of its own, so that a signal reaches what it was started through, too.

use std::fs::File;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

/// A program that runs.
#[derive(Debug)]
pub struct Process {
    child: Child,
    group: Pid,
}

impl Process {
    /// Starts it, and waits for the first line it prints.
    ///
    /// # Errors
    /// When it ends before that, or says nothing for a minute.
    pub async fn start(mut command: Command, log: File) -> Result<(Self, String)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).kill_on_drop(true).process_group(0);
        let mut child = command.spawn().context("it cannot be run")?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed())).context("it ended at once")?;
        let output = child.stdout.take().context("it has no output")?;
        let process = Self { child, group };
        let mut line = String::new();
        let mut output = BufReader::new(output);
        match timeout(Duration::from_secs(60), output.read_line(&mut line)).await {
            Ok(Ok(1..)) => Ok((process, line.trim().to_owned())),
            Ok(_) => bail!("it ended before it was ready"),
            Err(_) => bail!("it was not ready within a minute"),
        }
    }

    /// Sends a signal to the whole group.
    pub fn signal(&self, signal: Signal) {
        // A group that is gone needs no signal.
        let _ = kill_process_group(self.group, signal);
    }

    /// Kills it, as the power would, and waits until it is gone.
    ///
    /// # Errors
    /// When the system does not tell.
    pub async fn kill(mut self) -> Result<()> {
        self.signal(Signal::KILL);
        self.child.wait().await?;
        Ok(())
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it takes longer than that.
    pub async fn ended(&mut self, within: Duration) -> Result<ExitStatus> {
        let ended = timeout(within, self.child.wait()).await;
        Ok(ended.with_context(|| format!("it did not end within {} s", within.as_secs()))??)
    }

    /// Whether it has ended, and how.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.has_ended().is_none() {
            self.signal(Signal::KILL);
        }
    }
}

/// What people call the end of a process.
pub fn spoken(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown end".to_owned(),
    }
}

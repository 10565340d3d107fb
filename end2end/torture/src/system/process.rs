//! A child process in a process group of its own, so that a signal also reaches its wrapper.

use std::fs::File;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::sync::watch;
use tokio::time::timeout;

/// A running program.
#[derive(Debug)]
pub struct Process {
    child: Child,
    output: Option<ChildStdout>,
    group: Pid,
}

/// The lines of a program's error output, which stay readable after the program has ended.
#[derive(Debug, Clone)]
pub struct LogReader {
    lines: watch::Receiver<Vec<String>>,
}

impl Process {
    /// Starts a program. Its error output is also written to `log`.
    ///
    /// # Errors
    /// When the program cannot be run.
    pub fn start(mut command: Command, log: File) -> Result<(Self, LogReader)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).process_group(0).spawn().context("it cannot be run")?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed())).context("it ended at once")?;
        let log_reader = LogReader::new(child.stderr.take().context("its error output is not piped")?, log);
        Ok((Self { output: child.stdout.take(), child, group }, log_reader))
    }

    /// Waits for the first line of its standard output, which it prints when it is ready.
    ///
    /// # Errors
    /// When it ends before, or prints nothing for a minute.
    pub async fn wait_for_first_line(&mut self) -> Result<()> {
        let output = self.output.take().context("its first line was already read")?;
        let mut line = String::new();
        match timeout(Duration::from_secs(60), BufReader::new(output).read_line(&mut line)).await {
            Ok(Ok(1..)) => Ok(()),
            Ok(_) => bail!("it ended before it was ready"),
            Err(_) => bail!("it was not ready within a minute"),
        }
    }

    /// Sends a signal to the whole group.
    pub fn signal(&self, signal: Signal) {
        // The group may have ended.
        let _ = kill_process_group(self.group, signal);
    }

    /// Sends SIGKILL, and waits for its end.
    ///
    /// # Errors
    /// When the operating system does not report its end.
    pub async fn kill(mut self) -> Result<()> {
        self.signal(Signal::KILL);
        self.child.wait().await?;
        Ok(())
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// When it does not end within that time.
    pub async fn wait(&mut self, within: Duration) -> Result<ExitStatus> {
        let status = timeout(within, self.child.wait()).await;
        Ok(status.with_context(|| format!("it did not end within {} s", within.as_secs()))??)
    }

    /// Returns its exit status, if it has ended.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Returns its process id.
    pub fn id(&self) -> u32 {
        self.child.id().unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.exit_status().is_none() {
            self.signal(Signal::KILL);
        }
    }
}

impl LogReader {
    fn new(stderr: ChildStderr, mut log: File) -> Self {
        let (sender, lines) = watch::channel(Vec::new());
        tokio::spawn(async move {
            let mut stderr = BufReader::new(stderr).split(b'\n');
            while let Ok(Some(line)) = stderr.next_segment().await {
                let line = String::from_utf8_lossy(&line).into_owned();
                // A failed write to the log does not stop the reader.
                drop(writeln!(log, "{line}"));
                sender.send_modify(|lines| lines.push(line));
            }
        });
        Self { lines }
    }

    /// Waits until a line contains `text`; returns `false` if the output ends without one.
    pub async fn wait_for_line(&self, text: &str) -> bool {
        let mut lines = self.lines.clone();
        lines.wait_for(|lines| lines.iter().any(|line| line.contains(text))).await.is_ok()
    }

    /// Waits until all output of an ended program was read, at most a second.
    pub async fn wait_until_closed(&self) {
        let mut lines = self.lines.clone();
        // Children of the program may still hold the pipe open.
        drop(timeout(Duration::from_secs(1), lines.wait_for(|_| false)).await);
    }

    /// Returns the lines so far that contain `text`.
    pub fn lines_containing(&self, text: &str) -> Vec<String> {
        self.lines.borrow().iter().filter(|line| line.contains(text)).cloned().collect()
    }
}

/// Returns the exit status in words.
pub fn exit_status_text(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown end".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[tokio::test]
    async fn log_lines_can_be_read_after_the_program_has_ended() {
        let log = tempfile::NamedTempFile::new().unwrap();
        let (mut process, log_reader) =
            Process::start(shell("echo ready; echo one >&2; echo stays at two >&2"), log.reopen().unwrap())
                .unwrap();
        process.wait_for_first_line().await.unwrap();
        assert!(process.wait(Duration::from_secs(10)).await.unwrap().success());
        log_reader.wait_until_closed().await;
        assert!(log_reader.wait_for_line("at two").await);
        assert!(!log_reader.wait_for_line("at three").await, "it has ended and prints no more lines");
        assert_eq!(log_reader.lines_containing("one"), ["one"]);
        assert_eq!(std::fs::read_to_string(log.path()).unwrap(), "one\nstays at two\n");
    }

    #[tokio::test]
    async fn a_program_that_ends_without_a_line_was_never_ready() {
        let log = tempfile::tempfile().unwrap();
        let (mut process, _) = Process::start(shell("exit 3"), log).unwrap();
        assert!(process.wait_for_first_line().await.is_err());
    }
}

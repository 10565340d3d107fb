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

/// The error output of a program. It remains after the program has ended.
#[derive(Debug, Clone)]
pub struct LogReader {
    said: watch::Receiver<Vec<String>>,
}

impl Process {
    /// Starts it. Its error output is also written to the log.
    ///
    /// # Errors
    /// When it cannot be run.
    pub fn start(mut command: Command, log: File) -> Result<(Self, LogReader)> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).process_group(0).spawn().context("it cannot be run")?;
        let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed())).context("it ended at once")?;
        let log_reader = LogReader::of(child.stderr.take().context("it cannot say anything")?, log);
        Ok((Self { output: child.stdout.take(), child, group }, log_reader))
    }

    /// Waits for its first line of output, which says that it is ready.
    ///
    /// # Errors
    /// When it ends before, or prints nothing for a minute.
    pub async fn first_line(&mut self) -> Result<()> {
        let output = self.output.take().context("it has printed already")?;
        let mut line = String::new();
        match timeout(Duration::from_secs(60), BufReader::new(output).read_line(&mut line)).await {
            Ok(Ok(1..)) => Ok(()),
            Ok(_) => bail!("it ended before it was ready"),
            Err(_) => bail!("it was not ready within a minute"),
        }
    }

    /// Sends a signal to the whole group.
    pub fn signal(&self, signal: Signal) {
        // A group that has ended needs no signal.
        let _ = kill_process_group(self.group, signal);
    }

    /// Kills it, as a power cut would, and waits for its end.
    ///
    /// # Errors
    /// When the system does not confirm that.
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

    /// Returns how it ended, if it has.
    pub fn has_ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Returns its process id.
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

impl LogReader {
    fn of(errors: ChildStderr, mut log: File) -> Self {
        let (tell, said) = watch::channel(Vec::new());
        tokio::spawn(async move {
            let mut lines = BufReader::new(errors).split(b'\n');
            while let Ok(Some(line)) = lines.next_segment().await {
                let line = String::from_utf8_lossy(&line).into_owned();
                // A failed write to the log does not stop the reader.
                drop(writeln!(log, "{line}"));
                tell.send_modify(|said| said.push(line));
            }
        });
        Self { said }
    }

    /// Waits until a line contains this; `false` when it has ended without it.
    pub async fn wait_for_line(&self, word: &str) -> bool {
        let mut said = self.said.clone();
        said.wait_for(|lines| lines.iter().any(|line| line.contains(word))).await.is_ok()
    }

    /// Waits until all output of an ended program was read.
    pub async fn has_ended_stream(&self) {
        let mut said = self.said.clone();
        // Its children may still hold the other end.
        drop(timeout(Duration::from_secs(1), said.wait_for(|_| false)).await);
    }

    /// Returns the lines that contain this, so far.
    pub fn lines_with(&self, word: &str) -> Vec<String> {
        self.said.borrow().iter().filter(|line| line.contains(word)).cloned().collect()
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
        process.first_line().await.unwrap();
        assert!(process.ended(Duration::from_secs(10)).await.unwrap().success());
        log_reader.has_ended_stream().await;
        assert!(log_reader.wait_for_line("at two").await);
        assert!(!log_reader.wait_for_line("at three").await, "it is gone and can say nothing more");
        assert_eq!(log_reader.lines_with("one"), ["one"]);
        assert_eq!(std::fs::read_to_string(log.path()).unwrap(), "one\nstays at two\n");
    }

    #[tokio::test]
    async fn a_program_that_ends_without_a_line_was_never_ready() {
        let log = tempfile::tempfile().unwrap();
        let (mut process, _) = Process::start(shell("exit 3"), log).unwrap();
        assert!(process.first_line().await.is_err());
    }
}

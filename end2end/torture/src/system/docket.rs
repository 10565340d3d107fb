//! `docket serve` as a process that is started, killed, stopped, suspended and restarted on the same data.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hyper::Method;
use rustix::process::Signal;
use tokio::process::Command;
use tokio::time::{Instant, sleep, timeout};

use super::process::exit_status_text;
use super::{CARRIER_SECRET, LogReader, Options, Process, Workdir, workdir};
use crate::api;
use crate::client::Connection;
use crate::machine;
use crate::workload;

/// How often to check whether the server is ready.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// The log line of a hang at a failpoint.
const HANG_LINE: &str = "stays at ";

/// The server, running or not.
#[derive(Debug)]
pub struct Docket {
    /// The address of its API.
    pub address: String,
    /// An API key of the scope `orders`.
    pub key: String,
    /// An API key of the scope `desk`.
    pub desk_key: String,
    /// The options of the next start.
    pub options: Options,
    program: PathBuf,
    folder: PathBuf,
    settings: Vec<(String, String)>,
    internal_address: String,
    process: Option<Process>,
    log_reader: Option<LogReader>,
}

/// The end of a stopped server.
#[derive(Debug)]
pub struct Exit {
    /// The exit status in words; `exit 0` means success.
    pub status: String,
    /// The time from the signal to the end.
    pub took: Duration,
}

impl Docket {
    /// Returns a server that is not running, without keys. It creates nothing: a new working directory has no database
    /// yet.
    pub fn new(workdir: &Workdir, options: Options) -> Self {
        let loopback = |port: u16| format!("127.0.0.1:{port}");
        let sandbox = format!("http://{}", workdir.sandbox_address());
        let settings = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("LEPTOS_SITE_ROOT", workdir.file("site").display().to_string()),
            ("DOCKET_LISTEN", workdir.public_address()),
            ("DOCKET_INTERNAL_LISTEN", loopback(workdir.ports.internal)),
            ("DOCKET_DATABASE_URL", format!("sqlite://{}", workdir.database().display())),
            ("DOCKET_PAYMENT_URL", sandbox.clone()),
            ("DOCKET_SHIPPING_URL", sandbox),
            ("DOCKET_CARRIER_SECRET", CARRIER_SECRET.to_owned()),
            ("DOCKET_SAMPLE_CATALOG", "false".to_owned()),
            ("DOCKET_LEASE_SECONDS", "3".to_owned()),
            ("DOCKET_STEP_TIMEOUT_SECONDS", "5".to_owned()),
            ("DOCKET_RETRY_BASE_MS", "100".to_owned()),
            ("DOCKET_RETRY_CAP_SECONDS", "2".to_owned()),
            // Most experiments stop it when it has nothing to do.
            ("DOCKET_DRAIN_SECONDS", "0".to_owned()),
            ("DOCKET_LOG", "warn".to_owned()),
        ];
        Self {
            address: workdir.public_address(),
            key: String::new(),
            desk_key: String::new(),
            options,
            program: workdir.program.clone(),
            folder: workdir.path().to_owned(),
            settings: settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            internal_address: loopback(workdir.ports.internal),
            process: None,
            log_reader: None,
        }
    }

    /// Returns a server that is not running, and creates its database, keys and catalogue.
    ///
    /// # Errors
    /// When the program fails.
    pub async fn prepare(workdir: &Workdir, options: Options) -> Result<Self> {
        let mut docket = Self::new(workdir, options);
        fs::write(workdir.file("catalogue.csv"), workload::catalog_csv())?;
        docket.key = docket.run_command(&["key", "create", "driver", "--scope", "orders"]).await?;
        docket.desk_key = docket.run_command(&["key", "create", "checker", "--scope", "desk"]).await?;
        docket.run_command(&["catalog", "import", "catalogue.csv"]).await?;
        Ok(docket)
    }

    /// Returns a second server for the database file `copy` of the working directory, with its own ports and folder.
    /// Its keys are those of the first.
    ///
    /// # Errors
    /// When no port is free, or the copy does not exist.
    pub fn for_copy(&self, workdir: &Workdir, copy: &str) -> Result<Self> {
        let folder = workdir.file("second");
        fs::create_dir_all(&folder)?;
        let database = folder.join("docket.db");
        fs::copy(workdir.file(copy), &database)?;
        let (address, internal_address) = (workdir::free_address()?, workdir::free_address()?);
        let mut settings = self.settings.clone();
        for (name, value) in [
            ("DOCKET_LISTEN", address.clone()),
            ("DOCKET_INTERNAL_LISTEN", internal_address.clone()),
            ("DOCKET_DATABASE_URL", format!("sqlite://{}", database.display())),
            // Only the first server may call the services.
            ("DOCKET_PAYMENT_URL", "http://127.0.0.1:9".to_owned()),
            ("DOCKET_SHIPPING_URL", "http://127.0.0.1:9".to_owned()),
        ] {
            settings.retain(|(known, _)| known != name);
            settings.push((name.to_owned(), value));
        }
        Ok(Self {
            address,
            key: self.key.clone(),
            desk_key: self.desk_key.clone(),
            options: Options::default(),
            program: self.program.clone(),
            folder,
            settings,
            internal_address,
            process: None,
            log_reader: None,
        })
    }

    /// Runs another command of the program on the same data, and returns its output.
    ///
    /// # Errors
    /// With the output, when it fails.
    pub async fn run_command(&self, arguments: &[&str]) -> Result<String> {
        let mut command = self.command(&self.program, &[]);
        // Failpoints are for the server only.
        command.env_remove("FAILPOINTS");
        let output = command.args(arguments).output().await.context("docket cannot be run")?;
        let stdout = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() {
            let stderr = String::from_utf8_lossy(&output.stderr);
            bail!(
                "`docket {}`: {}\n{stdout}\n{stderr}",
                arguments.join(" "),
                exit_status_text(output.status)
            );
        }
        Ok(stdout)
    }

    /// Starts it, and returns how long it took to become ready.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start(&mut self) -> Result<Duration> {
        let began = Instant::now();
        let wrapper = &self.options.wrapper;
        let (program, arguments) = match wrapper.split_first() {
            None => (self.program.clone(), Vec::new()),
            Some((first, rest)) => {
                let program = self.program.display().to_string();
                (PathBuf::from(first), rest.iter().cloned().chain([program]).collect())
            }
        };
        let mut command = self.command(&program, &arguments);
        command.arg("serve");
        let (process, log_reader) = Process::start(command, self.open_log()?).context("`docket serve`")?;
        self.process = Some(process);
        self.log_reader = Some(log_reader.clone());
        if let Err(error) = self.wait_until_ready(&log_reader).await {
            self.kill().await?;
            log_reader.wait_until_closed().await;
            return Err(error.context(format!("`docket serve`\n{}", self.log_tail())));
        }
        Ok(began.elapsed())
    }

    /// Waits until it is ready, or until it hangs at a failpoint.
    ///
    /// # Errors
    /// When it hangs, ends, or takes longer than a minute.
    async fn wait_until_ready(&mut self, log_reader: &LogReader) -> Result<()> {
        let ready = async {
            self.process.as_mut().context("it is not running")?.wait_for_first_line().await?;
            self.wait_for_readyz().await
        };
        tokio::select! {
            ready = ready => ready,
            true = log_reader.wait_for_line(HANG_LINE) => bail!("it hangs at a failpoint"),
        }
    }

    /// Waits until a log line since the last start contains `text`; returns `false` if the time passes or the server
    /// ends without one.
    pub async fn wait_for_line(&self, text: &str, within: Duration) -> bool {
        match &self.log_reader {
            Some(log_reader) => timeout(within, log_reader.wait_for_line(text)).await.unwrap_or(false),
            None => false,
        }
    }

    /// Returns the log lines since the last start that contain `text`.
    pub fn lines_containing(&self, text: &str) -> Vec<String> {
        self.log_reader.as_ref().map_or_else(Vec::new, |log_reader| log_reader.lines_containing(text))
    }

    /// Polls `/readyz` until it answers 200.
    ///
    /// # Errors
    /// When the server ends instead, or takes longer than a minute.
    async fn wait_for_readyz(&mut self) -> Result<()> {
        let until = Instant::now() + Duration::from_secs(60);
        let mut connection = Connection::to(&self.internal_address).with_timeout(Duration::from_secs(5));
        loop {
            let request = api::request(Method::GET, "/readyz", "-", None);
            if connection.send(request).await.is_ok_and(|response| response.status == 200) {
                return Ok(());
            }
            if let Some(status) = self.exit_status() {
                bail!("`docket serve` ended with {status} before it was ready\n{}", self.log_tail());
            }
            if Instant::now() > until {
                bail!("`docket serve` was not ready within a minute\n{}", self.log_tail());
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Sends SIGKILL, and waits for its end, unless it is not running.
    ///
    /// # Errors
    /// When the operating system does not report its end.
    pub async fn kill(&mut self) -> Result<()> {
        match self.process.take() {
            Some(process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Sends a signal, if it is running.
    pub fn signal(&self, signal: Signal) {
        if let Some(process) = &self.process {
            process.signal(signal);
        }
    }

    /// Sends SIGSTOP, and waits until none of its threads runs. Threads in an uninterruptible system call count as
    /// stopped.
    ///
    /// # Errors
    /// When it is not running.
    pub async fn suspend(&self) -> Result<()> {
        let process = self.process.as_ref().context("docket is not running")?.id();
        self.signal(Signal::STOP);
        while thread_states(process)?.iter().any(|state| matches!(state, 'R' | 'S')) {
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Sends SIGTERM, and waits for its end.
    ///
    /// # Errors
    /// When it does not end within that time.
    pub async fn stop(&mut self, within: Duration) -> Result<Exit> {
        let began = Instant::now();
        self.signal(Signal::TERM);
        let status = self.wait_for_exit(within).await?;
        Ok(Exit { status, took: began.elapsed() })
    }

    /// Waits until it ends, and returns the exit status in words.
    ///
    /// # Errors
    /// When it does not end within that time.
    pub async fn wait_for_exit(&mut self, within: Duration) -> Result<String> {
        let process = self.process.as_mut().context("docket is not running")?;
        let status = process.wait(within).await?;
        self.process = None;
        Ok(exit_status_text(status))
    }

    /// Returns the exit status in words, if it has ended since the last call.
    pub fn exit_status(&mut self) -> Option<String> {
        let status = self.process.as_mut()?.exit_status()?;
        self.process = None;
        Some(exit_status_text(status))
    }

    /// Whether it is running.
    pub fn is_running(&mut self) -> bool {
        self.exit_status();
        self.process.is_some()
    }

    /// Returns its resident memory in kilobytes and its number of open files, if it is running.
    pub fn resource_usage(&self) -> Option<(u64, usize)> {
        self.process.as_ref().map(|process| machine::resource_usage(process.id()))
    }

    /// Returns its resident memory in kilobytes; zero if it is not running.
    pub fn memory(&self) -> u64 {
        self.resource_usage().unwrap_or_default().0
    }

    /// Returns the last lines of its log.
    pub fn log_tail(&self) -> String {
        let log = fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(12).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Returns its log file.
    pub fn log_file(&self) -> PathBuf {
        self.folder.join("docket.log")
    }

    fn open_log(&self) -> Result<File> {
        Ok(OpenOptions::new().create(true).append(true).open(self.log_file())?)
    }

    fn command(&self, program: &Path, arguments: &[String]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder).env_clear();
        command.envs(self.settings.iter().cloned()).envs(self.options.env.iter().cloned());
        command
    }
}

/// Returns the states of a process's threads, as the letters of `/proc/[pid]/stat`.
fn thread_states(process: u32) -> Result<Vec<char>> {
    let mut states = Vec::new();
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let stat = fs::read_to_string(thread?.path().join("stat"))?;
        // The name in brackets before the state may itself contain brackets.
        states.extend(stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next()));
    }
    Ok(states)
}

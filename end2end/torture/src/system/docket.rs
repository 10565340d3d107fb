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
    /// Settings for the next starts.
    pub options: Options,
    program: PathBuf,
    folder: PathBuf,
    settings: Vec<(String, String)>,
    internal: String,
    process: Option<Process>,
    log_reader: Option<LogReader>,
}

/// How a stopped server ended.
#[derive(Debug)]
pub struct Ended {
    /// `exit 0` when all is well.
    pub how: String,
    /// How long it took.
    pub took: Duration,
}

impl Docket {
    /// A server without keys and catalogue, and without a database in a new workdir.
    pub fn with_settings(workdir: &Workdir, options: Options) -> Self {
        let base = |port: u16| format!("127.0.0.1:{port}");
        let sandbox = format!("http://{}", workdir.sandbox());
        let settings = [
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("LEPTOS_SITE_ROOT", workdir.file("site").display().to_string()),
            ("DOCKET_LISTEN", workdir.public()),
            ("DOCKET_INTERNAL_LISTEN", base(workdir.ports.internal)),
            ("DOCKET_DATABASE_URL", format!("sqlite://{}", workdir.database().display())),
            ("DOCKET_PAYMENT_URL", sandbox.clone()),
            ("DOCKET_SHIPPING_URL", sandbox),
            ("DOCKET_CARRIER_SECRET", CARRIER_SECRET.to_owned()),
            ("DOCKET_SAMPLE_CATALOG", "false".to_owned()),
            ("DOCKET_LEASE_SECONDS", "3".to_owned()),
            ("DOCKET_STEP_TIMEOUT_SECONDS", "5".to_owned()),
            ("DOCKET_RETRY_BASE_MS", "100".to_owned()),
            ("DOCKET_RETRY_CAP_SECONDS", "2".to_owned()),
            ("DOCKET_LOG", "warn".to_owned()),
        ];
        Self {
            address: workdir.public(),
            key: String::new(),
            desk_key: String::new(),
            options,
            program: workdir.program.clone(),
            folder: workdir.path().to_owned(),
            settings: settings.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
            internal: base(workdir.ports.internal),
            process: None,
            log_reader: None,
        }
    }

    /// Creates the database, the keys and the catalogue.
    ///
    /// # Errors
    /// When the program fails.
    pub async fn prepare(workdir: &Workdir, options: Options) -> Result<Self> {
        let mut docket = Self::with_settings(workdir, options);
        fs::write(workdir.file("catalogue.csv"), workload::catalog_csv())?;
        docket.key = docket.run_command(&["key", "create", "driver", "--scope", "orders"]).await?;
        docket.desk_key = docket.run_command(&["key", "create", "checker", "--scope", "desk"]).await?;
        docket.run_command(&["catalog", "import", "catalogue.csv"]).await?;
        Ok(docket)
    }

    /// A second server on a copy of the database in the same folder, with its own ports and mail folder. It has the
    /// keys of the copy.
    ///
    /// # Errors
    /// When no port is free, or the copy is missing.
    pub fn for_copy(&self, workdir: &Workdir, copy: &str) -> Result<Self> {
        let folder = workdir.file("second");
        fs::create_dir_all(&folder)?;
        let database = folder.join("docket.db");
        fs::copy(workdir.file(copy), &database)?;
        let (address, internal) = (workdir::free_address()?, workdir::free_address()?);
        let mut settings = self.settings.clone();
        for (name, value) in [
            ("DOCKET_LISTEN", address.clone()),
            ("DOCKET_INTERNAL_LISTEN", internal.clone()),
            ("DOCKET_DATABASE_URL", format!("sqlite://{}", database.display())),
            // It must not call the services: the first server does.
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
            internal,
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
        // The setup runs without faults.
        command.env_remove("FAILPOINTS");
        let output = command.args(arguments).output().await.context("docket cannot be run")?;
        let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() {
            let complaint = String::from_utf8_lossy(&output.stderr);
            bail!(
                "`docket {}`: {}\n{said}\n{complaint}",
                arguments.join(" "),
                exit_status_text(output.status)
            );
        }
        Ok(said)
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
        let (process, log_reader) = Process::start(command, self.log()?).context("`docket serve`")?;
        self.process = Some(process);
        self.log_reader = Some(log_reader.clone());
        if let Err(failed) = self.wait_until_ready(&log_reader).await {
            self.kill().await?;
            log_reader.has_ended_stream().await;
            return Err(failed.context(format!("`docket serve`\n{}", self.log_tail())));
        }
        Ok(began.elapsed())
    }

    /// Waits until it is ready, unless it hangs at a point before.
    async fn wait_until_ready(&mut self, log_reader: &LogReader) -> Result<()> {
        let ready = async {
            self.process.as_mut().context("it does not run")?.first_line().await?;
            self.ready().await
        };
        tokio::select! {
            ready = ready => ready,
            true = log_reader.wait_for_line(HANG_LINE) => bail!("it stays where it was told to"),
        }
    }

    /// Waits until the server has logged this since its last start; `false` when it does not in time, or has ended.
    pub async fn wait_for_line(&self, word: &str, within: Duration) -> bool {
        match &self.log_reader {
            Some(log_reader) => timeout(within, log_reader.wait_for_line(word)).await.unwrap_or(false),
            None => false,
        }
    }

    /// Returns the log lines since its last start that contain this.
    pub fn lines_containing(&self, word: &str) -> Vec<String> {
        self.log_reader.as_ref().map_or_else(Vec::new, |log_reader| log_reader.lines_with(word))
    }

    /// Waits for `/readyz`.
    ///
    /// # Errors
    /// When it ends instead, or takes longer than a minute.
    pub async fn ready(&mut self) -> Result<()> {
        let until = Instant::now() + Duration::from_secs(60);
        let mut connection = Connection::to(&self.internal).with_timeout(Duration::from_secs(5));
        loop {
            let ask = api::request(Method::GET, "/readyz", "-", None);
            if connection.ask(ask).await.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if let Some(how) = self.has_ended() {
                bail!("`docket serve` ended with {how} before it was ready\n{}", self.log_tail());
            }
            if Instant::now() > until {
                bail!("`docket serve` was not ready within a minute\n{}", self.log_tail());
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Kills it, as a power cut would, unless it has ended.
    ///
    /// # Errors
    /// When the system does not confirm that.
    pub async fn kill(&mut self) -> Result<()> {
        match self.process.take() {
            Some(process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        if let Some(process) = &self.process {
            process.signal(signal);
        }
    }

    /// Suspends it, and waits until none of its threads runs; one inside the kernel stays there.
    ///
    /// # Errors
    /// When it is not running.
    pub async fn freeze(&self) -> Result<()> {
        let process = self.process.as_ref().context("docket does not run")?.id();
        self.signal(Signal::STOP);
        while threads(process)?.iter().any(|state| matches!(state, 'R' | 'S')) {
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }

    /// Stops it, and waits for its end.
    ///
    /// # Errors
    /// When it does not end within that time.
    pub async fn stop(&mut self, within: Duration) -> Result<Ended> {
        let asked = Instant::now();
        self.signal(Signal::TERM);
        let how = self.wait(within).await?;
        Ok(Ended { how, took: asked.elapsed() })
    }

    /// Waits until it ends by itself.
    ///
    /// # Errors
    /// When it does not within that time.
    pub async fn wait(&mut self, within: Duration) -> Result<String> {
        let process = self.process.as_mut().context("docket does not run")?;
        let status = process.ended(within).await?;
        self.process = None;
        Ok(exit_status_text(status))
    }

    /// Returns how it ended, if it has.
    pub fn has_ended(&mut self) -> Option<String> {
        let status = self.process.as_mut()?.has_ended()?;
        self.process = None;
        Some(exit_status_text(status))
    }

    /// Whether it is running.
    pub fn is_running(&mut self) -> bool {
        self.has_ended();
        self.process.is_some()
    }

    /// Returns its memory in kilobytes and its number of descriptors.
    pub fn resource_usage(&self) -> Option<(u64, usize)> {
        self.process.as_ref().map(|process| machine::resource_usage(process.id()))
    }

    /// Returns its memory in kilobytes.
    pub fn memory(&self) -> u64 {
        self.resource_usage().unwrap_or_default().0
    }

    /// Returns the end of its log.
    pub fn log_tail(&self) -> String {
        let log = fs::read_to_string(self.log_file()).unwrap_or_default();
        let lines: Vec<_> = log.lines().rev().take(12).collect();
        lines.into_iter().rev().collect::<Vec<_>>().join("\n")
    }

    /// Returns its log file.
    pub fn log_file(&self) -> PathBuf {
        self.folder.join("docket.log")
    }

    fn log(&self) -> Result<File> {
        Ok(OpenOptions::new().create(true).append(true).open(self.log_file())?)
    }

    fn command(&self, program: &Path, arguments: &[String]) -> Command {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.folder).env_clear();
        command.envs(self.settings.iter().cloned()).envs(self.options.env.iter().cloned());
        command
    }
}

/// Returns the states of a process's threads, in the letters of the kernel.
fn threads(process: u32) -> Result<Vec<char>> {
    let mut states = Vec::new();
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let stat = fs::read_to_string(thread?.path().join("stat"))?;
        // The name before the state may contain anything, including a bracket.
        states.extend(stat.rsplit_once(") ").and_then(|(_, rest)| rest.chars().next()));
    }
    Ok(states)
}

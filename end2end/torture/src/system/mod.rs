//! The system under test: `docket serve` and `docket sandbox` as processes, in a folder of their own.

mod docket;
mod process;
mod sandbox;
mod workdir;

pub use docket::Docket;
pub use process::{LogReader, Process};
pub use sandbox::{CARRIER_SECRET, PICKED_UP_AFTER, Payment, Sandbox, Shipment};
pub use workdir::{Paths, Workdir, run_program};

use anyhow::{Result, bail};

use crate::api::ApiClient;
use crate::history::Outcome;
use crate::workload::OrderPlan;

/// The variable that configures failpoints.
const FAILPOINTS: &str = "FAILPOINTS";

/// The options of Docket in an experiment.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Additional settings.
    pub env: Vec<(String, String)>,
    /// A program with its arguments that runs Docket, such as `strace`.
    pub wrapper: Vec<String>,
    /// Whether the carrier picks up and delivers shipments.
    pub delivers: bool,
}

/// The running system.
#[derive(Debug)]
pub struct System {
    pub docket: Docket,
    pub sandbox: Sandbox,
    pub workdir: Workdir,
}

impl Options {
    /// Adds a setting.
    pub fn with_setting(mut self, variable: &str, value: impl ToString) -> Self {
        self.env.push((variable.to_owned(), value.to_string()));
        self
    }

    /// Adds failpoints to those that are already set.
    pub fn with_failpoints(mut self, failpoints: &str) -> Self {
        let known = self.env.iter().rposition(|(name, _)| name == FAILPOINTS);
        let before = known.map(|index| self.env.remove(index).1 + ";").unwrap_or_default();
        self.with_setting(FAILPOINTS, before + failpoints)
    }

    /// Removes all failpoints, and with them the planted bugs.
    pub fn without_failpoints(mut self) -> Self {
        self.env.retain(|(name, _)| name != FAILPOINTS);
        self
    }

    /// Lets the carrier deliver, so that confirmed orders become delivered.
    pub fn delivering(self) -> Self {
        Self { delivers: true, ..self }
    }
}

impl System {
    /// Returns a second Docket for a copy of the database.
    ///
    /// # Errors
    /// When no port is free, or the copy does not exist.
    pub fn second_docket(&self, copy: &str) -> Result<Docket> {
        self.docket.for_copy(&self.workdir, copy)
    }

    /// Kills both processes, and returns their working directory.
    ///
    /// # Errors
    /// When the operating system does not report their end.
    pub async fn end(mut self) -> Result<Workdir> {
        self.docket.kill().await?;
        self.sandbox.end().await?;
        Ok(self.workdir)
    }

    /// Returns what is wrong with a server that must have survived: it has ended or logged an error, accepts no order,
    /// or its database is not sound.
    pub async fn defects(&mut self) -> Vec<String> {
        let mut defects: Vec<String> =
            ["panicked", " ERROR "].iter().flat_map(|text| self.docket.lines_containing(text)).collect();
        if let Some(status) = self.docket.exit_status() {
            defects.push(format!("it ended with {status}"));
        }
        defects.extend(
            self.submit_order("afterwards", &OrderPlan::default()).await.err().map(|error| error.to_string()),
        );
        defects.extend(self.docket.run_command(&["check"]).await.err().map(|error| error.to_string()));
        defects
    }

    /// Submits an order without recording it.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn submit_order(&self, key: &str, plan: &OrderPlan) -> Result<()> {
        match ApiClient::new(&self.docket.address, &self.docket.key)
            .submit_unrecorded(key, &plan.body(key))
            .await
        {
            Outcome::Acknowledged(_) => Ok(()),
            outcome => bail!("{key} was not accepted: {outcome:?}"),
        }
    }

    /// Starts sandbox and Docket in a new working directory.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn start(workdir: Workdir, options: Options) -> Result<Self> {
        let sandbox = Sandbox::start(&workdir, &options).await?;
        let mut docket = Docket::prepare(&workdir, options).await?;
        docket.start().await?;
        Ok(Self { docket, sandbox, workdir })
    }
}

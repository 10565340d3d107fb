//! The system under test: `docket serve` and `docket sandbox` as processes, in a folder of their own.

mod docket;
mod process;
mod sandbox;
mod workdir;

pub use docket::Docket;
pub use process::{LogReader, Process};
pub use sandbox::{CARRIER_SECRET, PICKED_UP_AFTER, Payment, Sandbox, Shipment};
pub use workdir::{Paths, Workdir, command};

use anyhow::{Result, bail};

use crate::api::ApiClient;
use crate::history::Outcome;
use crate::workload::OrderPlan;

/// The variable that configures failpoints.
const FAILPOINTS: &str = "FAILPOINTS";

/// How Docket is run in an experiment.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Additional settings.
    pub env: Vec<(String, String)>,
    /// The program that starts Docket, such as `strace` with its arguments.
    pub wrapper: Vec<String>,
    /// Whether the carrier moves shipments and reports it.
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
    pub fn with(mut self, variable: &str, value: impl ToString) -> Self {
        self.env.push((variable.to_owned(), value.to_string()));
        self
    }

    /// Adds failpoints.
    pub fn with_failpoints(mut self, failpoints: &str) -> Self {
        let known = self.env.iter().rposition(|(name, _)| name == FAILPOINTS);
        let more = known.map(|workdir| self.env.remove(workdir).1 + ";").unwrap_or_default();
        self.with(FAILPOINTS, more + failpoints)
    }

    /// Removes failpoints and planted bugs.
    pub fn without_failpoints(mut self) -> Self {
        self.env.retain(|(name, _)| name != FAILPOINTS);
        self
    }

    /// Lets the carrier deliver, so that orders go on until they are delivered.
    pub fn delivering(self) -> Self {
        Self { delivers: true, ..self }
    }
}

impl System {
    /// Starts a second Docket on a copy of the database.
    ///
    /// # Errors
    /// When no port is free.
    pub fn second(&self, database: &str) -> Result<Docket> {
        self.docket.for_copy(&self.workdir, database)
    }

    /// Ends both processes.
    ///
    /// # Errors
    /// When the system does not confirm that.
    pub async fn end(mut self) -> Result<Workdir> {
        self.docket.kill().await?;
        self.sandbox.end().await?;
        Ok(self.workdir)
    }

    /// Returns the damage to a server that must survive: it has ended, logged an error, accepts no order, or its
    /// database is not sound.
    pub async fn defects(&mut self) -> Vec<String> {
        let mut defects: Vec<String> =
            ["panicked", " ERROR "].iter().flat_map(|word| self.docket.lines_containing(word)).collect();
        if let Some(how) = self.docket.has_ended() {
            defects.push(format!("it ended with {how}"));
        }
        defects.extend(
            self.order("afterwards", &OrderPlan::default()).await.err().map(|error| error.to_string()),
        );
        defects.extend(self.docket.run_command(&["check"]).await.err().map(|error| error.to_string()));
        defects
    }

    /// Submits an order without recording it.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn order(&self, key: &str, plan: &OrderPlan) -> Result<()> {
        match ApiClient::new(&self.docket.address, &self.docket.key).submit(key, &plan.body(key)).await {
            Outcome::Acknowledged(_) => Ok(()),
            outcome => bail!("{key} was not accepted: {outcome:?}"),
        }
    }

    /// Starts both on new data.
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

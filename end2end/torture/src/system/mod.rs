//! The system under test: `docket serve` and `docket sandbox` as processes of their own, in a folder of their own.

mod docket;
mod place;
mod process;
mod sandbox;

pub use docket::Docket;
pub use place::{Ground, Place, command};
pub use process::Process;
pub use sandbox::{Payment, Sandbox, Shipment};

use anyhow::Result;

/// How Docket is run in an experiment.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Settings beside the rig's own; `FAILPOINTS` may be among them.
    pub env: Vec<(String, String)>,
    /// What Docket is started through, such as `strace` and its arguments.
    pub wrapper: Vec<String>,
    /// Settings of the sandbox.
    pub sandbox_env: Vec<(String, String)>,
}

/// Everything that runs.
#[derive(Debug)]
pub struct System {
    pub docket: Docket,
    pub sandbox: Sandbox,
    pub place: Place,
}

impl Options {
    /// With this setting, too.
    pub fn with(mut self, variable: &str, value: impl ToString) -> Self {
        self.env.push((variable.to_owned(), value.to_string()));
        self
    }
}

impl System {
    /// Another Docket beside the first one, on a copy of its database.
    ///
    /// # Errors
    /// When no port is free.
    pub fn second(&self, database: &str) -> Result<Docket> {
        self.docket.on_copy(&self.place, database)
    }

    /// Starts both on fresh data.
    ///
    /// # Errors
    /// When one of them does not start.
    pub async fn start(place: Place, options: Options) -> Result<Self> {
        let sandbox = Sandbox::start(&place, &options).await?;
        let mut docket = Docket::prepare(&place, options).await?;
        docket.start().await?;
        Ok(Self { docket, sandbox, place })
    }
}

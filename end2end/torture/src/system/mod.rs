//! The system under test: `docket serve` and `docket sandbox` as processes of their own, in a folder of their own.

mod docket;
mod place;
mod process;
mod sandbox;

pub use docket::Docket;
pub use place::{Ground, Place, command};
pub use process::{Process, Voice};
pub use sandbox::{CARRIER_SECRET, PICKED_UP_AFTER, Payment, Sandbox, Shipment};

use anyhow::Result;

/// How Docket is run in an experiment.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Settings beside the rig's own; `FAILPOINTS` may be among them.
    pub env: Vec<(String, String)>,
    /// What Docket is started through, such as `strace` and its arguments.
    pub wrapper: Vec<String>,
    /// Whether the carrier picks parcels up, delivers them and reports it.
    pub delivers: bool,
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

    /// With a carrier that delivers, so that orders go on until they are delivered.
    pub fn delivering(self) -> Self {
        Self { delivers: true, ..self }
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

//! The system under test: `docket serve` and `docket sandbox` as processes, in a folder of their own.

mod docket;
mod place;
mod process;
mod sandbox;

pub use docket::Docket;
pub use place::{Ground, Place, command};
pub use process::{Process, Voice};
pub use sandbox::{CARRIER_SECRET, PICKED_UP_AFTER, Payment, Sandbox, Shipment};

use anyhow::{Result, bail};

use crate::api::Api;
use crate::history::Outcome;
use crate::shop::Wish;

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
    pub place: Place,
}

impl Options {
    /// Adds a setting.
    pub fn with(mut self, variable: &str, value: impl ToString) -> Self {
        self.env.push((variable.to_owned(), value.to_string()));
        self
    }

    /// Adds failpoints.
    pub fn failing(mut self, failpoints: &str) -> Self {
        let known = self.env.iter().rposition(|(name, _)| name == FAILPOINTS);
        let more = known.map(|place| self.env.remove(place).1 + ";").unwrap_or_default();
        self.with(FAILPOINTS, more + failpoints)
    }

    /// Removes failpoints and planted bugs.
    pub fn sound(mut self) -> Self {
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
        self.docket.on_copy(&self.place, database)
    }

    /// Ends both processes.
    ///
    /// # Errors
    /// When the system does not confirm that.
    pub async fn end(mut self) -> Result<Place> {
        self.docket.kill().await?;
        self.sandbox.end().await?;
        Ok(self.place)
    }

    /// Returns the damage to a server that must survive: it has ended, logged an error, accepts no order, or its
    /// database is not sound.
    pub async fn damage(&mut self) -> Vec<String> {
        let mut damage: Vec<String> =
            ["panicked", " ERROR "].iter().flat_map(|word| self.docket.said(word)).collect();
        if let Some(how) = self.docket.has_ended() {
            damage.push(format!("it ended with {how}"));
        }
        damage.extend(self.order("afterwards", &Wish::default()).await.err().map(|error| error.to_string()));
        damage.extend(self.docket.tool(&["check"]).await.err().map(|error| error.to_string()));
        damage
    }

    /// Submits an order without recording it.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn order(&self, key: &str, wish: &Wish) -> Result<()> {
        match Api::new(&self.docket.address, &self.docket.key).submit(key, &wish.body(key)).await {
            Outcome::Acknowledged(_) => Ok(()),
            outcome => bail!("{key} was not accepted: {outcome:?}"),
        }
    }

    /// Starts both on new data.
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

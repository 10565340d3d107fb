//! The system under test: `docket serve` and `docket sandbox` as processes of their own, in a folder of their own.

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

/// The variable that says where a program that was built for it breaks.
const FAILPOINTS: &str = "FAILPOINTS";

/// How Docket is run in an experiment.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Settings beside the rig's own.
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

    /// With these failpoints, beside those there are.
    pub fn failing(mut self, failpoints: &str) -> Self {
        let known = self.env.iter().rposition(|(name, _)| name == FAILPOINTS);
        let more = known.map(|place| self.env.remove(place).1 + ";").unwrap_or_default();
        self.with(FAILPOINTS, more + failpoints)
    }

    /// With neither failpoints nor planted bugs.
    pub fn sound(mut self) -> Self {
        self.env.retain(|(name, _)| name != FAILPOINTS);
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

    /// Ends both, so that nobody writes to their place any more.
    ///
    /// # Errors
    /// When the system does not tell that they are gone.
    pub async fn end(mut self) -> Result<Place> {
        self.docket.kill().await?;
        self.sandbox.end().await?;
        Ok(self.place)
    }

    /// What the server suffered that was never meant to end: it is gone, said that something is wrong, takes no order, or its
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

    /// Submits an order that no history knows of.
    ///
    /// # Errors
    /// When it is not accepted.
    pub async fn order(&self, key: &str, wish: &Wish) -> Result<()> {
        match Api::new(&self.docket.address, &self.docket.key).submit(key, &wish.body(key)).await {
            Outcome::Acknowledged(_) => Ok(()),
            outcome => bail!("{key} was not accepted: {outcome:?}"),
        }
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

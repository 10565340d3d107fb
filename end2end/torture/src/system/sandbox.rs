//! The pretend payment service and carrier: never killed, with a durable ledger that the checker trusts.

use std::fs::File;

use anyhow::{Context as _, Result, bail};
use hyper::Method;
use serde::Deserialize;
use serde_json::Value;
use tokio::process::Command;

use super::{Options, Place, Process};
use crate::api;
use crate::client::Connection;

/// One row of the payment ledger.
#[derive(Debug, Clone, Deserialize)]
pub struct Payment {
    pub order_id: Option<String>,
    pub status: String,
    pub amount_captured: i64,
    pub amount_refunded: i64,
}

/// One row of the carrier's ledger.
#[derive(Debug, Clone, Deserialize)]
pub struct Shipment {
    pub order_id: String,
    pub status: String,
}

/// The process, and its address.
#[derive(Debug)]
pub struct Sandbox {
    address: String,
    _process: Process,
}

impl Sandbox {
    /// Starts it on a fresh ledger.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(place: &Place, options: &Options) -> Result<Self> {
        let address = place.sandbox();
        let mut command = Command::new(&place.program);
        command
            .arg("sandbox")
            .current_dir(place.path())
            .env_clear()
            .env("DOCKET_SANDBOX_LISTEN", &address)
            .env("DOCKET_SANDBOX_DATA", place.file("sandbox.db"))
            .env("DOCKET_SANDBOX_PICKUP_SECONDS", "0")
            .env("DOCKET_SANDBOX_DELIVERY_SECONDS", "0")
            .env("DOCKET_LOG", "warn")
            .envs(options.sandbox_env.iter().cloned());
        let log = File::create(place.file("sandbox.log"))?;
        let (process, _) =
            Process::start(command, log).await.context("`docket sandbox` cannot be started")?;
        Ok(Self { address, _process: process })
    }

    /// Switches a fault of `payment` or `carrier` on, or off with `ok`.
    ///
    /// # Errors
    /// When it is not taken.
    pub async fn fault(&self, service: &str, fault: &Value) -> Result<()> {
        let ask = api::request(Method::PUT, &format!("/faults/{service}"), "-", Some(fault));
        let answer = Connection::to(&self.address).ask(ask).await?;
        if answer.status != 200 {
            bail!("the sandbox takes no fault: {}", String::from_utf8_lossy(&answer.body));
        }
        Ok(())
    }

    /// Everything works again.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn heal(&self) -> Result<()> {
        let works = serde_json::json!({"mode": "ok"});
        self.fault("payment", &works).await?;
        self.fault("carrier", &works).await
    }

    /// Every payment that was asked for.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn payments(&self) -> Result<Vec<Payment>> {
        Ok(serde_json::from_value(self.book("payments").await?)?)
    }

    /// Every parcel that was booked.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub async fn shipments(&self) -> Result<Vec<Shipment>> {
        Ok(serde_json::from_value(self.book("shipments").await?)?)
    }

    async fn book(&self, name: &str) -> Result<Value> {
        let ask = api::request(Method::GET, &format!("/ledger/{name}?page_size=0"), "-", None);
        let answer = Connection::to(&self.address).ask(ask).await?;
        let mut book: Value = serde_json::from_slice(&answer.body)?;
        Ok(book[name].take())
    }
}

//! The simulated payment service and carrier: never killed, with a durable ledger that the checker trusts.

use std::fs::File;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hyper::Method;
use orders::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use tokio::process::Command;

use super::{Options, Process, Workdir};
use crate::api;
use crate::client::Connection;

/// The secret of the carrier's webhooks.
pub const CARRIER_SECRET: &str = "whsec_dG9ydHVyZSB0b3J0dXJlIHRvcnR1cmUh";
/// How long after its booking a shipment is picked up, when the carrier delivers.
pub const PICKED_UP_AFTER: Duration = Duration::from_secs(2);
/// How long after that it is delivered.
const DELIVERED_AFTER: Duration = Duration::from_secs(1);

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
    pub created_at: Timestamp,
}

/// The process, and its address.
#[derive(Debug)]
pub struct Sandbox {
    address: String,
    process: Process,
}

impl Sandbox {
    /// Starts it with an empty ledger.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn start(workdir: &Workdir, options: &Options) -> Result<Self> {
        let address = workdir.sandbox_address();
        // Zero means never.
        let seconds = |after: Duration| if options.delivers { after.as_secs() } else { 0 }.to_string();
        let mut command = Command::new(&workdir.program);
        command
            .arg("sandbox")
            .current_dir(workdir.path())
            .env_clear()
            .env("DOCKET_SANDBOX_LISTEN", &address)
            .env("DOCKET_SANDBOX_DATA", workdir.file("sandbox.db"))
            .env(
                "DOCKET_SANDBOX_NOTIFY_URL",
                format!("http://{}/api/v1/carrier-events", workdir.public_address()),
            )
            .env("DOCKET_CARRIER_SECRET", CARRIER_SECRET)
            .env("DOCKET_SANDBOX_PICKUP_SECONDS", seconds(PICKED_UP_AFTER))
            .env("DOCKET_SANDBOX_DELIVERY_SECONDS", seconds(DELIVERED_AFTER))
            .env("DOCKET_LOG", "warn");
        let log = File::create(workdir.file("sandbox.log"))?;
        let (mut process, _) = Process::start(command, log)?;
        process.wait_for_first_line().await.context("`docket sandbox` cannot be started")?;
        Ok(Self { address, process })
    }

    /// Kills it.
    ///
    /// # Errors
    /// When the operating system does not report its end.
    pub async fn end(self) -> Result<()> {
        self.process.kill().await
    }

    /// Sets the fault of a service, `payment` or `carrier`. The mode `ok` clears it.
    ///
    /// # Errors
    /// When the sandbox refuses it.
    pub async fn set_fault(&self, service: &str, fault: &Value) -> Result<()> {
        let request = api::request(Method::PUT, &format!("/faults/{service}"), "-", Some(fault));
        let response = Connection::to(&self.address).send(request).await?;
        if response.status != 200 {
            bail!("the sandbox refused the fault: {}", String::from_utf8_lossy(&response.body));
        }
        Ok(())
    }

    /// Sets the same fault of both services.
    ///
    /// # Errors
    /// When the sandbox refuses it.
    pub async fn set_faults(&self, fault: &Value) -> Result<()> {
        self.set_fault("payment", fault).await?;
        self.set_fault("carrier", fault).await
    }

    /// Clears all faults.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub async fn clear_faults(&self) -> Result<()> {
        self.set_faults(&serde_json::json!({"mode": "ok"})).await
    }

    /// Returns all payments.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub async fn payments(&self) -> Result<Vec<Payment>> {
        Ok(serde_json::from_value(self.ledger("payments").await?)?)
    }

    /// Returns all shipments.
    ///
    /// # Errors
    /// When the sandbox does not answer.
    pub async fn shipments(&self) -> Result<Vec<Shipment>> {
        Ok(serde_json::from_value(self.ledger("shipments").await?)?)
    }

    async fn ledger(&self, name: &str) -> Result<Value> {
        let request = api::request(Method::GET, &format!("/ledger/{name}?page_size=0"), "-", None);
        let response = Connection::to(&self.address).send(request).await?;
        let mut page: Value = serde_json::from_slice(&response.body)?;
        Ok(page[name].take())
    }
}

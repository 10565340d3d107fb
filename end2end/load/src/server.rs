//! The measured server.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use orders::desk::{Overview, QueuePage};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;
use tokio::time::{Instant, sleep};

use crate::client::{Connection, Request};
use crate::installation::Installation;
use crate::process::{self, Usage};
use crate::server_error::ServerError;

/// How often the counts of orders are read. A stream of events would add work for each order to the measurement.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A running server; it is stopped when this is dropped, and its folder is deleted.
pub struct Server {
    /// Its address.
    pub address: String,
    /// The address of its sandbox.
    pub sandbox: String,
    /// An API key of scope `desk` without a limit.
    pub key: String,
    installation: Installation,
    process: Child,
}

impl Server {
    /// Starts the server of an installation, with these environment variables.
    pub async fn start(
        installation: Installation,
        environment: &[(&str, &OsStr)],
    ) -> Result<Self, ServerError> {
        let sandbox = format!("127.0.0.1:{}", free_port()?);
        let log = installation.folder().join("docket.log");
        let mut process = installation
            .docket()
            .args(["serve", "--listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0"])
            .args(["--sandbox-listen", &sandbox])
            // Nobody sends requests while it stops.
            .env("DOCKET_DRAIN_SECONDS", "0")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .map_err(|error| installation.not_run(error))?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line).await?;
        }
        let Some((_, address)) = line.trim().rsplit_once("http://") else {
            return Err(ServerError::Failed("serve", fs::read_to_string(log)?));
        };
        let (address, key) = (address.to_owned(), installation.key.clone());
        Ok(Self { address, sandbox, key, installation, process })
    }

    /// Returns the memory and threads of its process.
    pub fn usage(&self) -> io::Result<Usage> {
        let id = self.process.id().ok_or_else(|| io::Error::other("the server has ended"))?;
        process::usage(id)
    }

    /// Pauses every queue, so that orders are accepted and not worked.
    pub async fn pause_queues(&self) -> Result<(), ServerError> {
        let page: QueuePage = serde_json::from_slice(&self.desk(Request::get("/api/v1/desk/queues")).await?)?;
        for queue in page.queues {
            self.desk(Request::post(format!("/api/v1/desk/queues/{}/pause", queue.name))).await?;
        }
        Ok(())
    }

    /// Makes the sandbox close every connection to payment service and carrier.
    pub async fn stop_services(&self) -> Result<(), ServerError> {
        for service in ["payment", "carrier"] {
            let request = Request {
                method: "PUT",
                body: Bytes::from_static(br#"{"mode":"down"}"#),
                ..Request::get(format!("/faults/{service}"))
            };
            send(&self.sandbox, request.header("content-type", "application/json")).await?;
        }
        Ok(())
    }

    /// Waits until this many orders are confirmed, and returns that time.
    ///
    /// # Errors
    /// When an order is cancelled or waits for a person.
    pub async fn wait_until_confirmed(&self, orders: u64) -> Result<Instant, ServerError> {
        loop {
            let overview = self.desk(Request::get("/api/v1/desk/overview")).await?;
            let counts = serde_json::from_slice::<Overview>(&overview)?.orders;
            let failed = counts.action_required + counts.in_review + counts.cancelling + counts.cancelled;
            if failed > 0 {
                return Err(ServerError::NotConfirmable(failed));
            }
            if counts.confirmed + counts.shipped + counts.delivered >= orders {
                return Ok(Instant::now());
            }
            sleep(POLL_INTERVAL).await;
        }
    }

    /// Stops it, which checkpoints the database, and returns what it ran on.
    pub async fn stop(mut self) -> Result<Installation, ServerError> {
        if let Some(id) = self.process.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            kill_process(id, Signal::TERM).map_err(io::Error::from)?;
        }
        let status = self.process.wait().await?;
        if !status.success() {
            return Err(ServerError::Failed("serve", format!("it ended with {status}")));
        }
        Ok(self.installation)
    }

    /// Sends a request of the desk, and returns the body of the response.
    pub async fn desk(&self, request: Request) -> Result<Bytes, ServerError> {
        send(&self.address, request.by(&self.key)).await
    }
}

/// Sends a request on a connection of its own, and returns the body of the response.
pub async fn send(address: &str, request: Request) -> Result<Bytes, ServerError> {
    let (status, body) = Connection::open(address).await?.send(&request).await?;
    if !status.is_success() {
        return Err(ServerError::Status(request.method, request.path, status));
    }
    Ok(body)
}

/// Returns a free port.
fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

//! A server for one measurement: the real program on a new database, on a real disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use orders::desk::{Overview, QueuePage};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::client::{ClientError, Connection, Request};

/// How often the counts of orders are read. A stream of events would add work for each order to the measurement.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// A product that never sells out.
const CATALOGUE: &str =
    "sku,name,description,price,stock,category,image\nmug-blue,Blue mug,,12.50,4000000000,Kitchen,\n";

/// The server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("{} cannot be run: {error}; build it with `cargo build --release -p server`, or name it with --docket", .program.display())]
    Program { program: PathBuf, error: io::Error },
    #[error("the server's folder or process cannot be used: {0}")]
    Io(#[from] io::Error),
    #[error("`docket {0}` failed: {1}")]
    Failed(&'static str, String),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0} {1} was answered with {2}")]
    Status(&'static str, String, hyper::StatusCode),
    #[error("the answer to a request is not as the API documents it: {0}")]
    Answer(#[from] serde_json::Error),
    #[error("{0} orders cannot be confirmed, so the time until all are is not measured")]
    NotConfirmable(u64),
}

/// A running server; it is stopped when this is dropped, and its folder is deleted.
pub struct Server {
    /// Its address.
    pub address: String,
    /// The address of its sandbox.
    pub sandbox: String,
    /// An API key without a limit.
    pub key: String,
    folder: TempDir,
    process: Child,
}

impl Server {
    /// Starts `program` with a database in a new folder inside `parent`.
    pub async fn start(program: &Path, parent: &Path) -> Result<Self, ServerError> {
        let folder = tempfile::Builder::new().prefix("load-").tempdir_in(parent)?;
        // Only the API is measured, so an empty site is enough.
        fs::create_dir_all(folder.path().join("site/pkg"))?;
        fs::write(folder.path().join("catalogue.csv"), CATALOGUE)?;
        let docket = || {
            let mut command = Command::new(program);
            command
                .current_dir(folder.path())
                .env_clear()
                .env("LEPTOS_SITE_ROOT", folder.path().join("site"))
                .stdin(Stdio::null())
                .kill_on_drop(true);
            command
        };
        let failed = |error| ServerError::Program { program: program.to_owned(), error };

        let made =
            docket().args(["key", "create", "load", "--scope", "desk"]).output().await.map_err(failed)?;
        let loaded = docket().args(["catalog", "import", "catalogue.csv"]).output().await.map_err(failed)?;
        for (what, output) in [("key create", &made), ("catalog import", &loaded)] {
            if !output.status.success() {
                return Err(ServerError::Failed(what, String::from_utf8_lossy(&output.stderr).into_owned()));
            }
        }
        let sandbox = format!("127.0.0.1:{}", free_port()?);
        let log = folder.path().join("docket.log");
        let mut process = docket()
            .args(["serve", "--listen", "127.0.0.1:0", "--internal-listen", "127.0.0.1:0"])
            .args(["--sandbox-listen", &sandbox])
            .stdout(Stdio::piped())
            .stderr(File::create(&log)?)
            .spawn()
            .map_err(failed)?;
        let mut line = String::new();
        if let Some(output) = process.stdout.take() {
            BufReader::new(output).read_line(&mut line).await?;
        }
        let Some((_, address)) = line.trim().rsplit_once("http://") else {
            return Err(ServerError::Failed("serve", fs::read_to_string(log)?));
        };
        Ok(Self {
            address: address.to_owned(),
            sandbox,
            key: String::from_utf8_lossy(&made.stdout).trim().to_owned(),
            folder,
            process,
        })
    }

    /// Pauses every queue, so that orders are accepted and not worked.
    pub async fn pause_queues(&self) -> Result<(), ServerError> {
        let page: QueuePage = serde_json::from_slice(&self.desk(Request::get("/api/v1/desk/queues")).await?)?;
        for queue in page.queues {
            let path = format!("/api/v1/desk/queues/{}/pause", queue.name);
            self.desk(Request { method: "POST", ..Request::get(path) }).await?;
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

    /// Stops it, which checkpoints the database, and returns the size of the database in bytes.
    pub async fn stop(mut self) -> Result<u64, ServerError> {
        if let Some(id) = self.process.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            kill_process(id, Signal::TERM).map_err(io::Error::from)?;
        }
        let status = self.process.wait().await?;
        if !status.success() {
            return Err(ServerError::Failed("serve", format!("it ended with {status}")));
        }
        Ok(fs::metadata(self.folder.path().join("data/docket.db"))?.len())
    }

    async fn desk(&self, request: Request) -> Result<Bytes, ServerError> {
        send(&self.address, request.header("authorization", format!("Bearer {}", self.key))).await
    }
}

/// Sends a request on a connection of its own, and returns the body of the response.
async fn send(address: &str, request: Request) -> Result<Bytes, ServerError> {
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

//! A server for one measurement: the real program on a new database, on a real disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep};

use crate::client::{ClientError, Connection, Request};

/// How often it is asked whether orders are still in progress.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// The states of orders whose work is not done.
const UNFINISHED: [&str; 5] = ["received", "processing", "action_required", "in_review", "cancelling"];

/// A product that never sells out.
const CATALOGUE: &str =
    "sku,name,description,price,stock,category,image\nmug-blue,Blue mug,,12.50,4000000000,Kitchen,\n";

/// The server could not be started.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    #[error("{} cannot be run: {error}; build it with `cargo build --release -p server`, or name it with --docket", .program.display())]
    Program { program: PathBuf, error: io::Error },
    #[error("a folder for the database cannot be made: {0}")]
    Folder(#[from] io::Error),
    #[error("`docket {0}` failed: {1}")]
    Failed(&'static str, String),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{0} {1} was answered with {2}")]
    Status(&'static str, String, hyper::StatusCode),
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
        let queues = self.desk(Request::get("/api/v1/desk/queues")).await?;
        for queue in queues["queues"].as_array().into_iter().flatten() {
            let name = queue["name"].as_str().unwrap_or_default();
            self.desk(post(format!("/api/v1/desk/queues/{name}/pause"))).await?;
        }
        Ok(())
    }

    /// Makes the sandbox refuse connections to payment service and carrier.
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

    /// Waits until no order is in progress, and returns that time.
    pub async fn finished(&self) -> Result<Instant, ServerError> {
        loop {
            let overview = self.desk(Request::get("/api/v1/desk/overview")).await?;
            if UNFINISHED.iter().all(|state| overview["orders"][state] == 0) {
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
        self.process.wait().await?;
        Ok(fs::metadata(self.folder.path().join("data/docket.db"))?.len())
    }

    async fn desk(&self, request: Request) -> Result<Value, ServerError> {
        send(&self.address, request.header("authorization", format!("Bearer {}", self.key))).await
    }
}

fn post(path: String) -> Request {
    Request { method: "POST", ..Request::get(path) }
}

async fn send(address: &str, request: Request) -> Result<Value, ServerError> {
    let (status, body) = Connection::open(address).await?.send(&request).await?;
    if !status.is_success() {
        return Err(ServerError::Status(request.method, request.path, status));
    }
    Ok(serde_json::from_slice(&body).unwrap_or_default())
}

/// Returns a free port.
fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

//! A server for one measurement: the real program on a new database, on a real disk.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

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
    #[error("`docket {0}` did not do its work: {1}")]
    Refused(&'static str, String),
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
    _process: Child,
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
                return Err(ServerError::Refused(what, String::from_utf8_lossy(&output.stderr).into_owned()));
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
            return Err(ServerError::Refused("serve", fs::read_to_string(log)?));
        };
        Ok(Self {
            address: address.to_owned(),
            sandbox,
            key: String::from_utf8_lossy(&made.stdout).trim().to_owned(),
            folder,
            _process: process,
        })
    }

    /// Returns the size of the database in bytes.
    pub fn database_size(&self) -> u64 {
        let size = |name: &str| {
            fs::metadata(self.folder.path().join("data").join(name)).map_or(0, |file| file.len())
        };
        size("docket.db") + size("docket.db-wal")
    }
}

/// Returns a free port.
fn free_port() -> io::Result<u16> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

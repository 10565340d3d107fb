//! A Docket of its own for one measurement: the real program and a new database, on a real disk.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::{fs, io};

use tempfile::TempDir;
use tokio::process::Command;

use crate::server_error::ServerError;

/// The catalogue of a shop with one product, which never sells out.
const CATALOGUE: &str =
    "sku,name,description,price,stock,category,image\nmug-blue,Blue mug,,12.50,4000000000,Kitchen,\n";

/// A folder with a database; it is deleted when this is dropped.
pub struct Installation {
    /// An API key of scope `desk` without a limit.
    pub key: String,
    program: PathBuf,
    folder: TempDir,
}

impl Installation {
    /// Creates a database in a new folder inside `parent`, with `program`.
    pub async fn create(program: &Path, parent: &Path) -> Result<Self, ServerError> {
        let folder = tempfile::Builder::new().prefix("load-").tempdir_in(parent)?;
        // An empty site is enough for the API.
        fs::create_dir_all(folder.path().join("site/pkg"))?;
        let mut created = Self { key: String::new(), program: program.to_owned(), folder };
        created.import(CATALOGUE).await?;
        created.key = created.create_key("load", "desk").await?;
        Ok(created)
    }

    /// Creates an API key without a limit.
    pub async fn create_key(&self, name: &str, scope: &str) -> Result<String, ServerError> {
        self.run("key create", &["key", "create", name, "--scope", scope]).await
    }

    /// Imports a catalogue.
    pub async fn import(&self, catalogue: &str) -> Result<(), ServerError> {
        fs::write(self.folder().join("catalogue.csv"), catalogue)?;
        self.run("catalog import", &["catalog", "import", "catalogue.csv"]).await.map(drop)
    }

    /// Returns its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path of its database.
    pub fn database(&self) -> PathBuf {
        self.folder().join("data/docket.db")
    }

    /// Returns the size of its database in bytes, without what a running server has not checkpointed.
    pub fn database_bytes(&self) -> io::Result<u64> {
        Ok(fs::metadata(self.database())?.len())
    }

    /// Returns the program, to be run in its folder.
    pub fn docket(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .current_dir(self.folder())
            .env_clear()
            .env("LEPTOS_SITE_ROOT", self.folder().join("site"))
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Returns the error that the program cannot be run.
    pub fn not_run(&self, error: io::Error) -> ServerError {
        ServerError::Program { program: self.program.clone(), error }
    }

    /// Runs the program until it ends, and returns what it printed.
    async fn run(&self, name: &'static str, arguments: &[&str]) -> Result<String, ServerError> {
        let output = self.docket().args(arguments).output().await.map_err(|error| self.not_run(error))?;
        if !output.status.success() {
            return Err(ServerError::Failed(name, String::from_utf8_lossy(&output.stderr).into_owned()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

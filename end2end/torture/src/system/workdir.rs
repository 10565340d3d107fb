//! The place of a system under test: a folder on a real disk, and ports that stay the same over restarts.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use tempfile::TempDir;

/// The rig's programs and its folder.
#[derive(Debug, Clone)]
pub struct Paths {
    /// The program under test.
    pub docket: PathBuf,
    /// The same program with failpoints, if there is one.
    pub failpoints: Option<PathBuf>,
    /// Schemathesis, if installed.
    pub schemathesis: Option<PathBuf>,
    /// The parent of the folders.
    pub folder: PathBuf,
}

/// The ports of one system.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub public: u16,
    pub internal: u16,
    pub sandbox: u16,
}

/// The place of one system.
#[derive(Debug)]
pub struct Workdir {
    pub program: PathBuf,
    pub ports: Ports,
    /// Docket's data folder; a disk of its own in some experiments.
    pub data: PathBuf,
    folder: TempDir,
    has_mount: bool,
}

impl Workdir {
    /// Creates a place.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub fn make(paths: &Paths) -> Result<Self> {
        std::fs::create_dir_all(&paths.folder)?;
        let made = tempfile::Builder::new().prefix("torture-").tempdir_in(&paths.folder);
        let folder = made.with_context(|| format!("no folder in {}", paths.folder.display()))?;
        // Only the API is used, so an empty site is enough.
        std::fs::create_dir_all(folder.path().join("site/pkg"))?;
        let data = folder.path().join("data");
        std::fs::create_dir_all(&data)?;
        let ports = Ports { public: free_port()?, internal: free_port()?, sandbox: free_port()? };
        Ok(Self { program: paths.docket.clone(), ports, data, folder, has_mount: false })
    }

    /// Returns a file of the rig in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the database.
    pub fn database(&self) -> PathBuf {
        self.data.join("docket.db")
    }

    /// Returns the address of pages and API.
    pub fn public(&self) -> String {
        format!("127.0.0.1:{}", self.ports.public)
    }

    /// Returns the address of the sandbox.
    pub fn sandbox(&self) -> String {
        format!("127.0.0.1:{}", self.ports.sandbox)
    }

    /// Mounts a file system as the data folder, with these arguments of `mount`.
    ///
    /// # Errors
    /// When the machine refuses.
    pub fn mount(&mut self, arguments: &[&str]) -> Result<()> {
        command("mount", arguments.iter().map(OsStr::new).chain([self.data.as_os_str()]))?;
        self.has_mount = true;
        Ok(())
    }

    /// Unmounts it.
    ///
    /// # Errors
    /// When it is in use.
    pub fn unmount(&mut self) -> Result<()> {
        self.has_mount = false;
        command("umount", [self.data.as_os_str()])
    }

    /// Keeps the folder for an investigation. Data on a mount is copied.
    pub fn keep(mut self) -> PathBuf {
        if self.has_mount {
            let copy = self.file("data-copy");
            let _ = command("cp", [OsStr::new("-a"), self.data.as_os_str(), copy.as_os_str()]);
        }
        self.folder.disable_cleanup(true);
        self.path().to_owned()
    }
}

impl Drop for Workdir {
    fn drop(&mut self) {
        if self.has_mount {
            let _ = command("umount", [OsStr::new("--lazy"), self.data.as_os_str()]);
        }
    }
}

/// Runs a program of the system.
///
/// # Errors
/// With its error output, when it fails.
pub fn command<'a>(program: &str, arguments: impl IntoIterator<Item = &'a OsStr>) -> Result<()> {
    let output = Command::new(program).args(arguments).output().with_context(|| program.to_owned())?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Returns a free address of this machine.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<String> {
    Ok(format!("127.0.0.1:{}", free_port()?))
}

/// Below the range of outgoing connections, so that it is still free after a restart.
fn free_port() -> Result<u16> {
    let mut rng = Rng::new();
    for _ in 0..1_000 {
        let port = rng.u16(10_000..30_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return Ok(port);
        }
    }
    anyhow::bail!("no port is free between 10000 and 30000")
}

//! Where a system under test lives: a folder on a real disk, and ports that stay the same over its restarts.

use std::ffi::OsStr;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use tempfile::TempDir;

/// Where the rig works, and with which program.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The program under test.
    pub docket: PathBuf,
    /// The same program with failpoints, if there is one.
    pub failpoints: Option<PathBuf>,
    /// The program that makes calls out of a document, if it is here.
    pub schemathesis: Option<PathBuf>,
    /// Folders are made in here.
    pub folder: PathBuf,
}

/// The ports of one system.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub public: u16,
    pub internal: u16,
    pub sandbox: u16,
}

/// One system's own place.
#[derive(Debug)]
pub struct Place {
    pub program: PathBuf,
    pub ports: Ports,
    /// Where Docket keeps its data; a disk of its own in some experiments.
    pub data: PathBuf,
    folder: TempDir,
    has_mount: bool,
}

impl Place {
    /// A new one.
    ///
    /// # Errors
    /// When no folder can be made.
    pub fn make(ground: &Ground) -> Result<Self> {
        std::fs::create_dir_all(&ground.folder)?;
        let made = tempfile::Builder::new().prefix("torture-").tempdir_in(&ground.folder);
        let folder = made.with_context(|| format!("no folder in {}", ground.folder.display()))?;
        // The API is tortured, not the pages, so an empty site will do.
        std::fs::create_dir_all(folder.path().join("site/pkg"))?;
        let data = folder.path().join("data");
        std::fs::create_dir_all(&data)?;
        let ports = Ports { public: free_port()?, internal: free_port()?, sandbox: free_port()? };
        Ok(Self { program: ground.docket.clone(), ports, data, folder, has_mount: false })
    }

    /// A file of the rig's own in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The database.
    pub fn database(&self) -> PathBuf {
        self.data.join("docket.db")
    }

    /// Where pages and API are.
    pub fn public(&self) -> String {
        format!("127.0.0.1:{}", self.ports.public)
    }

    /// Where the sandbox is.
    pub fn sandbox(&self) -> String {
        format!("127.0.0.1:{}", self.ports.sandbox)
    }

    /// Mounts a file system for the data, with these arguments of `mount` before its place.
    ///
    /// # Errors
    /// When the machine does not do it.
    pub fn mount(&mut self, arguments: &[&str]) -> Result<()> {
        command("mount", arguments.iter().map(OsStr::new).chain([self.data.as_os_str()]))?;
        self.has_mount = true;
        Ok(())
    }

    /// Takes it away again.
    ///
    /// # Errors
    /// When it is in use.
    pub fn unmount(&mut self) -> Result<()> {
        self.has_mount = false;
        command("umount", [self.data.as_os_str()])
    }

    /// Leaves everything where it is, for whoever looks into what went wrong. What is on a mount goes with it, so it is
    /// copied.
    pub fn leave(mut self) -> PathBuf {
        if self.has_mount {
            let copy = self.file("data-copy");
            let _ = command("cp", [OsStr::new("-a"), self.data.as_os_str(), copy.as_os_str()]);
        }
        self.folder.disable_cleanup(true);
        self.path().to_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.has_mount {
            let _ = command("umount", [OsStr::new("--lazy"), self.data.as_os_str()]);
        }
    }
}

/// Runs a program of the system, and says what it complained about.
///
/// # Errors
/// When it does not succeed.
pub fn command<'a>(program: &str, arguments: impl IntoIterator<Item = &'a OsStr>) -> Result<()> {
    let output = Command::new(program).args(arguments).output().with_context(|| program.to_owned())?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// An address of this machine that nobody listens at.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<String> {
    Ok(format!("127.0.0.1:{}", free_port()?))
}

/// Below the ports that systems give to outgoing connections, so that a server finds it free again after a restart.
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

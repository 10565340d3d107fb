//! The working directory of a system under test: a folder on a real disk, and ports that stay the same over restarts.

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
    /// The parent of the working directories.
    pub folder: PathBuf,
}

/// The ports of one system.
#[derive(Debug, Clone, Copy)]
pub struct Ports {
    pub public: u16,
    pub internal: u16,
    pub sandbox: u16,
}

/// The working directory of one system. It is deleted when it is dropped, unless it is kept.
#[derive(Debug)]
pub struct Workdir {
    pub program: PathBuf,
    pub ports: Ports,
    /// Docket's data folder; some experiments mount a file system there.
    pub data: PathBuf,
    folder: TempDir,
    has_mount: bool,
}

impl Workdir {
    /// Creates a working directory.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub fn create(paths: &Paths) -> Result<Self> {
        std::fs::create_dir_all(&paths.folder)?;
        let folder = tempfile::Builder::new().prefix("torture-").tempdir_in(&paths.folder);
        let folder =
            folder.with_context(|| format!("no folder can be created in {}", paths.folder.display()))?;
        // The rig requests only the API, so an empty site is enough.
        std::fs::create_dir_all(folder.path().join("site/pkg"))?;
        let data = folder.path().join("data");
        std::fs::create_dir_all(&data)?;
        let ports = Ports { public: free_port()?, internal: free_port()?, sandbox: free_port()? };
        Ok(Self { program: paths.docket.clone(), ports, data, folder, has_mount: false })
    }

    /// Returns the path of a file in it.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns its path.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the path of the database.
    pub fn database(&self) -> PathBuf {
        self.data.join("docket.db")
    }

    /// Returns the address of pages and API.
    pub fn public_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.public)
    }

    /// Returns the address of the sandbox.
    pub fn sandbox_address(&self) -> String {
        format!("127.0.0.1:{}", self.ports.sandbox)
    }

    /// Mounts a file system as the data folder, with these arguments of `mount`.
    ///
    /// # Errors
    /// When `mount` fails.
    pub fn mount(&mut self, arguments: &[&str]) -> Result<()> {
        run_program("mount", arguments.iter().map(OsStr::new).chain([self.data.as_os_str()]))?;
        self.has_mount = true;
        Ok(())
    }

    /// Unmounts the data folder.
    ///
    /// # Errors
    /// When `umount` fails.
    pub fn unmount(&mut self) -> Result<()> {
        self.has_mount = false;
        run_program("umount", [self.data.as_os_str()])
    }

    /// Keeps the folder for an investigation, and returns its path. Data on a mount is copied into it.
    pub fn keep(mut self) -> PathBuf {
        if self.has_mount {
            let copy = self.file("data-copy");
            let _ = run_program("cp", [OsStr::new("-a"), self.data.as_os_str(), copy.as_os_str()]);
        }
        self.folder.disable_cleanup(true);
        self.path().to_owned()
    }
}

impl Drop for Workdir {
    fn drop(&mut self) {
        if self.has_mount {
            let _ = run_program("umount", [OsStr::new("--lazy"), self.data.as_os_str()]);
        }
    }
}

/// Runs a program of the machine to its end.
///
/// # Errors
/// With its error output, when it fails.
pub fn run_program<'a>(program: &str, arguments: impl IntoIterator<Item = &'a OsStr>) -> Result<()> {
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

/// Returns a free port below the range of outgoing connections, so that it is still free after a restart.
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

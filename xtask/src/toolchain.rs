//! The compiler for WebAssembly: rustup's, or Debian's with a standard library built here.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use crate::debian;
use crate::progress::say;
use crate::shell;
use crate::workspace::Workspace;

pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm"];
const BY_HAND: &str = "Install the target by hand: `rustup target add wasm32-unknown-unknown`, \
    or make the packages rustc-web, cargo-web, rust-web-src and rust-web-llvm of Debian installable.";

/// A compiler that can build WebAssembly.
pub enum Toolchain {
    /// The compiler of this program, with the target installed.
    Own,
    /// Debian's, in `/usr/bin`.
    Debian,
}

impl Toolchain {
    /// Finds one, or installs one.
    pub fn obtain(workspace: &Workspace) -> Result<Self> {
        if own_has_target(workspace)? {
            return Ok(Self::Own);
        }
        if debian_has_target() {
            return Ok(Self::Debian);
        }
        if add_by_rustup() && own_has_target(workspace)? {
            return Ok(Self::Own);
        }
        say("      rustup cannot give the target wasm32-unknown-unknown; taking Debian's compiler");
        install_debian_compiler()?;
        build_standard_library(&workspace.target.join("wasm-std"))?;
        Ok(Self::Debian)
    }

    /// A cargo command of this compiler, at the root.
    pub fn cargo(&self, workspace: &Workspace) -> Command {
        match self {
            Self::Own => workspace.cargo(),
            Self::Debian => {
                let mut command = debian_cargo();
                command.current_dir(&workspace.root);
                command
            }
        }
    }
}

fn own_has_target(workspace: &Workspace) -> Result<bool> {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "sysroot"]).current_dir(&workspace.root);
    let sysroot = shell::capture(&mut rustc)?;
    // Debian's compiler may be the only one; its standard library then needs our stamp.
    Ok(sysroot.trim() != "/usr" && has_standard_library(&libraries(Path::new(sysroot.trim()))))
}

fn add_by_rustup() -> bool {
    if shell::find("rustup").is_none() {
        return false;
    }
    say("      rustup target add wasm32-unknown-unknown");
    let mut rustup = Command::new("rustup");
    // Without a network this fails at the first attempt.
    rustup.args(["target", "add", TARGET]).env("RUSTUP_MAX_RETRIES", "0").env("RUST_BACKTRACE", "0");
    shell::run(&mut rustup).is_ok()
}

fn install_debian_compiler() -> Result<()> {
    debian::install(&DEBIAN_PACKAGES, BY_HAND)?;
    // The linker is a link to a program of another package, and has that package's name.
    let linker = fs::read_link("/usr/bin/rust-lld").context("/usr/bin/rust-lld is missing")?;
    let package = linker.file_name().context("/usr/bin/rust-lld leads nowhere")?.to_string_lossy();
    debian::install(&[&package], BY_HAND)
}

/// Returns Debian's cargo, ignoring rustup and its environment.
fn debian_cargo() -> Command {
    let mut command = Command::new("/usr/bin/cargo");
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("/usr/bin:{path}")).env("RUSTC", "/usr/bin/rustc");
    for inherited in ["CARGO", "RUSTUP_TOOLCHAIN", "RUSTDOC", "LD_LIBRARY_PATH"] {
        command.env_remove(inherited);
    }
    command
}

/// Builds the standard library for WebAssembly from Debian's sources, with an empty crate, and installs it where the
/// compiler looks. Later builds are ordinary builds.
fn build_standard_library(folder: &Path) -> Result<()> {
    say("      building the standard library for the browser (about a minute, once)");
    fs::create_dir_all(folder.join("src"))?;
    fs::write(folder.join("src/lib.rs"), "#![no_std]\n")?;
    let manifest = "[package]\nname = \"nothing\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    fs::write(folder.join("Cargo.toml"), manifest)?;
    let mut cargo = debian_cargo();
    cargo.current_dir(folder).env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", "target");
    cargo.args(["build", "--release", "--target", TARGET, "-Zbuild-std=std,panic_abort"]);
    shell::run(&mut cargo)?;

    let built = folder.join("target").join(TARGET).join("release/deps");
    let ready = folder.join("ready");
    remove(&ready)?;
    fs::create_dir_all(ready.join("lib"))?;
    for library in rlibs(&built)?.iter().filter(|file| !name_of(file).starts_with("libnothing")) {
        fs::copy(library, ready.join("lib").join(name_of(library)))?;
    }
    ensure!(has_standard_library(&ready.join("lib")), "the build of the standard library left none");
    fs::write(ready.join(STAMP), debian_version()?)?;

    let place = format!("{DEBIAN_RUSTLIB}/{TARGET}");
    shell::run(debian::as_root("rm").args(["-rf", &place]))?;
    shell::run(debian::as_root("cp").arg("-r").arg(&ready).arg(&place))?;
    if !debian_has_target() {
        bail!("{place} is not what was copied there. {BY_HAND}");
    }
    Ok(())
}

const DEBIAN_RUSTLIB: &str = "/usr/lib/rustlib";
/// A file beside the library with the version of the compiler that built it, the only one that can read it.
const STAMP: &str = "built-by";

fn debian_has_target() -> bool {
    let place = Path::new(DEBIAN_RUSTLIB).join(TARGET);
    let stamp = fs::read_to_string(place.join(STAMP));
    has_standard_library(&place.join("lib"))
        && debian_version().is_ok_and(|version| stamp.is_ok_and(|stamp| stamp == version))
}

fn debian_version() -> Result<String> {
    shell::capture(Command::new("/usr/bin/rustc").arg("--version"))
}

fn libraries(sysroot: &Path) -> PathBuf {
    sysroot.join("lib/rustlib").join(TARGET).join("lib")
}

fn has_standard_library(folder: &Path) -> bool {
    rlibs(folder).is_ok_and(|files| files.iter().any(|file| name_of(file).starts_with("libstd-")))
}

fn rlibs(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "rlib") {
            files.push(path);
        }
    }
    Ok(files)
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

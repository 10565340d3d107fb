//! `cargo xtask build`, and building the server and its site.

use std::fs;
use std::path::PathBuf;
use std::thread;

use anyhow::{Result, anyhow};

use crate::progress::{Progress, say};
use crate::shell;
use crate::site;
use crate::toolchain::Toolchain;
use crate::wasm;
use crate::workspace::Workspace;

/// How many steps [`docket`] announces.
pub const STEPS: usize = 4;

/// How the server is compiled.
#[derive(Clone, Copy)]
pub enum Profile {
    /// Quick to compile, for tests.
    Dev,
    /// Quick to run, for people.
    Release,
}

/// The server, and the site it serves.
pub struct Docket {
    pub program: PathBuf,
    pub site: PathBuf,
}

/// Creates `dist` in the target folder: the program with the site beside it.
pub fn build(workspace: &Workspace) -> Result<()> {
    let mut progress = Progress::of(STEPS + 1);
    let built = docket(workspace, Profile::Release, &mut progress)?;
    let folder = workspace.target.join("dist");
    progress.step("Gather the folder to deploy", || {
        fs::create_dir_all(&folder)?;
        // A running program can be replaced, but not written to.
        let fresh = folder.join("docket.new");
        fs::copy(&built.program, &fresh)?;
        fs::rename(&fresh, folder.join("docket"))?;
        site::copy(&built.site, &folder.join("site"))
    })?;
    say(format_args!("{} is ready to be deployed: start it with `./docket serve`", folder.display()));
    Ok(())
}

/// Builds the server and the site.
pub fn docket(workspace: &Workspace, profile: Profile, progress: &mut Progress) -> Result<Docket> {
    let (toolchain, wasm_opt) = progress.step("Find a compiler for the browser, and wasm-opt", || {
        anyhow::Ok((Toolchain::obtain(workspace)?, wasm::obtain_wasm_opt(workspace)?))
    })?;
    let (program, compiled) =
        progress.step("Compile the app to WebAssembly and the server (minutes, the first time)", || {
            // The app ends in one long step on one core, so the server is compiled at the same time.
            thread::scope(|scope| {
                let server = scope.spawn(|| compile_server(workspace, profile));
                let app = wasm::compile(workspace, &toolchain);
                let server =
                    server.join().map_err(|_| anyhow!("the thread that compiled the server panicked"))?;
                anyhow::Ok((server?, app?))
            })
        })?;
    let bound = progress.step("Bind the app to JavaScript and shrink it", || {
        wasm::bind_and_shrink(workspace, &compiled, &wasm_opt)
    })?;
    let site = progress.step("Put the site together", || site::assemble(workspace, &bound))?;
    Ok(Docket { program, site })
}

/// Builds the server alone, without a site.
pub fn compile_server(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    let name = profile.name();
    shell::run(cargo.args(["build", "--profile", name, "--package", "server", "--bin", "docket"]))?;
    Ok(workspace.target.join(profile.folder()).join("docket"))
}

/// Builds the benchmark and the server beside it, and returns the path of the benchmark.
///
/// The benchmark contains the store of the server. Built by themselves, the two would have different features of their
/// dependencies, and most of the server would be compiled twice.
pub fn compile_benchmark(workspace: &Workspace) -> Result<PathBuf> {
    let profile = Profile::Release;
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--profile", profile.name(), "--package", "server", "--package", "load"]);
    shell::run(cargo.args(["--bin", "docket", "--bin", "load"]))?;
    Ok(workspace.target.join(profile.folder()).join("load"))
}

/// Builds the server with failpoints, beside the one without, and returns its path.
pub fn compile_server_with_failpoints(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut cargo = workspace.cargo();
    cargo.args(["build", "--profile", profile.name(), "--package", "server", "--bin", "docket"]);
    shell::run(cargo.args(["--features", "torture"]))?;
    let folder = workspace.target.join(profile.folder());
    let program = folder.join("docket-failpoints");
    // A running program can be replaced, but not written to.
    let fresh = folder.join("docket-failpoints.new");
    fs::copy(folder.join("docket"), &fresh)?;
    fs::rename(&fresh, &program)?;
    Ok(program)
}

impl Profile {
    /// Returns cargo's name of the profile.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }

    /// Returns cargo's folder of the profile.
    const fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

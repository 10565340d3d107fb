//! The app as WebAssembly: compiled, bound to JavaScript, and shrunk.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::npm;
use crate::progress::say;
use crate::shell;
use crate::stamp::{Stamp, fingerprint_of};
use crate::toolchain::{TARGET, Toolchain};
use crate::workspace::Workspace;

/// The profile in the workspace's `Cargo.toml` that optimises for size.
const PROFILE: &str = "wasm-release";
/// The two files that the page loads.
pub const JAVASCRIPT: &str = "docket.js";
pub const WASM: &str = "docket_bg.wasm";

/// The WebAssembly features that may be used: those that every browser of recent years supports, and that the
/// compiler emits by default.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Compiles `frontend` and returns the WebAssembly.
pub fn compile(workspace: &Workspace, toolchain: &Toolchain) -> Result<PathBuf> {
    // A folder of its own, because Debian's compiler must not use the other's files.
    let target = workspace.target.join("wasm");
    let mut cargo = toolchain.cargo(workspace);
    cargo.args(["build", "--package", "frontend", "--target", TARGET, "--profile", PROFILE]);
    cargo.arg("--target-dir").arg(&target);
    shell::run(&mut cargo)?;
    Ok(target.join(TARGET).join(PROFILE).join("frontend.wasm"))
}

/// Installs wasm-opt and returns its path.
pub fn obtain_wasm_opt(workspace: &Workspace) -> Result<PathBuf> {
    let folder = workspace.target.join("wasm-opt");
    npm::install_apart(&workspace.root.join("xtask/wasm-opt"), &folder)?;
    Ok(folder.join("node_modules/.bin/wasm-opt"))
}

/// Writes [`JAVASCRIPT`] and [`WASM`] into the returned folder.
pub fn bind_and_shrink(workspace: &Workspace, compiled: &Path, wasm_opt: &Path) -> Result<PathBuf> {
    let folder = workspace.target.join("wasm-bound");
    fs::create_dir_all(&folder)?;
    let stamp = Stamp::at(folder.join("made-from"));
    let made_from = format!(
        "{} {}",
        fingerprint_of(compiled)?,
        fingerprint_of(&workspace.root.join("xtask/wasm-opt/package-lock.json"))?
    );
    if stamp.says(&made_from) {
        return Ok(folder);
    }
    stamp.clear()?;
    bind(compiled, &folder)?;
    let wasm = folder.join(WASM);
    let before = fs::metadata(&wasm)?.len();
    let mut shrink = Command::new(wasm_opt);
    // A second round on flattened code saves another percent.
    shrink
        .args(["--flatten", "--rereloop", "-Oz", "-Oz", "--converge", "--strip-target-features"])
        .args(FEATURES)
        .arg(&wasm)
        .arg("-o")
        .arg(&wasm);
    shell::run(&mut shrink)?;
    let after = fs::metadata(&wasm)?.len();
    say(format_args!("      {} KB by the compiler, {} KB after wasm-opt", before / 1000, after / 1000));
    stamp.set(&made_from)?;
    Ok(folder)
}

fn bind(compiled: &Path, folder: &Path) -> Result<()> {
    let mut bindgen = Bindgen::new();
    bindgen.input_path(compiled).out_name("docket").web(true)?.typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true).omit_default_module_path(true);
    bindgen.generate(folder).context("wasm-bindgen could not read the WebAssembly")
}

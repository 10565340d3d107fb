//! The site: everything that a browser downloads beside the pages, named and compressed as the server sends it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::compress;
use crate::progress::say;
use crate::stamp::fingerprint;
use crate::style;
use crate::wasm;
use crate::workspace::Workspace;

/// A file of the site under construction.
struct File {
    /// The path below the site's folder.
    path: PathBuf,
    content: Vec<u8>,
}

/// Assembles the site from the app, the style sheet and the pictures, and returns its folder.
pub fn assemble(workspace: &Workspace, bound: &Path) -> Result<PathBuf> {
    let style = style::bundle(&workspace.root.join("style/main.css"))?;
    let generated = [
        ("js", fs::read(bound.join(wasm::JAVASCRIPT))?),
        ("wasm", fs::read(bound.join(wasm::WASM))?),
        ("css", style.into_bytes()),
    ];
    let mut hashes = String::new();
    let mut files = Vec::new();
    for (kind, content) in generated {
        let hash = fingerprint(&content);
        hashes.push_str(&format!("{kind}: {hash}\n"));
        files.push(File { path: format!("pkg/docket.{hash}.{kind}").into(), content });
    }
    files.push(File { path: "hash.txt".into(), content: hashes.into_bytes() });
    for path in files_below(&workspace.root.join("style/assets"))? {
        let content = fs::read(workspace.root.join("style/assets").join(&path))?;
        files.push(File { path, content });
    }

    let site = workspace.target.join("site");
    let mut kept = BTreeSet::new();
    for file in &files {
        write(&site, file)?;
        kept.extend([
            file.path.clone(),
            compress::with_suffix(&file.path, ".br"),
            compress::with_suffix(&file.path, ".gz"),
        ]);
    }
    for path in files_below(&site)?.into_iter().filter(|path| !kept.contains(path)) {
        fs::remove_file(site.join(path))?;
    }
    tell_sizes(&site, &files)?;
    Ok(site)
}

/// Writes the file and its compressed copies, unless they exist.
fn write(site: &Path, file: &File) -> Result<()> {
    let path = site.join(&file.path);
    let compressed = compress::is_worth_it(&path) && file.path != Path::new("hash.txt");
    let copies = [".br", ".gz"].map(|suffix| compress::with_suffix(&path, suffix));
    let unchanged = fs::read(&path).is_ok_and(|there| there == file.content);
    if unchanged && (!compressed || copies.iter().all(|copy| copy.exists())) {
        return Ok(());
    }
    fs::create_dir_all(path.parent().context("a file of the site is in no folder")?)?;
    fs::write(&path, &file.content)?;
    if compressed { compress::beside(&path) } else { Ok(()) }
}

fn tell_sizes(site: &Path, files: &[File]) -> Result<()> {
    for file in files.iter().filter(|file| file.path.starts_with("pkg")) {
        let path = site.join(&file.path);
        let [raw, brotli] =
            [fs::metadata(&path)?.len(), fs::metadata(compress::with_suffix(&path, ".br"))?.len()];
        let name = file.path.display();
        say(format_args!(
            "      {name}: {:.1} KB, {:.1} KB brotli",
            raw as f64 / 1000.0,
            brotli as f64 / 1000.0
        ));
    }
    Ok(())
}

/// Returns every file below the folder, as relative paths; none for a missing folder.
pub fn files_below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(current) = folders.pop() {
        if !current.exists() {
            continue;
        }
        for entry in fs::read_dir(&current)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(folder)?.to_owned());
            }
        }
    }
    Ok(files)
}

/// Copies the site to another folder and removes everything else there.
pub fn copy(site: &Path, to: &Path) -> Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    for path in files_below(site)? {
        let copy = to.join(&path);
        fs::create_dir_all(copy.parent().context("a file of the site is in no folder")?)?;
        fs::copy(site.join(&path), copy)?;
    }
    Ok(())
}

//! Writes compressed copies beside the files, so that the server compresses no static file.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Result;
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;

/// Compressible extensions; pictures and fonts in other formats are already compressed.
const COMPRESSIBLE: [&str; 7] = ["css", "js", "json", "svg", "txt", "wasm", "webmanifest"];

/// Whether this file gets compressed copies.
pub fn is_worth_it(file: &Path) -> bool {
    file.extension().is_some_and(|extension| COMPRESSIBLE.iter().any(|worth| extension == *worth))
}

/// Writes `.br` and `.gz` beside the file.
pub fn beside(file: &Path) -> Result<()> {
    let content = fs::read(file)?;
    fs::write(with_suffix(file, ".br"), brotli(&content)?)?;
    fs::write(with_suffix(file, ".gz"), gzip(&content)?)?;
    Ok(())
}

/// Returns the name of the compressed copy.
pub fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(file);
    name.push(suffix);
    name.into()
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    // Blocks of 2^20 bytes: one table of codes for the whole WebAssembly, which is 1.5 KB smaller than with the block
    // that the encoder chooses.
    let best = BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        lgblock: 20,
        size_hint: content.len(),
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &best)?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

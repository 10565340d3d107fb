//! Remembers the input of a finished step, so that it is repeated only when that changes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sha2::{Digest, Sha256};

/// A file with the fingerprint of a finished step's input.
pub struct Stamp(PathBuf);

impl Stamp {
    pub fn at(file: impl Into<PathBuf>) -> Self {
        Self(file.into())
    }

    pub fn says(&self, fingerprint: &str) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|last| last == fingerprint)
    }

    /// Must be called after the step has succeeded.
    pub fn set(&self, fingerprint: &str) -> Result<()> {
        Ok(fs::write(&self.0, fingerprint)?)
    }

    /// Must be called before the step changes its result, so that an incomplete result is not reused.
    pub fn clear(&self) -> Result<()> {
        if self.0.exists() {
            fs::remove_file(&self.0)?;
        }
        Ok(())
    }
}

/// Returns sixteen hexadecimal digits of a hash, short enough for a file name.
pub fn fingerprint(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

pub fn fingerprint_of(file: &Path) -> Result<String> {
    Ok(fingerprint(&fs::read(file)?))
}

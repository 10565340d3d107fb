//! Remembers what a step was last done with, so that it is done again only when that has changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use sha2::{Digest, Sha256};

/// A small file that holds the fingerprint of what a finished step was made from.
pub struct Stamp(PathBuf);

impl Stamp {
    pub fn at(file: impl Into<PathBuf>) -> Self {
        Self(file.into())
    }

    pub fn says(&self, fingerprint: &str) -> bool {
        fs::read_to_string(&self.0).is_ok_and(|last| last == fingerprint)
    }

    /// To be called when the step has succeeded.
    pub fn set(&self, fingerprint: &str) -> Result<()> {
        Ok(fs::write(&self.0, fingerprint)?)
    }

    /// To be called before the step touches its result, so that half a result is never taken for a whole one.
    pub fn clear(&self) -> Result<()> {
        if self.0.exists() {
            fs::remove_file(&self.0)?;
        }
        Ok(())
    }
}

/// Sixteen hexadecimal digits that change with the content: short enough for a file name.
pub fn fingerprint(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

pub fn fingerprint_of(file: &Path) -> Result<String> {
    Ok(fingerprint(&fs::read(file)?))
}

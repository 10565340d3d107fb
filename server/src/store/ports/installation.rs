//! What the store knows about the installation's secret.

use async_trait::async_trait;
use orders::Timestamp;
use queue::StoreError;

use crate::store::ReadError;

/// What an earlier version stored in the file.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptSecrets {
    /// The secret of its orders' links; none when no link was made with it.
    pub links: Option<([u8; 32], Timestamp)>,
}

/// How the secret of this start relates to the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// It is the same, or the first.
    Same,
    /// It is another one, and there are orders whose links were made with the previous one.
    Another,
}

/// The secrets of the installation, of which the store keeps only a fingerprint.
#[async_trait]
pub trait Installation: Send + Sync + 'static {
    /// Returns the secrets that an earlier version stored, if any, and when the last order was accepted whose link was
    /// made with them.
    ///
    /// # Errors
    /// When the store cannot be read.
    async fn kept_secrets(&self) -> Result<Option<KeptSecrets>, ReadError>;

    /// Deletes stored secrets so that their bytes cannot be found any more. Returns `false` when that takes until later.
    ///
    /// # Errors
    /// When the store cannot write.
    async fn erase_secrets(&self) -> Result<bool, StoreError>;

    /// Compares the secret of this start with the one of the last start, and stores its fingerprint.
    ///
    /// # Errors
    /// When the store cannot write.
    async fn recognise_secret(&self, fingerprint: [u8; 32]) -> Result<Recognised, StoreError>;
}

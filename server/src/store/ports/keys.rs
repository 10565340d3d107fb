//! The API keys.

use async_trait::async_trait;
use orders::{Owner, Timestamp};

use crate::store::ReadError;

/// A stored API key: a hash, never the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey {
    /// Its id, also the owner of its orders.
    pub id: Owner,
    /// Its name.
    pub name: String,
    /// `orders` or `desk`.
    pub scope: KeyScope,
    /// Its limit of orders a minute; none is unlimited.
    pub orders_per_minute: Option<u32>,
}

/// What an API key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyScope {
    /// Its own orders.
    Orders,
    /// The whole desk.
    Desk,
}

/// The API keys.
#[async_trait]
pub trait KeyRing: Send + Sync + 'static {
    /// Returns the key with this SHA-256, unless it was revoked.
    async fn find_key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, ReadError>;

    /// Stores a new key.
    async fn add_key(&self, key: ApiKey, hash: [u8; 32], at: Timestamp) -> Result<(), ReadError>;
}

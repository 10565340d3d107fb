//! Events of the carrier.

use async_trait::async_trait;

use crate::store::ReadError;

/// The events of the carrier that were applied. The method fails when the store cannot be read.
#[async_trait]
pub trait CarrierReports: Send + Sync + 'static {
    /// Whether an event of the carrier with this id was applied.
    async fn has_report(&self, id: &str) -> Result<bool, ReadError>;
}

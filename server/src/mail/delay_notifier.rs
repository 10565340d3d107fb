//! Sends a mail when an order is not confirmed within a minute of its acceptance.

use std::sync::Arc;
use std::time::Duration;

use queue::{Clock, StoreError};
use tokio::time::sleep;

use crate::store::order_job::in_order_time;
use crate::store::sqlite::SqliteStore;

/// An order is usually confirmed within this time, and then its receipt says everything.
const QUIET_FOR: Duration = Duration::from_secs(60);
/// How often waiting orders are looked up.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The delay notifier.
pub struct DelayNotifier {
    /// The store.
    pub store: Arc<SqliteStore>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl DelayNotifier {
    /// Runs until it is dropped.
    pub async fn keep(&self) {
        loop {
            if let Err(error) = self.look().await {
                // The next pass starts where the last one ended, so no order is left out.
                tracing::warn!(%error, "who has waited for a minute could not be looked up");
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Sends the mail for each order that has now waited for a minute, once. Returns how many.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn look(&self) -> Result<u32, StoreError> {
        let now = in_order_time(self.clock.now());
        self.store.reassure(QUIET_FOR, now).await
    }
}

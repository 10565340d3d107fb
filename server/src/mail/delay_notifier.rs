//! Whoever ordered and hears nothing for a minute gets a letter that says that the order is safe.

use std::sync::Arc;
use std::time::Duration;

use queue::{Clock, StoreError};
use tokio::time::sleep;

use crate::store::order_job::in_order_time;
use crate::store::sqlite::SqliteStore;

/// Within this time an order is usually confirmed, and the receipt says everything.
const QUIET_FOR: Duration = Duration::from_secs(60);
/// How often it is looked who has waited.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// The one who looks for orders that are not confirmed a minute after they were accepted.
pub struct DelayNotifier {
    /// Where orders are kept.
    pub store: Arc<SqliteStore>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

impl DelayNotifier {
    /// Looks as long as it is let.
    pub async fn keep(&self) {
        loop {
            if let Err(error) = self.look().await {
                // Nobody is forgotten: the next look begins where the last one ended.
                tracing::warn!(%error, "who has waited for a minute could not be looked up");
            }
            sleep(LOOK_EVERY).await;
        }
    }

    /// Calls for a letter for each order that has waited for a minute now; each order is looked at once. Says for how
    /// many.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn look(&self) -> Result<u32, StoreError> {
        let now = in_order_time(self.clock.now());
        self.store.reassure(QUIET_FOR, now).await
    }
}

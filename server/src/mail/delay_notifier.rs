//! Sends a mail when an order is not confirmed within a minute of its acceptance.

use std::sync::Arc;
use std::time::Duration;

use queue::{Clock, StoreError};
use tokio::time::sleep;

use crate::store::Store;
use crate::store::order_job::to_order_time;

/// An order is usually confirmed within this time, and then its receipt says everything.
const DELAY: Duration = Duration::from_secs(60);
/// How often waiting orders are looked up.
const INTERVAL: Duration = Duration::from_secs(5);

/// The delay notifier.
pub struct DelayNotifier {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
}

impl DelayNotifier {
    /// Runs until it is dropped.
    pub async fn run(&self) {
        loop {
            if let Err(error) = self.notify_waiting().await {
                // The next pass starts where the last one ended, so no order is left out.
                tracing::warn!(%error, "waiting orders could not be looked up");
            }
            sleep(INTERVAL).await;
        }
    }

    /// Sends the mail for each order that has now waited for a minute, once. Returns how many.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn notify_waiting(&self) -> Result<u32, StoreError> {
        let now = to_order_time(self.clock.now());
        self.store.notify_waiting_orders(DELAY, now).await
    }
}

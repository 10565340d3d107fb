//! What the workers and the web of a process share.

use std::sync::Arc;

use queue::{BreakerConfig, Clock, SystemClock};

use super::error::StartError;
use crate::config::Work;
use crate::external::breakers::Breakers;
use crate::identity::tracking::TrackingKey;
use crate::metrics::Metrics;
use crate::pipeline::eta::{EtaEstimator, SAMPLE_SIZE};
use crate::platform::entropy::Entropy;
use crate::store::Store;

/// What the workers and the web of a process share.
pub(super) struct Components {
    pub(super) store: Arc<dyn Store>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) entropy: Arc<dyn Entropy>,
    pub(super) metrics: Arc<Metrics>,
    pub(super) breakers: Arc<Breakers>,
    pub(super) eta: Arc<EtaEstimator>,
    pub(super) tracking: TrackingKey,
    /// Without a trailing slash.
    pub(super) public_url: String,
}

impl Components {
    pub(super) async fn new(
        work: &Work,
        store: Arc<dyn Store>,
        entropy: Arc<dyn Entropy>,
        metrics: Arc<Metrics>,
        tracking: TrackingKey,
        public_url: String,
    ) -> Result<Self, StartError> {
        let breakers = Breakers::new(BreakerConfig {
            wait: work.breaker_wait,
            cap: work.retry_cap.max(work.breaker_wait),
            refused_wait: work.retry_cap,
            ..BreakerConfig::default()
        });
        let eta = EtaEstimator::of(store.recent_durations(SAMPLE_SIZE as u32).await?);
        Ok(Self {
            store,
            clock: Arc::new(SystemClock),
            entropy,
            metrics,
            breakers: Arc::new(breakers),
            eta: Arc::new(eta),
            tracking,
            public_url,
        })
    }
}

//! The implementation of the shoppers' port ([`OrderService`](orders::OrderService)): the pages and the API call
//! this.
//!
//! [`submit`] is the path that must be fast: it validates, prepares every byte that will be written, and makes one
//! call to the store.

mod commands;
mod prices;
mod service;
mod submit;

use std::sync::Arc;

use orders::{Caller, CommandContext, OrderId, OrderRecord, Problem, ProblemCode, Timestamp};
use queue::Clock;

use self::prices::Prices;
use crate::identity::tracking::TrackingKey;
use crate::pipeline::eta::EtaEstimator;
use crate::platform::entropy::Entropy;
use crate::store::Store;
use crate::store::order_job::to_order_time;
use crate::store::problems::unreadable;

/// The state of the shoppers' port.
pub struct Shop {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    tracking: TrackingKey,
    eta: Arc<EtaEstimator>,
    public_url: String,
    prices: Prices,
}

impl Shop {
    /// Returns a shop over a store. `public_url` is the public base address, without a trailing slash.
    pub fn new(
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        tracking: TrackingKey,
        eta: Arc<EtaEstimator>,
        public_url: String,
    ) -> Self {
        Self { store, clock, entropy, tracking, eta, public_url, prices: Prices::default() }
    }

    fn now(&self) -> Timestamp {
        to_order_time(self.clock.now())
    }

    fn moment(&self) -> CommandContext<'_> {
        CommandContext { at: self.now(), public_url: &self.public_url }
    }

    /// Returns the record of an order that the caller may see; `not-found` for any other order.
    async fn visible_record(&self, caller: &Caller, id: OrderId) -> Result<OrderRecord, Problem> {
        let found = self.store.order_record(id).await.map_err(unreadable)?;
        found
            .filter(|record| caller.may_see(id, record.access()))
            .ok_or_else(|| Problem::new(ProblemCode::NotFound).detail("There is no such order."))
    }
}

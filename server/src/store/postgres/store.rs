//! The store of several processes.

use std::sync::Arc;

use ::queue::{StoreError, Wakeup};
use sqlx::PgPool;

use super::lane::{Lane, Shared};
use super::{OpenError, PostgresConfig, open};
use crate::metrics::Metrics;
use crate::store::engine::{Engine, Phase};
use crate::store::transaction::{Transaction, Written};

/// The store in a PostgreSQL database, which other processes use as well.
#[derive(Debug)]
pub struct PostgresStore {
    pub(super) pool: PgPool,
    pub(super) wakeup: Wakeup,
    pub(super) metrics: Arc<Metrics>,
    accepting: Lane,
    pub(super) settling: Lane,
}

impl PostgresStore {
    /// Opens the database, migrates it, and starts the lanes.
    ///
    /// # Errors
    /// With one sentence about the cause.
    pub async fn open(config: &PostgresConfig, metrics: Arc<Metrics>) -> Result<Arc<Self>, OpenError> {
        let pool = open(config).await?;
        let wakeup = Wakeup::new();
        let shared =
            Arc::new(Shared { pool: pool.clone(), wakeup: wakeup.clone(), metrics: metrics.clone() });
        let (accepting, settling) = (Lane::start(shared.clone()), Lane::start(shared));
        Ok(Arc::new(Self { pool, wakeup, metrics, accepting, settling }))
    }

    /// Returns the notifications about due jobs.
    pub fn wakeup(&self) -> &Wakeup {
        &self.wakeup
    }
}

impl Engine for PostgresStore {
    async fn next_serial(&self) -> Result<u64, StoreError> {
        let next: Result<i64, sqlx::Error> =
            sqlx::query_scalar("SELECT nextval('order_count')").fetch_one(&self.pool).await;
        let next = next.map_err(|reason| StoreError::Unavailable(reason.to_string()))?;
        Ok(u64::try_from(next).unwrap_or(0))
    }

    async fn write<R: Send + 'static>(
        &self,
        phase: Phase,
        run: impl FnMut(&mut dyn Transaction) -> Written<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        let lane = if phase == Phase::Accept { &self.accepting } else { &self.settling };
        lane.call(run).await
    }

    async fn try_write<R: Send + 'static>(
        &self,
        phase: Phase,
        run: impl FnMut(&mut dyn Transaction) -> Written<R> + Send + 'static,
    ) -> Result<R, StoreError> {
        let lane = if phase == Phase::Accept { &self.accepting } else { &self.settling };
        lane.try_call(run).await
    }
}

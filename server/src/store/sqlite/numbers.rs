//! The numbers of the desk, read from their counters ([`order_stats`](crate::store::order_stats)).

use ::orders::desk::{OrderCounts, Throughput};
use ::orders::{Service, State, Timestamp};
use async_trait::async_trait;
use sqlx::Row;

use super::SqliteStore;
use crate::store::order_stats::span;
use crate::store::{DeskReads, ReadError};

/// The limit of numbers that are counted on request.
const MAX_COUNTED: u32 = 10_000;

#[async_trait]
impl DeskReads for SqliteStore {
    async fn order_counts(&self) -> Result<OrderCounts, ReadError> {
        let row = sqlx::query("SELECT * FROM order_counts").fetch_one(&self.readers).await?;
        let mut unread = None;
        let counts = OrderCounts::of(|state: State| match row.try_get::<i64, _>(state.as_str()) {
            Ok(count) => u64::try_from(count).unwrap_or(0),
            Err(error) => {
                unread = Some(error);
                0
            }
        });
        unread.map_or(Ok(counts), |error| Err(error.into()))
    }

    async fn throughput_since(&self, moment: Timestamp) -> Result<Throughput, ReadError> {
        let row = sqlx::query(
            "SELECT coalesce(sum(accepted), 0) AS accepted, coalesce(sum(confirmed), 0) AS confirmed, \
             coalesce(sum(finished), 0) AS finished FROM order_tallies WHERE span >= ?",
        )
        .bind(span(moment))
        .fetch_one(&self.readers)
        .await?;
        Ok(Throughput {
            accepted: row.try_get("accepted")?,
            confirmed: row.try_get("confirmed")?,
            finished: row.try_get("finished")?,
        })
    }

    async fn undo_delayed(&self) -> Result<u64, ReadError> {
        // Without the hint, SQLite would use the index of all states and read every cancelling order.
        Ok(sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT 1 FROM orders INDEXED BY orders_undo_delayed \
             WHERE state = 'cancelling' AND delayed = 1 LIMIT ?)",
        )
        .bind(MAX_COUNTED)
        .fetch_one(&self.readers)
        .await?)
    }

    async fn refused_orders(&self) -> Result<Vec<(Service, u64)>, ReadError> {
        let mut refused = Vec::new();
        for service in Service::ALL {
            let orders: u64 = sqlx::query_scalar(
                "SELECT count(*) FROM (SELECT 1 FROM orders INDEXED BY orders_refused \
                 WHERE refused_by IS NOT NULL AND refused_by = ? LIMIT ?)",
            )
            .bind(service.as_str())
            .bind(MAX_COUNTED)
            .fetch_one(&self.readers)
            .await?;
            if orders > 0 {
                refused.push((service, orders));
            }
        }
        Ok(refused)
    }

    async fn mail_refused(&self) -> Result<u64, ReadError> {
        Ok(sqlx::query_scalar(
            "SELECT count(*) FROM (SELECT 1 FROM orders INDEXED BY orders_mail_refused \
             WHERE mail_refused = 1 LIMIT ?)",
        )
        .bind(MAX_COUNTED)
        .fetch_one(&self.readers)
        .await?)
    }
}

//! Reading orders.

use async_trait::async_trait;
use std::time::Duration;

use orders::{Order, OrderId, OrderRecord, State, Timestamp};
use sqlx::Row;

use super::SqliteStore;
use super::read::{COLUMNS, newest_in_states, sixteen};
use crate::store::acceptance::Accept;
use crate::store::commands::accept::judge;
use crate::store::transaction::EarlierUse;
use crate::store::{OrderFilter, OrderReads, ReadError};

/// Returns the statement for a list of orders. There is one for each index, because SQLite cannot use an index for a
/// condition that may be left out.
fn listing(of_owner: bool, in_state: bool) -> String {
    let newest = |condition: &str| {
        format!(
            "SELECT {COLUMNS} FROM orders WHERE {condition} AND (?3 IS NULL OR updated_at > ?3) AND count < ?4 \
             ORDER BY count DESC LIMIT ?5"
        )
    };
    match (of_owner, in_state) {
        (true, true) => newest("owner = ?1 AND owner IS NOT NULL AND state = ?2"),
        (true, false) => newest_in_states(
            State::ALL.into_iter(),
            "owner = ?1 AND owner IS NOT NULL AND ?2 IS NULL AND (?3 IS NULL OR updated_at > ?3) AND count < ?4",
            "?5",
        ),
        (false, true) => newest("?1 IS NULL AND state = ?2"),
        (false, false) => newest("?1 IS NULL AND ?2 IS NULL"),
    }
}

#[async_trait]
impl OrderReads for SqliteStore {
    async fn order_record(&self, id: OrderId) -> Result<Option<OrderRecord>, ReadError> {
        match self.open_orders.get(id) {
            Some(record) => Ok(Some(record)),
            // In a box: the time limit of sqlx is aligned to a cache line, and would align the future of every caller.
            None => Box::pin(self.order_record_from_file(id)).await,
        }
    }

    async fn list_orders(&self, filter: OrderFilter) -> Result<Vec<(u64, Order)>, ReadError> {
        let listing = listing(filter.owner.is_some(), filter.state.is_some());
        let before = filter.before.and_then(|count| i64::try_from(count).ok()).unwrap_or(i64::MAX);
        let rows = sqlx::query(sqlx::AssertSqlSafe(listing))
            .bind(filter.owner.map(|owner| owner.0.to_vec()))
            .bind(filter.state.map(State::as_str))
            .bind(filter.updated_after.map(Timestamp::as_millis))
            .bind(before)
            .bind(filter.limit)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(|row| Ok((row.try_get("count")?, self.order(row)?))).collect()
    }

    async fn accepted_under(
        &self,
        idempotency: [u8; 16],
        fingerprint: [u8; 16],
    ) -> Result<Option<Accept>, ReadError> {
        let row = sqlx::query("SELECT id, fingerprint FROM orders WHERE idempotency = ?")
            .bind(idempotency.to_vec())
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let id = OrderId::from_bytes(sixteen(&row.try_get::<Vec<u8>, _>("id")?)?);
        let kept = sixteen(&row.try_get::<Vec<u8>, _>("fingerprint")?)?;
        Ok(Some(judge(&EarlierUse { order: id, fingerprint: kept }, &fingerprint)))
    }

    async fn recent_durations(&self, limit: u32) -> Result<Vec<Duration>, ReadError> {
        let millis: Vec<i64> = sqlx::query_scalar(
            "SELECT confirmed_at - created_at FROM orders WHERE confirmed_at IS NOT NULL \
             ORDER BY count DESC LIMIT ?",
        )
        .bind(limit)
        .fetch_all(&self.readers)
        .await?;
        Ok(millis.into_iter().map(|ms| Duration::from_millis(u64::try_from(ms).unwrap_or(0))).collect())
    }
}

impl SqliteStore {
    /// Returns the record of an order from the file, bypassing the cache.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(crate) async fn order_record_from_file(&self, id: OrderId) -> Result<Option<OrderRecord>, ReadError> {
        let sql = format!("SELECT {COLUMNS} FROM orders WHERE id = ?");
        let row = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(id.to_bytes().to_vec())
            .fetch_optional(&self.readers)
            .await?;
        row.map(|row| self.record(&row)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::query_plan;
    use super::super::tests::Fixture;
    use super::*;

    #[tokio::test]
    async fn each_list_of_orders_uses_its_index_and_begins_at_its_page() {
        let fixture = Fixture::new().await;
        let of_owner = "SEARCH orders USING INDEX orders_of_owner_in_state (owner=? AND state=? AND count<?)";
        for (is_of_owner, in_state, uses) in [
            (true, true, of_owner),
            (false, true, "SEARCH orders USING INDEX orders_in_state (state=? AND count<?)"),
            (false, false, "SEARCH orders USING INTEGER PRIMARY KEY (rowid<?)"),
        ] {
            assert_eq!(query_plan(&fixture.store, &listing(is_of_owner, in_state)).await, [uses]);
        }
        let merged = query_plan(&fixture.store, &listing(true, false)).await;
        let steps = |part: &str| merged.iter().filter(|step| step.contains(part)).count();
        assert_eq!(steps(of_owner), State::ALL.len(), "{merged:#?}");
        assert_eq!(steps("SCAN") + steps("TEMP B-TREE"), 0, "{merged:#?}");
    }
}

//! Reading the log, and the orders at its end.

use async_trait::async_trait;
use orders::{Order, OrderAccess, OrderId, OrderRecord, Owner, State};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::stored_order::StoredOrder;
use crate::store::{EventLog, ReadError, Snapshot, StoredEvent, Topic};

#[async_trait]
impl EventLog for SqliteStore {
    async fn head(&self) -> Result<u64, ReadError> {
        Ok(sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM order_events")
            .fetch_one(&self.readers)
            .await?)
    }

    async fn first_kept(&self) -> Result<u64, ReadError> {
        Ok(sqlx::query_scalar("SELECT coalesce(min(seq), 1) FROM order_events")
            .fetch_one(&self.readers)
            .await?)
    }

    async fn events_after(
        &self,
        topic: Topic,
        cursor: u64,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        // A cursor beyond SQLite's integers is beyond every event.
        let Ok(mut cursor) = i64::try_from(cursor) else { return Ok(Vec::new()) };
        let mut events = Vec::new();
        loop {
            let wanted = limit.saturating_sub(u32::try_from(events.len()).unwrap_or(u32::MAX));
            let rows = self.event_rows(topic, cursor, wanted).await?;
            let Some(last) = rows.last() else { return Ok(events) };
            cursor = last.try_get("seq")?;
            events.extend(self.replay(&rows).await?);
            // A page is filled up after events that cannot be read, because a short page is taken for the last one.
            if rows.len() < wanted as usize || events.len() >= limit as usize {
                return Ok(events);
            }
        }
    }

    async fn snapshot(&self, topic: Topic, limit: u32) -> Result<Snapshot, ReadError> {
        // One statement reads both, so they are consistent; the head is returned even without orders.
        const HEAD: &str = "(SELECT coalesce(max(seq), 0) FROM order_events)";
        let open = State::ALL.into_iter().filter(|state| !state.is_final());
        let (sql, bind) = match topic {
            Topic::Order(id) => {
                (format!("SELECT {COLUMNS} FROM orders WHERE id = ? LIMIT ?"), Some(id.to_bytes().to_vec()))
            }
            Topic::Owner(owner) => {
                (newest_in_states(open, "owner = ?1 AND owner IS NOT NULL", "?2"), Some(owner.0.to_vec()))
            }
            Topic::Desk => (newest_in_states(open, "true", "?1"), None),
        };
        let sql = format!("SELECT {HEAD} AS head, found.* FROM (SELECT 1) LEFT JOIN ({sql}) AS found");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        if let Some(bind) = bind {
            query = query.bind(bind);
        }
        let rows = query.bind(limit).fetch_all(&self.readers).await?;
        let mut snapshot = Snapshot { orders: Vec::with_capacity(rows.len()), head: 0 };
        for row in rows {
            snapshot.head = row.try_get("head")?;
            if row.try_get::<Option<i64>, _>("count")?.is_some() {
                snapshot.orders.push(self.order(&row)?);
            }
        }
        Ok(snapshot)
    }

    async fn access_of(&self, order: OrderId) -> Result<Option<OrderAccess>, ReadError> {
        let row = sqlx::query(
            "SELECT owner, coalesce(progress ->> '$.link_generation', 0) AS link_generation FROM orders WHERE id = ?",
        )
        .bind(order.to_bytes().to_vec())
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(OrderAccess { owner: owner(&row)?, link_generation: row.try_get("link_generation")? }))
    }
}

/// The columns that [`SqliteStore::record`] reads.
pub(super) const COLUMNS: &str = "count, id, owner, state, payment, version, created_at, updated_at, total, currency, delayed, details, progress";

/// Returns the statement for the newest orders in some states: one search of an index for each state, merged.
/// `condition` selects further, and may name parameters; `limit` is the parameter with the number of orders.
pub(super) fn newest_in_states(states: impl Iterator<Item = State>, condition: &str, limit: &str) -> String {
    let of_state = |state: State| {
        format!("SELECT {COLUMNS} FROM orders WHERE {condition} AND state = '{}'", state.as_str())
    };
    let all: Vec<String> = states.map(of_state).collect();
    format!("{} ORDER BY count DESC LIMIT {limit}", all.join(" UNION ALL "))
}

impl SqliteStore {
    /// Returns the rows of a topic's events after a cursor, ascending, at most `limit`.
    async fn event_rows(&self, topic: Topic, cursor: i64, limit: u32) -> Result<Vec<SqliteRow>, sqlx::Error> {
        let query = match topic {
            Topic::Order(id) => sqlx::query(
                "SELECT seq, order_id, owner, version, kind, at, data FROM order_events \
                 WHERE order_id = ? AND seq > ? ORDER BY version LIMIT ?",
            )
            .bind(id.to_bytes().to_vec()),
            Topic::Owner(owner) => sqlx::query(
                "SELECT seq, order_id, owner, version, kind, at, data FROM order_events \
                 WHERE owner = ? AND seq > ? ORDER BY seq LIMIT ?",
            )
            .bind(owner.0.to_vec()),
            Topic::Desk => sqlx::query(
                "SELECT seq, order_id, owner, version, kind, at, data FROM order_events \
                 WHERE seq > ? ORDER BY seq LIMIT ?",
            ),
        };
        query.bind(cursor).bind(limit).fetch_all(&self.readers).await
    }

    /// Returns the order of a row with [`COLUMNS`].
    pub(super) fn order(&self, row: &SqliteRow) -> Result<Order, ReadError> {
        Ok(self.record(row)?.order)
    }

    /// Returns the record of a row with [`COLUMNS`].
    pub(super) fn record(&self, row: &SqliteRow) -> Result<OrderRecord, ReadError> {
        let stored = StoredOrder {
            count: row.try_get("count")?,
            id: sixteen(row.try_get("id")?)?,
            owner: owner(row)?.map(|owner| owner.0),
            state: row.try_get("state")?,
            payment: row.try_get("payment")?,
            version: row.try_get("version")?,
            created_at: row.try_get("created_at")?,
            updated_at: row.try_get("updated_at")?,
            total: row.try_get("total")?,
            currency: row.try_get("currency")?,
            delayed: row.try_get("delayed")?,
            details: row.try_get("details")?,
            progress: row.try_get("progress")?,
        };
        let id = OrderId::from_bytes(stored.id);
        stored.record(&self.public_url).map_err(|wrong| ReadError(format!("{id}: {wrong}")))
    }
}

/// Parses stored JSON text.
pub(super) fn parse<'t, T: serde::Deserialize<'t>>(text: &'t str) -> Result<T, ReadError> {
    serde_json::from_str(text).map_err(|e| ReadError(e.to_string()))
}

pub(super) fn owner(row: &SqliteRow) -> Result<Option<Owner>, ReadError> {
    row.try_get::<Option<Vec<u8>>, _>("owner")?.map(|bytes| Ok(Owner(sixteen(&bytes)?))).transpose()
}

pub(super) fn thirty_two(bytes: &[u8]) -> Result<[u8; 32], ReadError> {
    bytes.try_into().map_err(|_| ReadError("a secret of another length".to_owned()))
}

pub(super) fn sixteen(bytes: &[u8]) -> Result<[u8; 16], ReadError> {
    bytes.try_into().map_err(|_| ReadError("an id of another length".to_owned()))
}

impl From<sqlx::Error> for ReadError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

//! Reading the log, and the orders at its end.

use async_trait::async_trait;
use orders::{EventType, Order, OrderAccess, OrderId, Owner, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
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
        let Ok(cursor) = i64::try_from(cursor) else { return Ok(Vec::new()) };
        let query = match topic {
            Topic::Order(id) => sqlx::query(
                "SELECT * FROM order_events WHERE order_id = ? AND seq > ? ORDER BY version LIMIT ?",
            )
            .bind(id.to_bytes().to_vec()),
            Topic::Owner(owner) => {
                sqlx::query("SELECT * FROM order_events WHERE owner = ? AND seq > ? ORDER BY seq LIMIT ?")
                    .bind(owner.0.to_vec())
            }
            Topic::Desk => sqlx::query("SELECT * FROM order_events WHERE seq > ? ORDER BY seq LIMIT ?"),
        };
        let rows = query.bind(cursor).bind(limit).fetch_all(&self.readers).await?;
        rows.iter().map(event).collect()
    }

    async fn snapshot(&self, topic: Topic, limit: u32) -> Result<Snapshot, ReadError> {
        // One statement reads both, so they are consistent; the head is returned even without orders.
        const HEAD: &str = "(SELECT coalesce(max(seq), 0) FROM order_events)";
        let (sql, bind) = match topic {
            Topic::Order(id) => {
                ("SELECT body FROM orders WHERE id = ? LIMIT ?", Some(id.to_bytes().to_vec()))
            }
            Topic::Owner(owner) => (
                "SELECT body FROM orders WHERE owner = ? AND state NOT IN ('delivered', 'cancelled') \
                 ORDER BY count DESC LIMIT ?",
                Some(owner.0.to_vec()),
            ),
            Topic::Desk => (
                "SELECT body FROM orders WHERE state NOT IN ('delivered', 'cancelled') \
                 ORDER BY count DESC LIMIT ?",
                None,
            ),
        };
        let sql = format!("SELECT {HEAD} AS head, body FROM (SELECT 1) LEFT JOIN ({sql})");
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        if let Some(bind) = bind {
            query = query.bind(bind);
        }
        let rows = query.bind(limit).fetch_all(&self.readers).await?;
        let mut snapshot = Snapshot { orders: Vec::with_capacity(rows.len()), head: 0 };
        for row in rows {
            snapshot.head = row.try_get("head")?;
            if let Some(body) = row.try_get::<Option<String>, _>("body")? {
                snapshot.orders.push(order(&body)?);
            }
        }
        Ok(snapshot)
    }

    async fn access_of(&self, order: OrderId) -> Result<Option<OrderAccess>, ReadError> {
        let row = sqlx::query(
            "SELECT owner, coalesce(json_extract(body, '$.link_generation'), 0) AS link_generation FROM orders WHERE id = ?",
        )
        .bind(order.to_bytes().to_vec())
        .fetch_optional(&self.readers)
        .await?;
        let Some(row) = row else { return Ok(None) };
        Ok(Some(OrderAccess { owner: owner(&row)?, link_generation: row.try_get("link_generation")? }))
    }
}

pub(super) fn order(body: &str) -> Result<Order, ReadError> {
    serde_json::from_str(body).map_err(|e| ReadError(e.to_string()))
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

fn event(row: &SqliteRow) -> Result<StoredEvent, ReadError> {
    let kind: String = row.try_get("kind")?;
    Ok(StoredEvent {
        sequence: row.try_get("seq")?,
        order: OrderId::from_bytes(sixteen(&row.try_get::<Vec<u8>, _>("order_id")?)?),
        owner: owner(row)?,
        kind: EventType::from_word(&kind).ok_or_else(|| ReadError(format!("an event of kind {kind}")))?,
        version: row.try_get("version")?,
        at: Timestamp::from_millis(row.try_get("at")?),
        data: row.try_get("data")?,
    })
}

impl From<sqlx::Error> for ReadError {
    fn from(error: sqlx::Error) -> Self {
        Self(error.to_string())
    }
}

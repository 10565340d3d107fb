//! API keys.

use async_trait::async_trait;
use orders::{Owner, Timestamp};
use rusqlite::params;
use sqlx::Row;

use super::SqliteStore;
use super::read::sixteen;
use crate::store::engine::Phase;
use crate::store::{ApiKey, KeyRing, KeyScope, ReadError};

#[async_trait]
impl KeyRing for SqliteStore {
    async fn find_key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, ReadError> {
        let row = sqlx::query("SELECT id, name, scope, orders_per_minute FROM api_keys WHERE hash = ?")
            .bind(hash.to_vec())
            .fetch_optional(&self.readers)
            .await?;
        let Some(row) = row else { return Ok(None) };
        let scope: String = row.try_get("scope")?;
        Ok(Some(ApiKey {
            id: Owner(sixteen(&row.try_get::<Vec<u8>, _>("id")?)?),
            name: row.try_get("name")?,
            scope: if scope == "desk" { KeyScope::Desk } else { KeyScope::Orders },
            orders_per_minute: row.try_get("orders_per_minute")?,
        }))
    }

    async fn add_key(&self, key: ApiKey, hash: [u8; 32], at: Timestamp) -> Result<(), ReadError> {
        let scope = match key.scope {
            KeyScope::Orders => "orders",
            KeyScope::Desk => "desk",
        };
        self.writer
            .call(Phase::Settle, move |transaction| {
                transaction
                    .prepare(
                        "INSERT INTO api_keys (hash, id, name, scope, orders_per_minute, created_at) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                    )?
                    .execute(params![
                        hash,
                        key.id.0,
                        key.name,
                        scope,
                        key.orders_per_minute,
                        at.as_millis()
                    ])?;
                Ok(())
            })
            .await
            .map_err(|e| ReadError(e.to_string()))
    }
}

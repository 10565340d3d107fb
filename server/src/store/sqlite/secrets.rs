//! Keeping secrets out of the file: removing those of earlier versions, and recognising the installation secret.
//!
//! Nothing in the file tells the installation secret.

use ::orders::Timestamp;
use async_trait::async_trait;
use queue::StoreError;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::SqliteStore;
use super::checkpoint::{BUSY_TIMEOUT, READER_TIMEOUT};
use super::read::thirty_two;
use crate::store::engine::Phase;
use crate::store::{Installation, KeptSecrets, ReadError, Recognised};

#[async_trait]
impl Installation for SqliteStore {
    async fn kept_secrets(&self) -> Result<Option<KeptSecrets>, ReadError> {
        let kept: i64 = sqlx::query_scalar("SELECT count(*) FROM secrets").fetch_one(&self.readers).await?;
        if kept == 0 {
            return Ok(None);
        }
        let secret: Option<Vec<u8>> = sqlx::query_scalar("SELECT value FROM secrets WHERE name = 'tracking'")
            .fetch_optional(&self.readers)
            .await?;
        let last: Option<i64> =
            sqlx::query_scalar("SELECT max(created_at) FROM orders").fetch_one(&self.readers).await?;
        let links = match (secret, last) {
            (Some(secret), Some(last)) => Some((thirty_two(&secret)?, Timestamp::from_millis(last))),
            _ => None,
        };
        Ok(Some(KeptSecrets { links }))
    }

    async fn erase_secrets(&self) -> Result<bool, StoreError> {
        let path = self.path.clone();
        let failed = |error: String| StoreError::Unavailable(error);
        let erased = tokio::task::spawn_blocking(move || {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            erase(&Connection::open_with_flags(path, flags)?)
        });
        erased.await.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))
    }

    async fn recognise_secret(&self, fingerprint: [u8; 32]) -> Result<Recognised, StoreError> {
        self.writer
            .call(Phase::Settle, move |transaction| {
                let before: Option<[u8; 32]> = transaction
                    .prepare("SELECT secret_fingerprint FROM installation")?
                    .query_row([], |row| row.get(0))
                    .optional()?;
                if before == Some(fingerprint) {
                    return Ok(Recognised::Same);
                }
                transaction
                    .prepare("INSERT OR REPLACE INTO installation (one, secret_fingerprint) VALUES (1, ?1)")?
                    .execute([fingerprint])?;
                let links = transaction.prepare("SELECT 1 FROM orders LIMIT 1")?.exists([])?;
                Ok(if before.is_some() && links { Recognised::Another } else { Recognised::Same })
            })
            .await
    }
}

fn erase(connection: &Connection) -> rusqlite::Result<bool> {
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The pragma returns the setting that is in effect.
    let overwrites: i64 = connection.query_row("PRAGMA secure_delete = ON", [], |row| row.get(0))?;
    debug_assert_eq!(overwrites, 1);
    connection.execute("DELETE FROM secrets", [])?;
    // A longer reader is not waited for: the writer checkpoints again when it is idle.
    connection.busy_timeout(READER_TIMEOUT)?;
    let in_the_way: i64 = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(in_the_way == 0)
}

#[cfg(test)]
#[path = "secrets_tests.rs"]
mod tests;

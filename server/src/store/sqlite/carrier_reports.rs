//! The table of the carrier's events that were applied.

use ::orders::Timestamp;
use ::orders::carrier_event::CarrierReport;
use async_trait::async_trait;
use rusqlite::{OptionalExtension, params};

use super::SqliteStore;
use super::transaction::SqliteTransaction;
use crate::store::{CarrierReports, ReadError};

/// How long ids of events are kept. A later repetition changes nothing either, because the order has moved on.
const KEPT_MILLIS: i64 = 30 * 24 * 60 * 60 * 1_000;

#[async_trait]
impl CarrierReports for SqliteStore {
    async fn has_report(&self, id: &str) -> Result<bool, ReadError> {
        let found: Option<i64> = sqlx::query_scalar("SELECT seq FROM carrier_reports WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.readers)
            .await?;
        Ok(found.is_some())
    }
}

pub(super) fn is_known(transaction: &SqliteTransaction<'_>, id: &str) -> rusqlite::Result<bool> {
    let found: Option<i64> = transaction
        .prepare("SELECT seq FROM carrier_reports WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

pub(super) fn keep(
    transaction: &SqliteTransaction<'_>,
    id: &str,
    report: &CarrierReport,
    now: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare(
            "INSERT INTO carrier_reports (id, order_id, kind, happened_at, received_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![
            id,
            report.data.order_id.to_bytes(),
            report.kind.as_str(),
            report.timestamp.as_millis(),
            now.as_millis(),
        ])?;
    // Two old ones are deleted for each new one, so old ones disappear soon and never in large batches.
    transaction
        .prepare(
            "DELETE FROM carrier_reports WHERE seq IN (SELECT seq FROM carrier_reports ORDER BY seq LIMIT 2) \
             AND received_at < ?1",
        )?
        .execute([now.as_millis() - KEPT_MILLIS])?;
    Ok(())
}

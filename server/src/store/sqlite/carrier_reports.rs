//! Events of the carrier: each is applied once, with its change of the order.

use ::orders::Timestamp;
use ::orders::carrier_event::CarrierReport;
use ::queue::{NewJob, StoreError};
use rusqlite::{OptionalExtension, params};

use super::change::{Changed, write_guarded};
use super::transaction::Transaction;
use super::{Phase, SqliteStore};
use crate::store::ReadError;
use crate::store::change::Change;

/// How long ids of events are kept. A later repetition changes nothing either, because the order has moved on.
const KEPT_MILLIS: i64 = 30 * 24 * 60 * 60 * 1_000;

/// The result of applying an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reported {
    /// It is applied, with its change of the order, if any.
    Taken,
    /// It was applied before.
    Known,
    /// Nothing was written: the order has changed since the event was evaluated.
    Moved,
}

impl SqliteStore {
    /// Applies an event once, with its change of the order.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn take_report(
        &self,
        id: String,
        report: CarrierReport,
        change: Option<(Change, Option<NewJob>)>,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        self.write(Phase::Settle, move |transaction| {
            if is_known(transaction, &id)? {
                return Ok(Reported::Known);
            }
            if let Some((change, job)) = &change
                && write_guarded(transaction, change, job.as_ref())? != Changed::Done
            {
                return Ok(Reported::Moved);
            }
            keep(transaction, &id, &report, now)?;
            Ok(Reported::Taken)
        })
        .await
    }

    /// Whether an event with this id was applied.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn has_report(&self, id: &str) -> Result<bool, ReadError> {
        let found: Option<i64> = sqlx::query_scalar("SELECT seq FROM carrier_reports WHERE id = ?")
            .bind(id)
            .fetch_optional(&self.readers)
            .await?;
        Ok(found.is_some())
    }
}

fn is_known(transaction: &Transaction<'_>, id: &str) -> rusqlite::Result<bool> {
    let found: Option<i64> = transaction
        .prepare("SELECT seq FROM carrier_reports WHERE id = ?1")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

fn keep(
    transaction: &Transaction<'_>,
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

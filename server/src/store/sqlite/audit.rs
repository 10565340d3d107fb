//! The audit of operators' actions.

use ::orders::Timestamp;
use ::orders::desk::{Act, AuditEntry, AuditRecord, Operator, Outcome};
use async_trait::async_trait;
use rusqlite::params;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::transaction::SqliteTransaction;
use crate::store::{Audit, AuditFilter, ReadError};

#[async_trait]
impl Audit for SqliteStore {
    async fn entries(&self, filter: AuditFilter) -> Result<Vec<AuditRecord>, ReadError> {
        // Two statements, because one with an optional subject could not use its index.
        let of_one = "SELECT * FROM audit WHERE subject = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3";
        let of_all = "SELECT * FROM audit WHERE ?1 IS NULL AND id < ?2 ORDER BY id DESC LIMIT ?3";
        let rows = sqlx::query(if filter.subject.is_some() { of_one } else { of_all })
            .bind(filter.subject)
            .bind(filter.before.unwrap_or(i64::MAX))
            .bind(filter.limit)
            .fetch_all(&self.readers)
            .await?;
        rows.iter().map(audited).collect()
    }
}

/// Writes an entry in the transaction of its action.
pub(super) fn write(transaction: &SqliteTransaction<'_>, entry: &AuditEntry) -> rusqlite::Result<()> {
    transaction
        .prepare(
            "INSERT INTO audit (at, who, name, act, subject, outcome, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )?
        .execute(params![
            entry.at.as_millis(),
            entry.who.id,
            entry.who.name,
            entry.act.as_str(),
            entry.subject,
            entry.outcome.as_str(),
            entry.detail,
        ])?;
    Ok(())
}

fn audited(row: &SqliteRow) -> Result<AuditRecord, ReadError> {
    let (act, outcome): (String, String) = (row.try_get("act")?, row.try_get("outcome")?);
    let entry = AuditEntry {
        at: Timestamp::from_millis(row.try_get("at")?),
        who: Operator { id: row.try_get("who")?, name: row.try_get("name")? },
        act: Act::from_word(&act).ok_or_else(|| ReadError(format!("an act called {act}")))?,
        subject: row.try_get("subject")?,
        outcome: Outcome::from_word(&outcome)
            .ok_or_else(|| ReadError(format!("an outcome called {outcome}")))?,
        detail: row.try_get("detail")?,
    };
    Ok(AuditRecord { id: row.try_get("id")?, entry })
}

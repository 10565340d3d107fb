//! Operations on a whole queue.

use queue::{Hint, JobState, QueueName, QueueStatus, Timestamp};
use rusqlite::params;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqlitePool};

use super::transaction::SqliteTransaction;

/// The live and quarantined jobs of each queue at a time (?1). One statement, so that the numbers are consistent; the
/// rows of a queue are adjacent.
pub(super) const STATUSES: &str = "\
    SELECT name, paused_at IS NOT NULL AS paused, NULL AS state, 0 AS due, 0 AS jobs, NULL AS oldest FROM queues \
    UNION ALL \
    SELECT queue, 0, 'available', 1, count(*), min(run_at) FROM jobs WHERE place IS NOT NULL GROUP BY queue \
    UNION ALL \
    SELECT queue, 0, 'available', run_at <= ?1, count(*), min(run_at) FROM jobs \
    WHERE state = 'available' AND place IS NULL GROUP BY queue, run_at <= ?1 \
    UNION ALL \
    SELECT queue, 0, 'running', 0, count(*), NULL FROM jobs WHERE state = 'running' GROUP BY queue \
    UNION ALL \
    SELECT queue, 0, 'quarantined', 0, count(*), NULL FROM jobs WHERE state = 'quarantined' GROUP BY queue \
    ORDER BY 1";

/// Pauses a queue since a time, or resumes it. Returns whether this changed anything.
pub(super) fn set_paused_at(
    transaction: &SqliteTransaction<'_>,
    queue: &QueueName,
    paused_at: Option<Timestamp>,
) -> rusqlite::Result<bool> {
    let changed = match paused_at {
        Some(at) => transaction
            .prepare(
                "INSERT INTO queues (name, paused_at) VALUES (?1, ?2) \
                 ON CONFLICT (name) DO UPDATE SET paused_at = ?2 WHERE paused_at IS NULL",
            )?
            .execute(params![queue.as_str(), at.as_millis()])?,
        None => transaction
            .prepare("UPDATE queues SET paused_at = NULL WHERE name = ?1 AND paused_at IS NOT NULL")?
            .execute([queue.as_str()])?,
    };
    Ok(changed == 1)
}

/// Makes scheduled jobs due now, the earliest first. Returns how many.
pub(super) fn bring_forward(
    transaction: &mut SqliteTransaction<'_>,
    queue: &QueueName,
    now: Timestamp,
    limit: u32,
) -> rusqlite::Result<u64> {
    let brought = transaction
        .prepare(
            "UPDATE jobs SET run_at = ?2 WHERE id IN (SELECT id FROM jobs WHERE queue = ?1 AND state = 'available' \
             AND place IS NULL AND run_at > ?2 ORDER BY run_at, id LIMIT ?3)",
        )?
        .execute(params![queue.as_str(), now.as_millis(), limit])?;
    if brought > 0 {
        transaction.after_commit.wake(queue, Hint::READY);
    }
    Ok(brought as u64)
}

/// Returns every queue with its live and quarantined jobs. Finished jobs are not read.
pub(super) async fn statuses(readers: &SqlitePool, now: Timestamp) -> Result<Vec<QueueStatus>, sqlx::Error> {
    let rows = sqlx::query(STATUSES).bind(now.as_millis()).fetch_all(readers).await?;
    let mut statuses: Vec<QueueStatus> = Vec::new();
    for row in rows {
        let name = QueueName::from(row.try_get::<String, _>("name")?);
        match statuses.last_mut() {
            Some(status) if status.name == name => add(status, &row)?,
            _ => {
                let mut status = QueueStatus::empty(name);
                add(&mut status, &row)?;
                statuses.push(status);
            }
        }
    }
    Ok(statuses)
}

fn add(status: &mut QueueStatus, row: &SqliteRow) -> Result<(), sqlx::Error> {
    let jobs: u64 = row.try_get("jobs")?;
    let state = row.try_get::<Option<String>, _>("state")?;
    match state.as_deref().and_then(JobState::parse) {
        Some(JobState::Available) if row.try_get("due")? => {
            let oldest: Option<i64> = row.try_get("oldest")?;
            let oldest = oldest.map(Timestamp::from_millis);
            status.oldest_due = status.oldest_due.into_iter().chain(oldest).min();
            status.due += jobs;
        }
        Some(JobState::Available) => status.scheduled += jobs,
        Some(JobState::Running) => status.running += jobs,
        Some(JobState::Quarantined) => status.quarantined += jobs,
        Some(JobState::Completed | JobState::Discarded) | None => {}
    }
    status.paused |= row.try_get::<bool, _>("paused")?;
    Ok(())
}

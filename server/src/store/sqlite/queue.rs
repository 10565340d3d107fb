//! [`queue::Store`] on SQLite.

use std::sync::Arc;
use std::time::Duration;

use queue::{
    Claim, Enqueued, Intervention, Job, JobFilter, JobId, JobState, Lease, Leased, NewJob, QueueName,
    QueueStatus, Settled, Settlement, Store, StoreError, Timestamp, WorkerId,
};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{SqliteStore, fair_share, jobs, queues};
use crate::platform::failpoint::{self, Point};
use crate::store::change::Change;
use crate::store::commands::{self, settle::settle};
use crate::store::engine::Phase;

impl Store for SqliteStore {
    type Effect = Change;

    async fn enqueue(&self, new: Vec<NewJob>, now: Timestamp) -> Result<Vec<Enqueued>, StoreError> {
        self.writer
            .call(Phase::Settle, move |transaction| {
                new.iter().map(|job| commands::jobs::enqueue(transaction, job, now)).collect()
            })
            .await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Leased>, StoreError> {
        failpoint::reach(Point::BeforeClaim).await;
        let claimed =
            self.writer.call(Phase::Claim, move |transaction| Ok(jobs::claim(transaction, &claim)?)).await;
        failpoint::reach(Point::AfterClaim).await;
        claimed
    }

    async fn heartbeat(
        &self,
        leases: &[Lease],
        now: Timestamp,
        lease_for: Duration,
    ) -> Result<Vec<Lease>, StoreError> {
        let (leases, expires_at) = (leases.to_vec(), now + lease_for);
        self.writer
            .call(Phase::Settle, move |transaction| {
                let mut held = Vec::with_capacity(leases.len());
                for lease in &leases {
                    held.extend(jobs::renew(transaction, lease, expires_at)?);
                }
                Ok(held)
            })
            .await
    }

    async fn settle(&self, settlement: Settlement<Change>) -> Result<Settled<Change>, StoreError> {
        let Settlement { lease, now, outcome, effect, next } = settlement;
        let effect = effect.map(Arc::new);
        let to_write = effect.clone();
        failpoint::reach(Point::BeforeSettle).await;
        let settled = self
            .writer
            .call(Phase::Settle, move |transaction| {
                settle(transaction, &lease, &outcome, to_write.as_deref(), &next, now)
            })
            .await?;
        failpoint::reach(Point::AfterSettle).await;
        if settled == commands::Settled::Done
            && let Some((work, result)) = effect.as_ref().and_then(|effect| effect.computed_from.as_ref())
        {
            self.metrics.steps.count(*work, result);
        }
        Ok(match (settled, effect) {
            (commands::Settled::Refused(refusal), Some(effect)) => {
                let effect = Arc::unwrap_or_clone(effect);
                Settled::Refused(Change { refusal: Some(refusal), ..effect })
            }
            (commands::Settled::LeaseLost, _) => Settled::LeaseLost,
            _ => Settled::Done,
        })
    }

    async fn rescue(&self, now: Timestamp) -> Result<u64, StoreError> {
        let rescued = self
            .writer
            .call(Phase::Settle, move |transaction| commands::jobs::rescue(transaction, None, now))
            .await?;
        self.metrics.queue.rescued.inc_by(rescued);
        Ok(rescued)
    }

    async fn rescue_worker(&self, worker: &WorkerId, now: Timestamp) -> Result<u64, StoreError> {
        let worker = worker.clone();
        let rescued = self
            .writer
            .call(Phase::Settle, move |transaction| commands::jobs::rescue(transaction, Some(&worker), now))
            .await?;
        self.metrics.queue.rescued.inc_by(rescued);
        Ok(rescued)
    }

    async fn next_due(&self, queue: &QueueName) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> = sqlx::query_scalar(fair_share::NEXT_DUE)
            .bind(queue.as_str())
            .fetch_one(&self.readers)
            .await
            .map_err(unreadable)?;
        Ok(due.map(Timestamp::from_millis))
    }

    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let row = sqlx::query("SELECT * FROM jobs WHERE id = ?")
            .bind(id.0)
            .fetch_optional(&self.readers)
            .await
            .map_err(unreadable)?;
        row.map(|row| job(&row).map_err(unreadable)).transpose()
    }

    async fn list(&self, filter: JobFilter) -> Result<Vec<Job>, StoreError> {
        let rows = sqlx::query(sqlx::AssertSqlSafe(listing(filter.state)))
            .bind(filter.queue.as_ref().map(QueueName::as_str))
            .bind(filter.before.map(|id| id.0))
            .bind(filter.limit)
            .fetch_all(&self.readers)
            .await
            .map_err(unreadable)?;
        rows.iter().map(|row| job(row).map_err(unreadable)).collect()
    }

    async fn retry(&self, id: JobId, now: Timestamp) -> Result<Intervention, StoreError> {
        self.writer.call(Phase::Settle, move |transaction| commands::jobs::retry(transaction, id, now)).await
    }

    async fn discard(&self, id: JobId, now: Timestamp) -> Result<Intervention, StoreError> {
        self.writer
            .call(Phase::Settle, move |transaction| commands::jobs::discard(transaction, id, now))
            .await
    }

    async fn prune(&self, finished_before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.writer
            .call(Phase::Claim, move |transaction| Ok(jobs::prune(transaction, finished_before, limit)?))
            .await
    }

    async fn bring_forward(&self, queue: &QueueName, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let queue = queue.clone();
        self.writer
            .call(Phase::Settle, move |transaction| {
                Ok(queues::bring_forward(transaction, &queue, now, limit)?)
            })
            .await
    }

    async fn pause(&self, queue: &QueueName, now: Timestamp) -> Result<bool, StoreError> {
        let queue = queue.clone();
        self.writer
            .call(Phase::Settle, move |transaction| commands::jobs::pause(transaction, &queue, now))
            .await
    }

    async fn resume(&self, queue: &QueueName, _now: Timestamp) -> Result<bool, StoreError> {
        let queue = queue.clone();
        self.writer.call(Phase::Settle, move |transaction| commands::jobs::resume(transaction, &queue)).await
    }

    async fn queues(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError> {
        queues::statuses(&self.readers, now).await.map_err(unreadable)
    }
}

/// Returns the statement that lists the jobs of a state, of a queue (?1) and before an id (?2) if given. The state is
/// part of the text, because each index covers one state: few jobs are live or quarantined, and very many are
/// completed.
pub(super) fn listing(state: Option<JobState>) -> String {
    let of = match state {
        None => "true",
        Some(JobState::Available) => {
            "id IN (SELECT id FROM jobs WHERE place IS NOT NULL \
             UNION ALL SELECT id FROM jobs WHERE state = 'available' AND place IS NULL)"
        }
        Some(JobState::Running) => "id IN (SELECT id FROM jobs WHERE state = 'running')",
        Some(JobState::Quarantined) => "id IN (SELECT id FROM jobs WHERE state = 'quarantined')",
        Some(JobState::Discarded) => "id IN (SELECT id FROM jobs WHERE state = 'discarded')",
        Some(JobState::Completed) => "state = 'completed'",
    };
    format!(
        "SELECT * FROM jobs WHERE {of} AND (?1 IS NULL OR queue = ?1) AND (?2 IS NULL OR id < ?2) \
         ORDER BY id DESC LIMIT ?3"
    )
}

fn unreadable(reason: sqlx::Error) -> StoreError {
    StoreError::Unavailable(reason.to_string())
}

fn job(row: &SqliteRow) -> Result<Job, sqlx::Error> {
    let word: String = row.try_get("state")?;
    let state = JobState::parse(&word).ok_or_else(|| sqlx::Error::Decode(word.into()))?;
    Ok(Job {
        id: JobId(row.try_get("id")?),
        queue: row.try_get::<String, _>("queue")?.into(),
        kind: row.try_get::<String, _>("kind")?.into(),
        exclusive_key: row.try_get("exclusive_key")?,
        fairness_key: row.try_get("fairness_key")?,
        payload: row.try_get("payload")?,
        state,
        attempts: row.try_get("attempts")?,
        max_attempts: row.try_get("max_attempts")?,
        run_at: Timestamp::from_millis(row.try_get("run_at")?),
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Timestamp::from_millis),
        last_error: row.try_get("last_error")?,
    })
}

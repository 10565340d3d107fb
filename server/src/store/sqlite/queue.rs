//! [`queue::Store`] on SQLite.

use std::sync::Arc;
use std::time::Duration;

use queue::{
    Claim, Enqueued, Intervention, Job, JobFilter, JobId, JobState, Lease, Leased, NewJob, QueueName,
    QueueStatus, Settled, Settlement, Store, StoreError, Timestamp, WorkerId,
};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::{Phase, SqliteStore, change, fair_share, jobs, queues};
use crate::platform::failpoint::{self, Point};
use crate::store::change::{Change, Refusal};

/// The result of a settlement, inside the writer.
enum Ended {
    Done,
    LeaseLost,
    Refused(Refusal),
}

impl Store for SqliteStore {
    type Effect = Change;

    async fn enqueue(&self, new: Vec<NewJob>, now: Timestamp) -> Result<Vec<Enqueued>, StoreError> {
        self.write(Phase::Settle, move |transaction| {
            new.iter().map(|job| jobs::enqueue(transaction, job, now.as_millis())).collect()
        })
        .await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Leased>, StoreError> {
        failpoint::reach(Point::BeforeClaim).await;
        let claimed = self.write(Phase::Claim, move |transaction| jobs::claim(transaction, &claim)).await;
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
        self.write(Phase::Settle, move |transaction| {
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
        let ended = self
            .write(Phase::Settle, move |transaction| {
                if !jobs::is_held(transaction, &lease)? {
                    return Ok(Ended::LeaseLost);
                }
                let before = match &to_write {
                    Some(effect) => match change::judge(transaction, effect)? {
                        Ok(before) => Some((effect, before)),
                        Err(refusal) => return Ok(Ended::Refused(refusal)),
                    },
                    None => None,
                };
                jobs::end_attempt(transaction, &lease, &outcome, now)?;
                if let Some((effect, before)) = before {
                    change::write(transaction, effect, before)?;
                }
                for job in &next {
                    jobs::enqueue(transaction, job, now.as_millis())?;
                }
                Ok(Ended::Done)
            })
            .await?;
        failpoint::reach(Point::AfterSettle).await;
        if matches!(ended, Ended::Done)
            && let Some((work, result)) = effect.as_ref().and_then(|effect| effect.computed_from.as_ref())
        {
            self.metrics.steps.count(*work, result);
        }
        Ok(match (ended, effect) {
            (Ended::Refused(refusal), Some(effect)) => {
                let effect = Arc::unwrap_or_clone(effect);
                Settled::Refused(Change { refusal: Some(refusal), ..effect })
            }
            (Ended::LeaseLost, _) => Settled::LeaseLost,
            _ => Settled::Done,
        })
    }

    async fn rescue(&self, now: Timestamp) -> Result<u64, StoreError> {
        let rescued =
            self.write(Phase::Settle, move |transaction| jobs::rescue(transaction, None, now)).await?;
        self.metrics.queue.rescued.inc_by(rescued);
        Ok(rescued)
    }

    async fn rescue_worker(&self, worker: &WorkerId, now: Timestamp) -> Result<u64, StoreError> {
        let worker = worker.clone();
        let rescued = self
            .write(Phase::Settle, move |transaction| jobs::rescue(transaction, Some(&worker), now))
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
        self.write(Phase::Settle, move |transaction| jobs::retry(transaction, id, now)).await
    }

    async fn discard(&self, id: JobId, now: Timestamp) -> Result<Intervention, StoreError> {
        self.write(Phase::Settle, move |transaction| jobs::discard(transaction, id, now)).await
    }

    async fn prune(&self, finished_before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.write(Phase::Claim, move |transaction| jobs::prune(transaction, finished_before, limit)).await
    }

    async fn bring_forward(&self, queue: &QueueName, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let queue = queue.clone();
        self.write(Phase::Settle, move |transaction| queues::bring_forward(transaction, &queue, now, limit))
            .await
    }

    async fn pause(&self, queue: &QueueName, now: Timestamp) -> Result<bool, StoreError> {
        let queue = queue.clone();
        self.write(Phase::Settle, move |transaction| queues::pause(transaction, &queue, now)).await
    }

    async fn resume(&self, queue: &QueueName, _now: Timestamp) -> Result<bool, StoreError> {
        let queue = queue.clone();
        self.write(Phase::Settle, move |transaction| queues::resume(transaction, &queue)).await
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

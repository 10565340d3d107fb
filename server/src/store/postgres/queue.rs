//! [`queue::Store`] on PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use ::queue::{
    Claim, Enqueued, Fence, Hint, Intervention, Job, JobFilter, JobId, JobState, Lease, Leased, NewJob,
    QueueName, QueueStatus, Settled, Settlement, Store, StoreError, Timestamp, WorkerId,
};
use sqlx::Row as _;
use sqlx::postgres::PgRow;

use super::PostgresStore;
use super::load::{job_state, whole};
use crate::platform::failpoint::{self, Point};
use crate::store::change::Change;
use crate::store::commands::{self, settle::settle};

/// The earliest `run_at` of what waits in a queue that is not paused.
const NEXT_DUE: &str = "\
    SELECT min(run_at) FROM ( \
        (SELECT run_at FROM jobs WHERE queue = $1 AND place IS NOT NULL ORDER BY place, run_at, id LIMIT 256) \
        UNION ALL \
        (SELECT run_at FROM jobs WHERE queue = $1 AND state = 'available' AND place IS NULL ORDER BY run_at, id LIMIT 1)) AS w \
    WHERE NOT EXISTS (SELECT 1 FROM queues WHERE name = $1 AND paused_at IS NOT NULL)";

/// The live and quarantined jobs of each queue at a time ($1).
const STATUSES: &str = "\
    SELECT name, paused_at IS NOT NULL AS paused, NULL AS state, false AS due, 0::bigint AS jobs, NULL::bigint AS oldest \
    FROM queues UNION ALL \
    SELECT queue, false, state, state = 'available' AND (place IS NOT NULL OR run_at <= $1), count(*), min(run_at) FROM jobs \
    GROUP BY queue, state, state = 'available' AND (place IS NOT NULL OR run_at <= $1) \
    ORDER BY 1";

const COLUMNS: &str = "id, queue, kind, exclusive_key, fairness_key, payload, state, attempts, max_attempts, run_at, created_at, ended_at, last_error";

impl Store for PostgresStore {
    type Effect = Change;

    async fn enqueue(&self, new: Vec<NewJob>, now: Timestamp) -> Result<Vec<Enqueued>, StoreError> {
        self.settling
            .call(move |transaction| {
                new.iter().map(|job| commands::jobs::enqueue(transaction, job, now)).collect()
            })
            .await
    }

    async fn claim(&self, claim: Claim) -> Result<Vec<Leased>, StoreError> {
        failpoint::reach(Point::BeforeClaim).await;
        let expires_at = claim.now + claim.lease_for;
        let rows = sqlx::query("SELECT * FROM docket_claim_v1($1, $2, $3, $4, $5)")
            .bind(claim.queue.as_str())
            .bind(claim.worker.as_str())
            .bind(i32::try_from(claim.limit).unwrap_or(i32::MAX))
            .bind(claim.now.as_millis())
            .bind(expires_at.as_millis())
            .fetch_all(&self.pool)
            .await
            .map_err(unavailable)?;
        failpoint::reach(Point::AfterClaim).await;
        rows.iter().map(|row| leased(row, expires_at).map_err(unavailable)).collect()
    }

    async fn heartbeat(
        &self,
        leases: &[Lease],
        now: Timestamp,
        lease_for: Duration,
    ) -> Result<Vec<Lease>, StoreError> {
        let expires_at = now + lease_for;
        let (ids, fences): (Vec<i64>, Vec<i64>) =
            leases.iter().map(|lease| (lease.job.0, lease.fence.0)).unzip();
        let rows: Vec<(i64, i64)> = sqlx::query_as(
            "UPDATE jobs AS j SET expires_at = $3 FROM unnest($1::bigint[], $2::bigint[]) AS r (id, fence) \
             WHERE j.id = r.id AND j.fence = r.fence AND j.state = 'running' RETURNING j.id, j.fence",
        )
        .bind(ids)
        .bind(fences)
        .bind(expires_at.as_millis())
        .fetch_all(&self.pool)
        .await
        .map_err(unavailable)?;
        let is_held = |lease: &&Lease| rows.contains(&(lease.job.0, lease.fence.0));
        Ok(leases.iter().filter(is_held).map(|lease| Lease { expires_at, ..*lease }).collect())
    }

    async fn settle(&self, settlement: Settlement<Change>) -> Result<Settled<Change>, StoreError> {
        let Settlement { lease, now, outcome, effect, next } = settlement;
        let effect = effect.map(Arc::new);
        let to_write = effect.clone();
        failpoint::reach(Point::BeforeSettle).await;
        let settled = self
            .settling
            .call(move |transaction| settle(transaction, &lease, &outcome, to_write.as_deref(), &next, now))
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
        let rescued =
            self.settling.call(move |transaction| commands::jobs::rescue(transaction, None, now)).await?;
        self.metrics.queue.rescued.inc_by(rescued);
        Ok(rescued)
    }

    async fn rescue_worker(&self, worker: &WorkerId, now: Timestamp) -> Result<u64, StoreError> {
        let worker = worker.clone();
        let rescued = self
            .settling
            .call(move |transaction| commands::jobs::rescue(transaction, Some(&worker), now))
            .await?;
        self.metrics.queue.rescued.inc_by(rescued);
        Ok(rescued)
    }

    async fn next_due(&self, queue: &QueueName) -> Result<Option<Timestamp>, StoreError> {
        let due: Option<i64> = sqlx::query_scalar(NEXT_DUE)
            .bind(queue.as_str())
            .fetch_one(&self.pool)
            .await
            .map_err(unavailable)?;
        Ok(due.map(Timestamp::from_millis))
    }

    async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM jobs WHERE id = $1 UNION ALL SELECT {COLUMNS} FROM finished_jobs WHERE id = $1"
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.0).fetch_optional(&self.pool).await;
        row.map_err(unavailable)?.map(|row| job(&row).map_err(unavailable)).transpose()
    }

    async fn list(&self, filter: JobFilter) -> Result<Vec<Job>, StoreError> {
        let newest = |table: &str| {
            format!(
                "(SELECT {COLUMNS} FROM {table} WHERE ($1::text IS NULL OR state = $1) AND ($2::text IS NULL OR queue = $2) \
                 AND ($3::bigint IS NULL OR id < $3) ORDER BY id DESC LIMIT $4)"
            )
        };
        let sql =
            format!("{} UNION ALL {} ORDER BY id DESC LIMIT $4", newest("jobs"), newest("finished_jobs"));
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(filter.state.map(JobState::as_str))
            .bind(filter.queue.as_ref().map(QueueName::as_str))
            .bind(filter.before.map(|id| id.0))
            .bind(i64::from(filter.limit))
            .fetch_all(&self.pool)
            .await
            .map_err(unavailable)?;
        rows.iter().map(|row| job(row).map_err(unavailable)).collect()
    }

    async fn retry(&self, id: JobId, now: Timestamp) -> Result<Intervention, StoreError> {
        self.settling.call(move |transaction| commands::jobs::retry(transaction, id, now)).await
    }

    async fn discard(&self, id: JobId, now: Timestamp) -> Result<Intervention, StoreError> {
        self.settling.call(move |transaction| commands::jobs::discard(transaction, id, now)).await
    }

    async fn prune(&self, finished_before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let deleted = sqlx::query(
            "DELETE FROM finished_jobs WHERE id IN (SELECT id FROM finished_jobs WHERE ended_at < $1 \
             ORDER BY ended_at LIMIT $2 FOR UPDATE SKIP LOCKED)",
        )
        .bind(finished_before.as_millis())
        .bind(i64::from(limit))
        .execute(&self.pool)
        .await
        .map_err(unavailable)?;
        Ok(deleted.rows_affected())
    }

    async fn bring_forward(&self, queue: &QueueName, now: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let brought = sqlx::query(
            "UPDATE jobs SET run_at = $2 WHERE id IN (SELECT id FROM jobs WHERE queue = $1 AND state = 'available' \
             AND place IS NULL AND run_at > $2 ORDER BY run_at, id LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED)",
        )
        .bind(queue.as_str())
        .bind(now.as_millis())
        .bind(i64::from(limit))
        .execute(&self.pool)
        .await
        .map_err(unavailable)?;
        if brought.rows_affected() > 0 {
            self.wakeup.tell(queue, Hint::READY);
        }
        Ok(brought.rows_affected())
    }

    async fn pause(&self, queue: &QueueName, now: Timestamp) -> Result<bool, StoreError> {
        let queue = queue.clone();
        self.settling.call(move |transaction| commands::jobs::pause(transaction, &queue, now)).await
    }

    async fn resume(&self, queue: &QueueName, _now: Timestamp) -> Result<bool, StoreError> {
        let queue = queue.clone();
        self.settling.call(move |transaction| commands::jobs::resume(transaction, &queue)).await
    }

    async fn queues(&self, now: Timestamp) -> Result<Vec<QueueStatus>, StoreError> {
        let rows =
            sqlx::query(STATUSES).bind(now.as_millis()).fetch_all(&self.pool).await.map_err(unavailable)?;
        let mut statuses: Vec<QueueStatus> = Vec::new();
        for row in rows {
            add(&mut statuses, &row).map_err(unavailable)?;
        }
        Ok(statuses)
    }
}

fn add(statuses: &mut Vec<QueueStatus>, row: &PgRow) -> Result<(), sqlx::Error> {
    let name = QueueName::from(row.try_get::<String, _>("name")?);
    if statuses.last().is_none_or(|status| status.name != name) {
        statuses.push(QueueStatus::empty(name));
    }
    let Some(status) = statuses.last_mut() else { return Ok(()) };
    let jobs = u64::try_from(row.try_get::<i64, _>("jobs")?).unwrap_or(0);
    let state: Option<String> = row.try_get("state")?;
    match state.as_deref().and_then(JobState::parse) {
        Some(JobState::Available) if row.try_get("due")? => {
            let oldest: Option<i64> = row.try_get("oldest")?;
            status.oldest_due = oldest.map(Timestamp::from_millis);
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

fn leased(row: &PgRow, expires_at: Timestamp) -> Result<Leased, sqlx::Error> {
    let job = Job {
        id: JobId(row.try_get("id")?),
        queue: row.try_get::<String, _>("queue")?.into(),
        kind: row.try_get::<String, _>("kind")?.into(),
        exclusive_key: row.try_get("exclusive_key")?,
        fairness_key: row.try_get("fairness_key")?,
        payload: row.try_get("payload")?,
        state: JobState::Running,
        attempts: whole(row, "attempts")?,
        max_attempts: whole(row, "max_attempts")?,
        run_at: Timestamp::from_millis(row.try_get("run_at")?),
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        ended_at: None,
        last_error: row.try_get("last_error")?,
    };
    let lease = Lease { job: job.id, fence: Fence(row.try_get("fence")?), expires_at };
    Ok(Leased { job, lease })
}

fn job(row: &PgRow) -> Result<Job, sqlx::Error> {
    Ok(Job {
        id: JobId(row.try_get("id")?),
        queue: row.try_get::<String, _>("queue")?.into(),
        kind: row.try_get::<String, _>("kind")?.into(),
        exclusive_key: row.try_get("exclusive_key")?,
        fairness_key: row.try_get("fairness_key")?,
        payload: row.try_get("payload")?,
        state: job_state(row)?,
        attempts: whole(row, "attempts")?,
        max_attempts: whole(row, "max_attempts")?,
        run_at: Timestamp::from_millis(row.try_get("run_at")?),
        created_at: Timestamp::from_millis(row.try_get("created_at")?),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Timestamp::from_millis),
        last_error: row.try_get("last_error")?,
    })
}

fn unavailable(reason: sqlx::Error) -> StoreError {
    StoreError::Unavailable(reason.to_string())
}

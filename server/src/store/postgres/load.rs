//! Reading the rows that commands need.

use std::collections::BTreeSet;

use ::orders::{OrderId, Owner, State, Timestamp};
use ::queue::{JobId, JobState};
use sqlx::postgres::PgRow;
use sqlx::{PgPool, Row as _};

use super::rows::{JobRow, Key, Rows};
use crate::store::transaction::{JobHead, LostJob, UncheckedOrder};

/// How many ids of jobs are taken at least.
const JOB_IDS: i64 = 64;

/// Reads the rows with these keys, one statement for each table.
pub(super) async fn load(
    pool: &PgPool,
    keys: &BTreeSet<Key>,
    rows: &mut Rows,
    job_ids: &mut Vec<JobId>,
) -> Result<(), sqlx::Error> {
    let (mut orders, mut skus, mut jobs, mut live, mut quarantined) =
        (vec![], vec![], vec![], vec![], vec![]);
    let (mut queues, mut reports) = (vec![], vec![]);
    for key in keys {
        match key {
            Key::Order(id) => orders.push(id.to_vec()),
            Key::Stock(sku) => skus.push(sku.clone()),
            Key::Job(id) => jobs.push(*id),
            Key::LiveJob(key) => live.push(key.clone()),
            Key::QuarantinedJobs(key) => quarantined.push(key.clone()),
            Key::Queue(name) => queues.push(name.clone()),
            Key::Report(id) => reports.push(id.clone()),
            Key::LostJobs(worker, now) => {
                let lost = load_lost(pool, worker.as_deref(), *now).await?;
                rows.jobs.extend(lost.iter().map(|(job, row)| (job.id, Some(row.clone()))));
                rows.lost.insert((worker.clone(), *now), lost.into_iter().map(|(job, _)| job).collect());
            }
            Key::UncheckedOrders(limit) => {
                rows.unchecked.insert(*limit, load_unchecked(pool, *limit).await?);
            }
            Key::JobIds => {
                let ids = sqlx::query_scalar("SELECT nextval('job_id') FROM generate_series(1, $1)");
                // A command that adds many jobs needs few passes.
                let more = JOB_IDS.max(i64::try_from(job_ids.len()).unwrap_or(JOB_IDS));
                let ids: Vec<i64> = ids.bind(more).fetch_all(pool).await?;
                job_ids.extend(ids.into_iter().map(JobId));
            }
        }
    }
    if !orders.is_empty() {
        for id in &orders {
            if let Ok(id) = <[u8; 16]>::try_from(id.as_slice()) {
                rows.orders.insert(OrderId::from_bytes(id), None);
            }
        }
        let found = sqlx::query("SELECT id, version, state FROM orders WHERE id = ANY ($1)");
        for row in found.bind(orders).fetch_all(pool).await? {
            let state = order_state(&row)?;
            rows.orders.insert(order_id(&row, "id")?, Some((whole(&row, "version")?, state)));
        }
    }
    if !skus.is_empty() {
        rows.stock.extend(skus.iter().map(|sku| (sku.clone(), 0)));
        let found = sqlx::query("SELECT sku, stock FROM products WHERE sku = ANY ($1)");
        for row in found.bind(skus).fetch_all(pool).await? {
            rows.stock.insert(row.try_get("sku")?, whole(&row, "stock")?);
        }
    }
    if !jobs.is_empty() {
        rows.jobs.extend(jobs.iter().map(|id| (JobId(*id), None)));
        let found = sqlx::query(
            "SELECT id, queue, kind, exclusive_key, payload, state, attempts, max_attempts, fence FROM jobs \
             WHERE id = ANY ($1) UNION ALL \
             SELECT id, queue, kind, exclusive_key, payload, state, attempts, max_attempts, fence FROM finished_jobs \
             WHERE id = ANY ($1)",
        );
        for row in found.bind(jobs).fetch_all(pool).await? {
            rows.jobs.insert(JobId(row.try_get("id")?), Some(job_row(&row)?));
        }
    }
    if !live.is_empty() {
        rows.live.extend(live.iter().map(|key| (key.clone(), None)));
        let found = sqlx::query(
            "SELECT id, queue, kind, exclusive_key, payload, state, attempts, max_attempts, fence FROM jobs \
             WHERE exclusive_key = ANY ($1) AND state IN ('available', 'running')",
        );
        for row in found.bind(live).fetch_all(pool).await? {
            let (id, job) = (JobId(row.try_get("id")?), job_row(&row)?);
            rows.live.insert(row.try_get("exclusive_key")?, Some((id, job.head.state)));
            rows.jobs.insert(id, Some(job));
        }
    }
    if !quarantined.is_empty() {
        rows.quarantined.extend(quarantined.iter().map(|key| (key.clone(), Vec::new())));
        let found = sqlx::query(
            "SELECT id, queue, kind, exclusive_key, payload, state, attempts, max_attempts, fence FROM jobs \
             WHERE exclusive_key = ANY ($1) AND state = 'quarantined' ORDER BY id",
        );
        for row in found.bind(quarantined).fetch_all(pool).await? {
            let (id, key) = (JobId(row.try_get("id")?), row.try_get::<String, _>("exclusive_key")?);
            rows.quarantined.entry(key).or_default().push(id);
            rows.jobs.insert(id, Some(job_row(&row)?));
        }
    }
    if !queues.is_empty() {
        rows.paused.extend(queues.iter().map(|name| (name.clone(), false)));
        let found =
            sqlx::query("SELECT name, paused_at IS NOT NULL AS paused FROM queues WHERE name = ANY ($1)");
        for row in found.bind(queues).fetch_all(pool).await? {
            rows.paused.insert(row.try_get("name")?, row.try_get("paused")?);
        }
    }
    if !reports.is_empty() {
        rows.reports.extend(reports.iter().map(|id| (id.clone(), false)));
        let found = sqlx::query_scalar("SELECT id FROM carrier_reports WHERE id = ANY ($1)");
        let found: Vec<String> = found.bind(reports).fetch_all(pool).await?;
        rows.reports.extend(found.into_iter().map(|id| (id, true)));
    }
    Ok(())
}

async fn load_lost(
    pool: &PgPool,
    worker: Option<&str>,
    now: i64,
) -> Result<Vec<(LostJob, JobRow)>, sqlx::Error> {
    let sql = match worker {
        Some(_) => {
            "SELECT id, queue, kind, exclusive_key, payload, state, attempts, max_attempts, fence, run_at FROM jobs \
             WHERE state = 'running' AND worker = $1 AND $2 IS NOT NULL ORDER BY id"
        }
        None => {
            "SELECT id, queue, kind, exclusive_key, payload, state, attempts, max_attempts, fence, run_at FROM jobs \
             WHERE state = 'running' AND $1::text IS NULL AND expires_at <= $2 ORDER BY id LIMIT 500"
        }
    };
    let rows = sqlx::query(sql).bind(worker).bind(now).fetch_all(pool).await?;
    rows.iter()
        .map(|row| {
            let known = job_row(row)?;
            let lost = LostJob {
                id: JobId(row.try_get("id")?),
                queue: known.head.queue.clone(),
                attempts: known.head.attempts,
                run_at: queue::Timestamp::from_millis(row.try_get("run_at")?),
            };
            Ok((lost, known))
        })
        .collect()
}

async fn load_unchecked(pool: &PgPool, limit: u32) -> Result<(u64, Vec<UncheckedOrder>), sqlx::Error> {
    let through: i64 = sqlx::query_scalar("SELECT through FROM letters_looked").fetch_one(pool).await?;
    let rows = sqlx::query(
        "SELECT count, id, owner, email, state, version, created_at FROM orders WHERE count > $1 \
         ORDER BY count LIMIT $2",
    );
    let rows = rows.bind(through).bind(i64::from(limit)).fetch_all(pool).await?;
    let orders = rows.iter().map(|row| {
        Ok(UncheckedOrder {
            count: u64::try_from(row.try_get::<i64, _>("count")?).unwrap_or(0),
            id: order_id(row, "id")?,
            owner: row
                .try_get::<Option<Vec<u8>>, _>("owner")?
                .map(|owner| sixteen(&owner))
                .transpose()?
                .map(Owner),
            email: row.try_get::<Option<String>, _>("email")?.unwrap_or_default(),
            state: order_state(row)?,
            version: whole(row, "version")?,
            created_at: Timestamp::from_millis(row.try_get("created_at")?),
        })
    });
    Ok((u64::try_from(through).unwrap_or(0), orders.collect::<Result<_, sqlx::Error>>()?))
}

fn job_row(row: &PgRow) -> Result<JobRow, sqlx::Error> {
    let head = JobHead {
        queue: row.try_get::<String, _>("queue")?.into(),
        kind: row.try_get::<String, _>("kind")?.into(),
        exclusive_key: row.try_get("exclusive_key")?,
        payload: row.try_get("payload")?,
        state: job_state(row)?,
        attempts: whole(row, "attempts")?,
        max_attempts: whole(row, "max_attempts")?,
    };
    Ok(JobRow { head, fence: row.try_get("fence")? })
}

/// Returns the state of a job.
pub(super) fn job_state(row: &PgRow) -> Result<JobState, sqlx::Error> {
    let word: &str = row.try_get("state")?;
    JobState::parse(word).ok_or_else(|| sqlx::Error::Decode(format!("a job that is {word}").into()))
}

fn order_state(row: &PgRow) -> Result<State, sqlx::Error> {
    let word: &str = row.try_get("state")?;
    State::from_word(word).ok_or_else(|| sqlx::Error::Decode(format!("an order that is {word}").into()))
}

fn order_id(row: &PgRow, column: &str) -> Result<OrderId, sqlx::Error> {
    sixteen(row.try_get(column)?).map(OrderId::from_bytes)
}

fn sixteen(bytes: &[u8]) -> Result<[u8; 16], sqlx::Error> {
    bytes.try_into().map_err(|_| sqlx::Error::Decode("an id of another length".into()))
}

/// Returns a number that is not negative.
pub(super) fn whole(row: &PgRow, column: &str) -> Result<u32, sqlx::Error> {
    let number: i64 = row.try_get(column)?;
    u32::try_from(number).map_err(|_| sqlx::Error::Decode(format!("{column} is {number}").into()))
}

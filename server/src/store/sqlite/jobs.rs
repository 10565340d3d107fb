//! The table of jobs, as commands and claims write it.

use queue::{Claim, Fence, Job, JobId, JobState, Lease, Leased, NewJob, Timestamp, WorkerId};
use rusqlite::{OptionalExtension, Row, params};

use super::fair_share::{self, START_TAG};
use super::transaction::SqliteTransaction;
use crate::platform::failpoint::{self, Bug};
use crate::store::transaction::{JobHead, LostJob};

/// The columns of a job, in the order that [`job`] reads them.
pub(super) const COLUMNS: &str = "id, queue, kind, exclusive_key, fairness_key, payload, state, attempts, max_attempts, run_at, created_at, ended_at, last_error";

/// Inserts an available job.
pub(super) fn add(
    transaction: &SqliteTransaction<'_>,
    new: &NewJob,
    now: Timestamp,
) -> rusqlite::Result<JobId> {
    let is_due = new.run_at <= now;
    let id = transaction
        .prepare(&format!(
            "INSERT INTO jobs (queue, fairness_key, kind, exclusive_key, payload, state, max_attempts, run_at, created_at, place) \
             VALUES (?2, ?3, ?4, ?5, ?6, 'available', ?7, ?8, ?9, iif(?10, {START_TAG}, ?1))"
        ))?
        .insert(params![
            None::<i64>,
            new.queue.as_str(),
            new.fairness_key,
            new.kind.as_str(),
            new.exclusive_key,
            new.payload,
            new.max_attempts,
            new.run_at.as_millis(),
            now.as_millis(),
            is_due,
        ])?;
    Ok(JobId(id))
}

/// Writes what an available job is to do instead.
pub(super) fn replace(
    transaction: &SqliteTransaction<'_>,
    id: JobId,
    new: &NewJob,
    now: Timestamp,
) -> rusqlite::Result<()> {
    let is_due = new.run_at <= now;
    transaction
        .prepare(&format!(
            "UPDATE jobs SET queue = ?2, fairness_key = ?3, kind = ?4, payload = ?5, run_at = ?6, max_attempts = ?7, \
             attempts = 0, last_error = NULL, place = iif(?8, {START_TAG}, NULL) WHERE id = ?1"
        ))?
        .execute(params![
            id.0,
            new.queue.as_str(),
            new.fairness_key,
            new.kind.as_str(),
            new.payload,
            new.run_at.as_millis(),
            new.max_attempts,
            is_due,
        ])?;
    Ok(())
}

/// Returns the available or running job with an exclusive key.
pub(super) fn live(
    transaction: &SqliteTransaction<'_>,
    exclusive_key: &str,
) -> rusqlite::Result<Option<(JobId, JobState)>> {
    transaction
        .prepare("SELECT id, state FROM jobs WHERE exclusive_key = ?1 AND state IN ('available', 'running')")?
        .query_row([exclusive_key], |row| Ok((JobId(row.get(0)?), state(row, 1)?)))
        .optional()
}

/// Returns the quarantined jobs with an exclusive key.
pub(super) fn quarantined(
    transaction: &SqliteTransaction<'_>,
    exclusive_key: &str,
) -> rusqlite::Result<Vec<JobId>> {
    transaction
        .prepare("SELECT id FROM jobs WHERE exclusive_key = ?1 AND state = 'quarantined'")?
        .query_map([exclusive_key], |row| row.get(0).map(JobId))?
        .collect()
}

/// Returns what the rules need to know about a job.
pub(super) fn head(transaction: &SqliteTransaction<'_>, id: JobId) -> rusqlite::Result<Option<JobHead>> {
    transaction
        .prepare(
            "SELECT queue, kind, exclusive_key, payload, state, attempts, max_attempts FROM jobs WHERE id = ?1",
        )?
        .query_row([id.0], |row| {
            Ok(JobHead {
                queue: row.get::<_, String>(0)?.into(),
                kind: row.get::<_, String>(1)?.into(),
                exclusive_key: row.get(2)?,
                payload: row.get(3)?,
                state: state(row, 4)?,
                attempts: row.get(5)?,
                max_attempts: row.get(6)?,
            })
        })
        .optional()
}

pub(super) fn claim(transaction: &mut SqliteTransaction<'_>, claim: &Claim) -> rusqlite::Result<Vec<Leased>> {
    let expires_at = claim.now + claim.lease_for;
    let ids = fair_share::take(transaction, claim)?;
    // Read, then written: RETURNING would collect each row in a temporary table first.
    let mut read = transaction.prepare(&format!("SELECT {COLUMNS}, fence FROM jobs WHERE id = ?1"))?;
    let mut take = transaction.prepare(
        "UPDATE jobs SET state = 'running', place = NULL, attempts = ?2, fence = ?3, worker = ?4, expires_at = ?5 \
         WHERE id = ?1",
    )?;
    ids.into_iter()
        .map(|id| {
            let (waiting, last) = read.query_row([id], |row| Ok((job(row)?, row.get::<_, i64>(13)?)))?;
            let job = Job { state: JobState::Running, attempts: waiting.attempts + 1, ..waiting };
            let lease = Lease { job: job.id, fence: Fence(last + 1), expires_at };
            let worker = claim.worker.as_str();
            take.execute(params![id, job.attempts, lease.fence.0, worker, expires_at.as_millis()])?;
            Ok(Leased { job, lease })
        })
        .collect()
}

/// Whether the job still runs under this lease.
pub(super) fn is_held(transaction: &SqliteTransaction<'_>, lease: &Lease) -> rusqlite::Result<bool> {
    if failpoint::planted(Bug::NoFence) {
        return Ok(true);
    }
    transaction
        .prepare("SELECT 1 FROM jobs WHERE id = ?1 AND fence = ?2 AND state = 'running'")?
        .exists(params![lease.job.0, lease.fence.0])
}

pub(super) fn renew(
    transaction: &mut SqliteTransaction<'_>,
    lease: &Lease,
    expires_at: Timestamp,
) -> rusqlite::Result<Option<Lease>> {
    if lease.fence == Fence(1) && failpoint::planted(Bug::FirstLeaseForgotten) {
        return Ok(Some(Lease { expires_at, ..*lease }));
    }
    let held = transaction
        .prepare("UPDATE jobs SET expires_at = ?3 WHERE id = ?1 AND fence = ?2 AND state = 'running'")?
        .execute(params![lease.job.0, lease.fence.0, expires_at.as_millis()])?;
    Ok((held == 1 || failpoint::planted(Bug::NoFence)).then_some(Lease { expires_at, ..*lease }))
}

/// Writes the last state of a running job.
pub(super) fn end(
    transaction: &SqliteTransaction<'_>,
    id: JobId,
    state: JobState,
    error: Option<&str>,
    at: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare(
            "UPDATE jobs SET state = ?2, ended_at = ?3, last_error = coalesce(?4, last_error), worker = NULL, \
             expires_at = NULL WHERE id = ?1",
        )?
        .execute(params![id.0, state.as_str(), at.as_millis(), error])?;
    Ok(())
}

/// Makes a running or quarantined job available.
pub(super) fn free(
    transaction: &SqliteTransaction<'_>,
    id: JobId,
    attempts: u32,
    error: Option<&str>,
    run_at: Timestamp,
) -> rusqlite::Result<()> {
    transaction
        .prepare(
            "UPDATE jobs SET state = 'available', attempts = ?2, run_at = ?3, last_error = coalesce(?4, last_error), \
             ended_at = NULL, worker = NULL, expires_at = NULL WHERE id = ?1",
        )?
        .execute(params![id.0, attempts, run_at.as_millis(), error])?;
    Ok(())
}

/// Discards an available or quarantined job.
pub(super) fn discard(transaction: &SqliteTransaction<'_>, id: JobId, at: Timestamp) -> rusqlite::Result<()> {
    transaction
        .prepare("UPDATE jobs SET state = 'discarded', ended_at = ?2, place = NULL WHERE id = ?1")?
        .execute(params![id.0, at.as_millis()])?;
    Ok(())
}

/// Returns the running jobs of a worker, or without one those whose lease expired by `now`.
pub(super) fn lost(
    transaction: &SqliteTransaction<'_>,
    worker: Option<&WorkerId>,
    now: Timestamp,
) -> rusqlite::Result<Vec<LostJob>> {
    transaction
        .prepare(
            "SELECT id, attempts, run_at, queue FROM jobs \
             WHERE state = 'running' AND iif(?2 IS NULL, expires_at <= ?1, worker = ?2)",
        )?
        .query_map(params![now.as_millis(), worker.map(WorkerId::as_str)], |row| {
            Ok(LostJob {
                id: JobId(row.get(0)?),
                attempts: row.get(1)?,
                run_at: Timestamp::from_millis(row.get(2)?),
                queue: row.get::<_, String>(3)?.into(),
            })
        })?
        .collect()
}

pub(super) fn prune(
    transaction: &mut SqliteTransaction<'_>,
    before: Timestamp,
    limit: u32,
) -> rusqlite::Result<u64> {
    let deleted = transaction
        .prepare(
            "DELETE FROM jobs WHERE id IN (SELECT id FROM jobs WHERE state IN ('completed', 'discarded') \
             AND ended_at < ?1 ORDER BY ended_at LIMIT ?2)",
        )?
        .execute(params![before.as_millis(), limit])?;
    Ok(deleted as u64)
}

fn state(row: &Row<'_>, column: usize) -> rusqlite::Result<JobState> {
    let word: String = row.get(column)?;
    JobState::parse(&word).ok_or(rusqlite::Error::InvalidQuery)
}

fn job(row: &Row<'_>) -> rusqlite::Result<Job> {
    let text = |column| row.get::<_, String>(column);
    Ok(Job {
        id: JobId(row.get(0)?),
        queue: text(1)?.into(),
        kind: text(2)?.into(),
        exclusive_key: row.get(3)?,
        fairness_key: row.get(4)?,
        payload: row.get(5)?,
        state: state(row, 6)?,
        attempts: row.get(7)?,
        max_attempts: row.get(8)?,
        run_at: Timestamp::from_millis(row.get(9)?),
        created_at: Timestamp::from_millis(row.get(10)?),
        ended_at: row.get::<_, Option<i64>>(11)?.map(Timestamp::from_millis),
        last_error: row.get(12)?,
    })
}

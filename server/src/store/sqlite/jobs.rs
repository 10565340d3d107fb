//! The jobs table: each function is one rule of [`queue::Store`].

use queue::{
    Claim, Enqueued, Fence, Hint, Intervention, Job, JobId, JobState, Lease, Leased, NewJob, Outcome,
    Timestamp, WorkerId, available_after_crash_at,
};
use rusqlite::{OptionalExtension, Row, params};

use super::fair_share::{self, START_TAG};
use super::transaction::Transaction;
use crate::platform::failpoint::{self, Bug};

/// The columns of a job, in the order that [`job`] reads them.
pub(super) const COLUMNS: &str = "id, queue, kind, exclusive_key, fairness_key, payload, state, attempts, max_attempts, run_at, created_at, ended_at, last_error";

pub(super) fn enqueue(
    transaction: &mut Transaction<'_>,
    new: &NewJob,
    now: i64,
) -> rusqlite::Result<Enqueued> {
    let live = match &new.exclusive_key {
        Some(exclusive_key) => live_with_exclusive_key(transaction, exclusive_key)?,
        None => None,
    };
    let is_due = new.run_at.as_millis() <= now;
    let enqueued = match live {
        Some((id, JobState::Running)) => return Ok(Enqueued::Dropped(id)),
        Some((id, _)) => {
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
            Enqueued::Moved(id)
        }
        None => {
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
                    now,
                    is_due,
                ])?;
            Enqueued::Added(JobId(id))
        }
    };
    transaction.wake(&new.queue, Hint::due(new.run_at, Timestamp::from_millis(now)));
    Ok(enqueued)
}

fn live_with_exclusive_key(
    transaction: &Transaction<'_>,
    exclusive_key: &str,
) -> rusqlite::Result<Option<(JobId, JobState)>> {
    transaction
        .prepare("SELECT id, state FROM jobs WHERE exclusive_key = ?1 AND state IN ('available', 'running')")?
        .query_row([exclusive_key], |row| Ok((JobId(row.get(0)?), state(row, 1)?)))
        .optional()
}

pub(super) fn claim(transaction: &mut Transaction<'_>, claim: &Claim) -> rusqlite::Result<Vec<Leased>> {
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
pub(super) fn is_held(transaction: &Transaction<'_>, lease: &Lease) -> rusqlite::Result<bool> {
    if failpoint::planted(Bug::NoFence) {
        return Ok(true);
    }
    transaction
        .prepare("SELECT 1 FROM jobs WHERE id = ?1 AND fence = ?2 AND state = 'running'")?
        .exists(params![lease.job.0, lease.fence.0])
}

pub(super) fn renew(
    transaction: &mut Transaction<'_>,
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

/// Ends the attempt of a held lease.
pub(super) fn end_attempt(
    transaction: &mut Transaction<'_>,
    lease: &Lease,
    outcome: &Outcome,
    now: Timestamp,
) -> rusqlite::Result<()> {
    const FREE: &str = "worker = NULL, expires_at = NULL";
    let id = lease.job.0;
    match outcome {
        Outcome::Completed => {
            transaction
                .prepare(&format!(
                    "UPDATE jobs SET state = 'completed', ended_at = ?2, {FREE} WHERE id = ?1"
                ))?
                .execute(params![id, now.as_millis()])?;
        }
        Outcome::Quarantined { error } => {
            transaction
                .prepare(&format!(
                    "UPDATE jobs SET state = 'quarantined', ended_at = ?2, last_error = ?3, {FREE} WHERE id = ?1"
                ))?
                .execute(params![id, now.as_millis(), error])?;
        }
        Outcome::RetryAt { run_at, error } => {
            let queue: String = transaction
                .prepare(&format!(
                    "UPDATE jobs SET state = iif(attempts >= max_attempts, 'quarantined', 'available'), \
                     ended_at = iif(attempts >= max_attempts, ?2, NULL), \
                     run_at = iif(attempts >= max_attempts, run_at, ?3), last_error = ?4, {FREE} \
                     WHERE id = ?1 RETURNING queue"
                ))?
                .query_row(params![id, now.as_millis(), run_at.as_millis(), error], |row| row.get(0))?;
            transaction.wake(&queue.into(), Hint::due(*run_at, now));
        }
        Outcome::Snooze { run_at, error } => {
            let queue: String = transaction
                .prepare(&format!(
                    "UPDATE jobs SET state = 'available', attempts = attempts - 1, run_at = ?2, \
                     last_error = coalesce(?3, last_error), {FREE} \
                     WHERE id = ?1 RETURNING queue"
                ))?
                .query_row(params![id, run_at.as_millis(), error], |row| row.get(0))?;
            transaction.wake(&queue.into(), Hint::due(*run_at, now));
        }
    }
    Ok(())
}

/// Rescues jobs whose lease expired by `now`, or all jobs of one worker.
pub(super) fn rescue(
    transaction: &mut Transaction<'_>,
    whose: Option<&WorkerId>,
    now: Timestamp,
) -> rusqlite::Result<u64> {
    let lost: Vec<(JobId, u32, Timestamp, String)> = transaction
        .prepare(
            "SELECT id, attempts, run_at, queue FROM jobs \
             WHERE state = 'running' AND iif(?2 IS NULL, expires_at <= ?1, worker = ?2)",
        )?
        .query_map(params![now.as_millis(), whose.map(WorkerId::as_str)], |row| {
            Ok((JobId(row.get(0)?), row.get(1)?, Timestamp::from_millis(row.get(2)?), row.get(3)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let rescued = lost.len() as u64;
    for (id, attempts, run_at, queue) in lost {
        let due = available_after_crash_at(id, attempts, run_at, now);
        transaction
            .prepare(
                "UPDATE jobs SET state = 'available', run_at = ?2, last_error = 'the worker was lost', \
                 worker = NULL, expires_at = NULL WHERE id = ?1",
            )?
            .execute(params![id.0, due.as_millis()])?;
        transaction.wake(&queue.into(), Hint::due(due, now));
    }
    Ok(rescued)
}

pub(super) fn retry(
    transaction: &mut Transaction<'_>,
    id: JobId,
    now: Timestamp,
) -> rusqlite::Result<Intervention> {
    let Some((found, exclusive_key, queue)) = look(transaction, id)? else {
        return Ok(Intervention::NotFound);
    };
    if found != JobState::Quarantined {
        return Ok(Intervention::WrongState(found));
    }
    if let Some(exclusive_key) = exclusive_key
        && let Some((other, _)) = live_with_exclusive_key(transaction, &exclusive_key)?
    {
        return Ok(Intervention::ExclusiveKeyTaken(other));
    }
    transaction
        .prepare(
            "UPDATE jobs SET state = 'available', attempts = 0, run_at = ?2, ended_at = NULL WHERE id = ?1",
        )?
        .execute(params![id.0, now.as_millis()])?;
    transaction.wake(&queue.into(), Hint::READY);
    Ok(Intervention::Done)
}

pub(super) fn discard(
    transaction: &mut Transaction<'_>,
    id: JobId,
    now: Timestamp,
) -> rusqlite::Result<Intervention> {
    match look(transaction, id)? {
        None => Ok(Intervention::NotFound),
        Some((JobState::Available | JobState::Quarantined, ..)) => {
            transaction
                .prepare("UPDATE jobs SET state = 'discarded', ended_at = ?2, place = NULL WHERE id = ?1")?
                .execute(params![id.0, now.as_millis()])?;
            Ok(Intervention::Done)
        }
        Some((found, ..)) => Ok(Intervention::WrongState(found)),
    }
}

fn look(
    transaction: &Transaction<'_>,
    id: JobId,
) -> rusqlite::Result<Option<(JobState, Option<String>, String)>> {
    transaction
        .prepare("SELECT state, exclusive_key, queue FROM jobs WHERE id = ?1")?
        .query_row([id.0], |row| Ok((state(row, 0)?, row.get(1)?, row.get(2)?)))
        .optional()
}

pub(super) fn prune(
    transaction: &mut Transaction<'_>,
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

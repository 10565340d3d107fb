//! The rules of [`queue::Store`] that decide something.

use queue::{
    Enqueued, Hint, Intervention, JobId, JobState, NewJob, Outcome, QueueName, Timestamp, WorkerId,
    available_after_crash_at,
};

use crate::store::transaction::{Transaction, Written};

/// Adds a job. One whose exclusive key is live replaces what the available job was to do, or is dropped when that job
/// runs.
pub fn enqueue(transaction: &mut dyn Transaction, new: &NewJob, now: Timestamp) -> Written<Enqueued> {
    let live = match &new.exclusive_key {
        Some(exclusive_key) => transaction.live_job(exclusive_key)?,
        None => None,
    };
    let enqueued = match live {
        Some((id, JobState::Running)) => return Ok(Enqueued::Dropped(id)),
        Some((id, _)) => {
            transaction.replace_job(id, new, now)?;
            Enqueued::Moved(id)
        }
        None => Enqueued::Added(transaction.add_job(new, now)?),
    };
    transaction.after_commit().wake(&new.queue, Hint::due(new.run_at, now));
    Ok(enqueued)
}

/// Ends the attempt of a held lease.
pub(super) fn end_attempt(
    transaction: &mut dyn Transaction,
    id: JobId,
    outcome: &Outcome,
    now: Timestamp,
) -> Written<()> {
    match outcome {
        Outcome::Completed => transaction.end_job(id, JobState::Completed, None, now),
        Outcome::Quarantined { error } => transaction.end_job(id, JobState::Quarantined, Some(error), now),
        Outcome::RetryAt { run_at, error } => {
            let Some(job) = transaction.job(id)? else { return Ok(()) };
            if job.attempts >= job.max_attempts {
                return transaction.end_job(id, JobState::Quarantined, Some(error), now);
            }
            transaction.free_job(id, job.attempts, Some(error), *run_at)?;
            transaction.after_commit().wake(&job.queue, Hint::due(*run_at, now));
            Ok(())
        }
        Outcome::Snooze { run_at, error } => {
            let Some(job) = transaction.job(id)? else { return Ok(()) };
            transaction.free_job(id, job.attempts.saturating_sub(1), error.as_deref(), *run_at)?;
            transaction.after_commit().wake(&job.queue, Hint::due(*run_at, now));
            Ok(())
        }
    }
}

/// Makes the jobs available whose lease expired by `now`, or all jobs of one worker. Returns how many.
pub fn rescue(transaction: &mut dyn Transaction, worker: Option<&WorkerId>, now: Timestamp) -> Written<u64> {
    let lost = transaction.lost_jobs(worker, now)?;
    for job in &lost {
        let due = available_after_crash_at(job.id, job.attempts, job.run_at, now);
        transaction.free_job(job.id, job.attempts, Some("the worker was lost"), due)?;
        transaction.after_commit().wake(&job.queue, Hint::due(due, now));
    }
    Ok(lost.len() as u64)
}

/// Makes a quarantined job available with all its attempts.
pub fn retry(transaction: &mut dyn Transaction, id: JobId, now: Timestamp) -> Written<Intervention> {
    let Some(job) = transaction.job(id)? else { return Ok(Intervention::NotFound) };
    if job.state != JobState::Quarantined {
        return Ok(Intervention::WrongState(job.state));
    }
    if let Some(exclusive_key) = &job.exclusive_key
        && let Some((other, _)) = transaction.live_job(exclusive_key)?
    {
        return Ok(Intervention::ExclusiveKeyTaken(other));
    }
    transaction.free_job(id, 0, None, now)?;
    transaction.after_commit().wake(&job.queue, Hint::READY);
    Ok(Intervention::Done)
}

/// Discards an available or quarantined job.
pub fn discard(transaction: &mut dyn Transaction, id: JobId, now: Timestamp) -> Written<Intervention> {
    match transaction.job(id)?.map(|job| job.state) {
        None => Ok(Intervention::NotFound),
        Some(JobState::Available | JobState::Quarantined) => {
            transaction.discard_job(id, now)?;
            Ok(Intervention::Done)
        }
        Some(state) => Ok(Intervention::WrongState(state)),
    }
}

/// Stops claims of a queue. Returns whether this changed anything.
pub fn pause(transaction: &mut dyn Transaction, queue: &QueueName, now: Timestamp) -> Written<bool> {
    transaction.set_paused_at(queue, Some(now))
}

/// Allows claims of a queue. Returns whether this changed anything.
pub fn resume(transaction: &mut dyn Transaction, queue: &QueueName) -> Written<bool> {
    let changed = transaction.set_paused_at(queue, None)?;
    if changed {
        transaction.after_commit().wake(queue, Hint::READY);
    }
    Ok(changed)
}

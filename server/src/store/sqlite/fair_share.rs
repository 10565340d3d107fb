//! Fair scheduling: start-time fair queueing, in which each fairness key is served as if it had the queue to itself
//! part of the time (Goyal, Vin and Cheng, *Start-time Fair Queueing*). Jobs count the same, so start tags are whole
//! numbers.
//!
//! The last tag of a fairness key is that of its last waiting job. Without a waiting job the virtual time has passed
//! it, so no state is kept for fairness keys.

use queue::{Claim, QueueName, Timestamp};
use rusqlite::{OptionalExtension, params};

use super::transaction::SqliteTransaction;

/// The start tag of a due job, by its queue (?2), fairness key (?3) and, when it is already in the table, id (?1).
pub(super) const START_TAG: &str = "1 + max(\
     coalesce((SELECT virtual_time FROM queues WHERE name = ?2), 0), \
     coalesce((SELECT max(place) FROM jobs WHERE queue = ?2 AND fairness_key = ?3 AND place IS NOT NULL AND id IS NOT ?1), 0))";

/// How many jobs that became due get their tags in one claim.
const MAX_TAGGED: u32 = 256;

const VIRTUAL_TIME: &str = "SELECT paused_at IS NOT NULL, virtual_time FROM queues WHERE name = ?1";
const NOW_DUE: &str = "SELECT id, fairness_key FROM jobs WHERE queue = ?1 AND state = 'available' AND place IS NULL \
                       AND run_at <= ?2 ORDER BY run_at, id LIMIT ?3";
const NEXT: &str = "SELECT id, place FROM jobs WHERE queue = ?1 AND place IS NOT NULL \
                    ORDER BY place, run_at, id LIMIT ?2";
const ADVANCE: &str = "INSERT INTO queues (name, virtual_time) VALUES (?1, ?2) \
                       ON CONFLICT (name) DO UPDATE SET virtual_time = ?2";

/// The earliest `run_at` of what waits in a queue (?1) that is not paused. The next jobs, one of each fairness key,
/// have the first tag or the one after it, and the earliest of all is among them.
pub(super) const NEXT_DUE: &str = "\
    WITH first (place) AS (SELECT min(place) FROM jobs WHERE queue = ?1 AND place IS NOT NULL) \
    SELECT min(run_at) FROM ( \
        SELECT min(run_at) AS run_at FROM jobs WHERE queue = ?1 AND place = (SELECT place FROM first) \
        UNION ALL \
        SELECT min(run_at) FROM jobs WHERE queue = ?1 AND place = (SELECT place + 1 FROM first) \
        UNION ALL \
        SELECT min(run_at) FROM jobs WHERE queue = ?1 AND state = 'available' AND place IS NULL) \
    WHERE NOT EXISTS (SELECT 1 FROM queues WHERE name = ?1 AND paused_at IS NOT NULL)";

/// Returns the next jobs, at most as many as the claim wants, none when the queue is paused. The virtual time
/// advances to the last of them.
pub(super) fn take(transaction: &SqliteTransaction<'_>, claim: &Claim) -> rusqlite::Result<Vec<i64>> {
    let queue = claim.queue.as_str();
    let standing: Option<(bool, i64)> = transaction
        .prepare(VIRTUAL_TIME)?
        .query_row([queue], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((true, _)) = standing {
        return Ok(Vec::new());
    }
    tag_due_jobs(transaction, &claim.queue, claim.now, claim.limit.max(MAX_TAGGED))?;
    let next: Vec<(i64, i64)> = transaction
        .prepare(NEXT)?
        .query_map(params![queue, claim.limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    if let Some((_, reached)) = next.last()
        && standing.is_none_or(|(_, virtual_time)| virtual_time != *reached)
    {
        transaction.prepare(ADVANCE)?.execute(params![queue, reached])?;
    }
    Ok(next.into_iter().map(|(id, _)| id).collect())
}

/// Tags jobs that were not due when they were written, the earliest first.
fn tag_due_jobs(
    transaction: &SqliteTransaction<'_>,
    queue: &QueueName,
    now: Timestamp,
    limit: u32,
) -> rusqlite::Result<()> {
    let now_due: Vec<(i64, Option<String>)> = transaction
        .prepare(NOW_DUE)?
        .query_map(params![queue.as_str(), now.as_millis(), limit], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    if now_due.is_empty() {
        return Ok(());
    }
    let mut place = transaction.prepare(&format!("UPDATE jobs SET place = {START_TAG} WHERE id = ?1"))?;
    for (id, fairness_key) in now_due {
        place.execute(params![id, queue.as_str(), fairness_key])?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use queue::JobState;

    use super::super::queue::listing;
    use super::super::queues::STATUSES;
    use super::super::testing::query_plan;
    use super::super::tests::Fixture;
    use super::*;

    #[tokio::test]
    async fn claims_use_the_index() {
        let fixture = Fixture::new().await;
        let place = format!("UPDATE jobs SET place = {START_TAG} WHERE id = ?1");
        for sql in [VIRTUAL_TIME, NOW_DUE, NEXT, NEXT_DUE, ADVANCE, &place] {
            let plan = query_plan(&fixture.store, sql).await;
            // The only scans left are over the four rows of NEXT_DUE itself.
            let scans = |line: &&String| line.starts_with("SCAN") && line.contains("jobs");
            assert_eq!(plan.iter().filter(scans).count(), 0, "{sql}: {plan:#?}");
            let sorts = plan.iter().filter(|line| line.contains("TEMP B-TREE")).count();
            assert_eq!(sorts, 0, "{sql}: {plan:#?}");
        }
        let covered = query_plan(&fixture.store, NEXT).await;
        assert_eq!(covered, ["SEARCH jobs USING COVERING INDEX jobs_in_turn (queue=? AND place>?)"]);
    }

    #[tokio::test]
    async fn listings_of_the_desk_do_not_read_completed_jobs() {
        let fixture = Fixture::new().await;
        let states = [JobState::Available, JobState::Running, JobState::Quarantined, JobState::Discarded];
        let mut looked_at: Vec<String> = states.map(|state| listing(Some(state))).into();
        looked_at.push(STATUSES.to_owned());
        for sql in looked_at {
            let plan = query_plan(&fixture.store, &sql).await;
            let bare = |line: &&String| line.starts_with("SCAN jobs") && !line.contains("INDEX");
            assert_eq!(plan.iter().filter(bare).count(), 0, "{sql}: {plan:#?}");
        }
    }
}

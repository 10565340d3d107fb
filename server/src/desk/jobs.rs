//! Jobs: listing, retrying and discarding them.

use ::orders::desk::{Act, JobOrder, JobPage, JobQuery, JobState, JobView, Operator};
use ::orders::{OrderId, OrderNumber, OrderRecord, Problem, ProblemCode, State, StepReason, StepState};
use queue::{Job, JobFilter, JobId};

use super::Desk;
use super::orders::MAX_ATTEMPTS;
use super::paging::{page_size, page_token};
use crate::store::change::Change;
use crate::store::commands::JobAct;
use crate::store::order_job::{ORDER, order_of, to_order_time};
use crate::store::problems::{unreadable, unwritten};

pub(super) async fn list(desk: &Desk, query: &JobQuery) -> Result<JobPage, Problem> {
    let limit = page_size(query.page_size);
    let filter = JobFilter {
        state: query.state.map(in_queue_words),
        queue: query.queue.clone().map(Into::into),
        before: page_token(query.page_token.as_deref())?.map(JobId),
        // One more job tells whether there is a next page.
        limit: limit + 1,
    };
    let mut found = desk.store.list_jobs(filter).await.map_err(unwritten)?;
    let more = found.len() > limit as usize;
    found.truncate(limit as usize);
    let next_page_token = found.last().filter(|_| more).map(|last| last.id.to_string());
    let orders: Vec<OrderId> = found.iter().filter_map(order).collect();
    let numbers = desk.store.numbers_of(&orders).await.map_err(unreadable)?;
    Ok(JobPage { jobs: found.into_iter().map(|job| view(job, &numbers)).collect(), next_page_token })
}

pub(super) async fn one(desk: &Desk, id: i64) -> Result<JobView, Problem> {
    let job = find(desk, id).await?;
    let numbers = desk.store.numbers_of(order(&job).as_slice()).await.map_err(unreadable)?;
    Ok(view(job, &numbers))
}

pub(super) async fn retry(desk: &Desk, who: &Operator, id: i64) -> Result<JobView, Problem> {
    for _ in 0..MAX_ATTEMPTS {
        let job = find(desk, id).await?;
        let change = resume_order(desk, &job).await?;
        let entry = desk.entry(who, Act::RetryJob, id.to_string());
        match desk.store.retry_job(job.id, change, entry).await.map_err(unwritten)? {
            JobAct::Done => return one(desk, id).await,
            JobAct::Moved => {}
            refused => return Err(refusal(id, refused, "Only a quarantined job can be retried.")),
        }
    }
    tracing::error!(job.id = id, "the retry of a job lost a hundred races");
    Err(Problem::new(ProblemCode::Overloaded).retry_after(1))
}

pub(super) async fn discard(desk: &Desk, who: &Operator, id: i64) -> Result<JobView, Problem> {
    let entry = desk.entry(who, Act::DiscardJob, id.to_string());
    match desk.store.discard_job(JobId(id), entry).await.map_err(unwritten)? {
        JobAct::Done => one(desk, id).await,
        refused => Err(refusal(id, refused, "A job can be discarded while it waits or is quarantined.")),
    }
}

/// Returns what retrying a job changes in its order: an order in review because of this job is resumed.
async fn resume_order(desk: &Desk, job: &Job) -> Result<Option<Change>, Problem> {
    let Some(id) = order(job).filter(|_| job.state == queue::JobState::Quarantined) else { return Ok(None) };
    let Some(mut record) = desk.store.order_record(id).await.map_err(unreadable)? else { return Ok(None) };
    if !waits_because_of_its_job(&record) {
        return Ok(None);
    }
    let from = record.order.version;
    // An order that cannot go on stays as it is; its job will find that out.
    let Ok(event) = record.approve(desk.moment()) else { return Ok(None) };
    Ok(Some(Change::of(from, record, vec![event])))
}

fn waits_because_of_its_job(record: &OrderRecord) -> bool {
    let broken = |state: StepState| {
        let mut steps = record.order.steps.iter();
        steps.any(|step| step.state == state && step.reason == Some(StepReason::Broken))
    };
    match record.order.state {
        State::InReview => broken(StepState::NeedsOperator),
        State::Confirmed | State::Shipped => broken(StepState::Failed),
        _ => false,
    }
}

fn refusal(id: i64, act: JobAct, needs: &str) -> Problem {
    let problem = match act {
        JobAct::NotFound => return no_such_job(),
        JobAct::WrongState(state) => {
            Problem::new(ProblemCode::WrongState).detail(format!("The job is {state}. {needs}"))
        }
        JobAct::ExclusiveKeyTaken(other) => Problem::new(ProblemCode::WrongState)
            .detail(format!("Job {other} works the same order already. Nothing was changed.")),
        JobAct::OrderNeedsIt(state) => Problem::new(ProblemCode::WrongState)
            .detail(format!(
                "Its order is {} and would never go on without it. Cancel the order, or retry the job.",
                state.as_str().replace('_', " ")
            ))
            .state(state),
        JobAct::Done | JobAct::Moved => Problem::new(ProblemCode::Internal),
    };
    problem.instance(format!("/api/v1/desk/jobs/{id}"))
}

async fn find(desk: &Desk, id: i64) -> Result<Job, Problem> {
    desk.store.job(JobId(id)).await.map_err(unwritten)?.ok_or_else(no_such_job)
}

fn no_such_job() -> Problem {
    Problem::new(ProblemCode::NotFound)
        .detail("There is no such job. Jobs that are done are kept for a while only.")
}

fn order(job: &Job) -> Option<OrderId> {
    order_of(&job.payload).filter(|_| job.kind == ORDER)
}

fn view(job: Job, numbers: &[(OrderId, OrderNumber)]) -> JobView {
    let id = order(&job);
    let known = numbers.iter().find(|(known, _)| Some(*known) == id);
    JobView {
        id: job.id.0,
        queue: job.queue.to_string(),
        kind: job.kind.to_string(),
        state: in_desk_words(job.state),
        order: known.map(|(id, number)| JobOrder { id: *id, number: *number }),
        attempts: job.attempts,
        max_attempts: job.max_attempts,
        run_at: to_order_time(job.run_at),
        created_at: to_order_time(job.created_at),
        ended_at: job.ended_at.map(to_order_time),
        last_error: job.last_error,
    }
}

const fn in_desk_words(state: queue::JobState) -> JobState {
    match state {
        queue::JobState::Available => JobState::Available,
        queue::JobState::Running => JobState::Running,
        queue::JobState::Completed => JobState::Completed,
        queue::JobState::Quarantined => JobState::Quarantined,
        queue::JobState::Discarded => JobState::Discarded,
    }
}

const fn in_queue_words(state: JobState) -> queue::JobState {
    match state {
        JobState::Available => queue::JobState::Available,
        JobState::Running => queue::JobState::Running,
        JobState::Completed => queue::JobState::Completed,
        JobState::Quarantined => queue::JobState::Quarantined,
        JobState::Discarded => queue::JobState::Discarded,
    }
}

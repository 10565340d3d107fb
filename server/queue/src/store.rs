//! What a store must do.
//!
//! A method is one transaction: it happened as a whole and durably when it returns `Ok`, and not at all when it
//! returns an error other than [`StoreError::CommitUnknown`]. The rules of each method are its documentation;
//! [`conformance`](mod@crate::conformance) holds every store to them.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::job::{Job, JobId, NewJob};
use crate::lease::{Lease, Leased, WorkerId};
use crate::name::QueueName;
use crate::state::JobState;

/// So many jobs are brought forward in one transaction.
const BRING_FORWARD_BATCH: u32 = 500;

/// Where jobs are kept.
///
/// Time comes in with each call: a store reads no clock. Implementations may write the methods as `async fn`.
pub trait Store: Send + Sync + 'static {
    /// The business change a job ends with, written in the transaction of its settlement.
    type Effect: Send + 'static;

    /// Adds jobs, one after the other, and tells what became of each.
    ///
    /// A job whose exclusive key is free, or that has none, is added. If the exclusive key's live job is available, that job is
    /// *moved*: it keeps its id, takes queue, kind, payload, `run_at` and `max_attempts` from the new one,
    /// and begins with no attempts and no error. If it is running, the new job is *dropped*: the settlement of
    /// the running one decides what comes next.
    fn enqueue(
        &self,
        jobs: Vec<NewJob>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Vec<Enqueued>, StoreError>> + Send;

    /// Leases due jobs (available, `run_at` ≤ now) of one queue, at most `limit`; nothing while the queue is paused.
    /// Counts the attempt. Claims that run side by side never share a job.
    ///
    /// Shares take turns. A job gets its *place* when it is enqueued if it is due then, else with the first claim after
    /// it has become due, the earliest `run_at` first: one more than the last place of its fairness key that waits in the
    /// queue, and than the place of the job claimed last. Claims go by place, then `run_at`, then id. A store may
    /// give places to no more than some hundreds of jobs with each claim.
    fn claim(&self, claim: Claim) -> impl Future<Output = Result<Vec<Leased>, StoreError>> + Send;

    /// Renews the leases that are still held until `now + lease_for` and returns those, with their new expiry.
    ///
    /// A lease is held as long as its job runs under its fence. The clock does not end it, only the rescuer
    /// does.
    fn heartbeat(
        &self,
        leases: &[Lease],
        now: Timestamp,
        lease_for: Duration,
    ) -> impl Future<Output = Result<Vec<Lease>, StoreError>> + Send;

    /// Ends an attempt: the job's new state, its effect and the jobs that follow, all or nothing.
    ///
    /// 1. A lease that is no longer held changes nothing: [`Settled::LeaseLost`].
    /// 2. An effect that the store cannot apply to the world as it is now changes nothing either, the job
    ///    keeps running and the effect comes back: [`Settled::Refused`].
    /// 3. Otherwise the job takes its new state ([`Outcome`]), which may free its exclusive key; then `next` is
    ///    enqueued by the rules of [`enqueue`](Self::enqueue).
    ///
    /// A store under load makes settlements wait rather than refusing them: work that is done and not written
    /// down is done again.
    fn settle(
        &self,
        settlement: Settlement<Self::Effect>,
    ) -> impl Future<Output = Result<Settled<Self::Effect>, StoreError>> + Send;

    /// Takes back every running job whose lease has expired (`expires_at` ≤ now), and tells how many.
    ///
    /// They are available again at the moment that [`available_after_crash_at`](crate::available_after_crash_at) says, also those whose attempts
    /// are spent: these are claimed once more, to be buried by their handler.
    fn rescue(&self, now: Timestamp) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Takes back everything this worker holds, expired or not, as [`rescue`](Self::rescue) does.
    ///
    /// To be called when the worker is known to be dead: by its successor of the same name, before it claims.
    fn rescue_worker(
        &self,
        worker: &WorkerId,
        now: Timestamp,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// The earliest `run_at` of the queue's available jobs, which may be past: then something is due. None when nothing
    /// waits or the queue is paused.
    ///
    /// A store may look only at those whose turn comes next, for this is asked often.
    fn next_due(
        &self,
        queue: &QueueName,
    ) -> impl Future<Output = Result<Option<Timestamp>, StoreError>> + Send;

    /// The job of that id.
    fn get(&self, id: JobId) -> impl Future<Output = Result<Option<Job>, StoreError>> + Send;

    /// The jobs that match, newest (highest id) first.
    fn list(&self, filter: JobFilter) -> impl Future<Output = Result<Vec<Job>, StoreError>> + Send;

    /// An operator's second chance: a quarantined job becomes available now, with no attempts counted. Its
    /// last error stays readable.
    fn retry(
        &self,
        id: JobId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Intervention, StoreError>> + Send;

    /// An operator's decision to drop an available or quarantined job. A running one cannot be dropped.
    fn discard(
        &self,
        id: JobId,
        now: Timestamp,
    ) -> impl Future<Output = Result<Intervention, StoreError>> + Send;

    /// Deletes jobs that were completed or discarded before that moment, at most `limit`, and tells how many.
    /// Quarantined jobs are never deleted.
    fn prune(
        &self,
        finished_before: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// Makes available jobs of the queue that wait for later due now, the earliest first, at most `limit`, and tells
    /// how many. For a service that is back.
    fn bring_forward(
        &self,
        queue: &QueueName,
        now: Timestamp,
        limit: u32,
    ) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// As [`bring_forward`](Self::bring_forward), all of them: some hundreds in one transaction, so that others come in
    /// between.
    fn bring_all_forward(
        &self,
        queue: &QueueName,
        now: Timestamp,
    ) -> impl Future<Output = Result<(), StoreError>> + Send
    where
        Self: Sync,
    {
        async move {
            while self.bring_forward(queue, now, BRING_FORWARD_BATCH).await? == u64::from(BRING_FORWARD_BATCH)
            {
            }
            Ok(())
        }
    }

    /// Stops claims of this queue until it is resumed, durably. Whether this changed anything: a paused queue stays
    /// paused. Jobs are still enqueued, settled, moved and rescued.
    fn pause(
        &self,
        queue: &QueueName,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Lets the queue be claimed from again. Whether this changed anything.
    fn resume(
        &self,
        queue: &QueueName,
        now: Timestamp,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Every queue that was paused or claimed from or that holds a job which is not finished, in alphabetical order.
    fn queues(&self, now: Timestamp) -> impl Future<Output = Result<Vec<QueueStatus>, StoreError>> + Send;
}

/// What became of a job that was to be enqueued.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// A new job.
    Added(JobId),
    /// The available job of the same exclusive key was replaced in place.
    Moved(JobId),
    /// Nothing was written, since this job of the same exclusive key is running.
    Dropped(JobId),
}

/// A worker's request for work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub queue: QueueName,
    pub worker: WorkerId,
    /// At most so many jobs.
    pub limit: u32,
    pub now: Timestamp,
    /// The leases expire at `now + lease_for`.
    pub lease_for: Duration,
}

/// How an attempt ended, with everything that is to be written with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settlement<E> {
    /// The claim under which the work was done.
    pub lease: Lease,
    pub now: Timestamp,
    pub outcome: Outcome,
    /// The business change, written in the same transaction.
    pub effect: Option<E>,
    /// Jobs to enqueue in the same transaction, after the job has taken its new state.
    pub next: Vec<NewJob>,
}

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The work is done.
    Completed,
    /// The attempt failed: available again at `run_at`, or quarantined when its attempts are spent.
    RetryAt { run_at: Timestamp, error: String },
    /// Not now: available again at `run_at`, and the attempt is taken back as if it had not been made. The error, if
    /// there is one, takes the place of the last one.
    Snooze { run_at: Timestamp, error: Option<String> },
    /// The attempt failed in a way that trying again cannot mend.
    Quarantined { error: String },
}

/// What a settlement came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settled<E> {
    /// Everything was written.
    Done,
    /// Nothing was written: the job is not (or no longer) running under this lease.
    LeaseLost,
    /// Nothing was written: the effect does not fit the world any more. The lease is still held.
    Refused(E),
}

/// Which jobs to list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobFilter {
    pub state: Option<JobState>,
    pub queue: Option<QueueName>,
    /// Only jobs with a lower id: the last one of the page before.
    pub before: Option<JobId>,
    /// At most so many.
    pub limit: u32,
}

/// What an operator's act came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intervention {
    /// Done.
    Done,
    /// There is no such job.
    NotFound,
    /// Not possible in the state the job is in; nothing was changed.
    WrongState(JobState),
    /// Not possible while this other job of the exclusive key is live; nothing was changed.
    ExclusiveKeyTaken(JobId),
}

/// What an operator sees of a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueStatus {
    pub name: QueueName,
    pub paused: bool,
    /// Available jobs that could be worked now.
    pub due: u64,
    /// Available jobs that wait for their time.
    pub scheduled: u64,
    pub running: u64,
    pub quarantined: u64,
    /// Since when the job that has waited longest has been due.
    pub oldest_due: Option<Timestamp>,
}

impl QueueStatus {
    /// A queue with nothing in it.
    pub const fn empty(name: QueueName) -> Self {
        Self { name, paused: false, due: 0, scheduled: 0, running: 0, quarantined: 0, oldest_due: None }
    }
}

/// Why a store did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// The store cannot work at all now. Nothing was written. The text is for the log.
    #[error("the store is unavailable: {0}")]
    Unavailable(String),
    /// The store has more to do than it can. Nothing was written; try later.
    #[error("the store is overloaded")]
    Overloaded,
    /// The commit failed half-way: it may or may not have been written, and only recovery will tell.
    #[error("the outcome of the commit is unknown")]
    CommitUnknown,
}

//! What a command may read and write in its transaction.
//!
//! The rules are in [`commands`](super::commands) and are written once; a store answers each method with its own SQL.
//! A command reads everything that could refuse it before it writes, because a store may run it again.

use orders::carrier_event::CarrierReport;
use orders::desk::AuditEntry;
use orders::{OrderId, Owner, State, Timestamp};
use queue::{JobId, JobKind, JobState, Lease, NewJob, QueueName, WorkerId};

use super::acceptance::Acceptance;
use super::after_commit::AfterCommit;
use super::change::{NewEvent, OrderRow};

/// Why a command stopped. Its transaction writes nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// A row was not read yet. The store reads it and runs the command again.
    #[error("a row was not read before the command needed it")]
    Missing,
    /// The database cannot be read or written.
    #[error("{0}")]
    Failed(String),
}

/// The result of a read or write in a transaction.
pub type Written<T> = Result<T, WriteError>;

/// The earlier use of an idempotency key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EarlierUse {
    /// The order that was accepted under it.
    pub order: OrderId,
    /// The hash of the body that was accepted.
    pub fingerprint: [u8; 16],
}

/// What the rules need to know about a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobHead {
    /// Its queue.
    pub queue: QueueName,
    /// Its kind.
    pub kind: JobKind,
    /// At most one job with this key is live.
    pub exclusive_key: Option<String>,
    /// What it is about.
    pub payload: String,
    /// Its state.
    pub state: JobState,
    /// How many attempts were begun.
    pub attempts: u32,
    /// How many attempts it may have.
    pub max_attempts: u32,
}

/// A running job whose worker is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LostJob {
    /// The job.
    pub id: JobId,
    /// Its queue.
    pub queue: QueueName,
    /// How many attempts were begun.
    pub attempts: u32,
    /// When it was due.
    pub run_at: queue::Timestamp,
}

/// An order that was not yet checked for a mail about its delay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UncheckedOrder {
    /// Its serial number.
    pub count: u64,
    /// The order.
    pub id: OrderId,
    /// Its owner.
    pub owner: Option<Owner>,
    /// The search key of the customer's e-mail address.
    pub email: String,
    /// Its state.
    pub state: State,
    /// Its version.
    pub version: u32,
    /// When it was accepted.
    pub created_at: Timestamp,
}

/// The transaction of a command, or of several that are committed together.
///
/// Each method fails when the store cannot be read or written.
pub trait Transaction {
    /// Returns what is to be done once the transaction is committed.
    fn after_commit(&mut self) -> &mut AfterCommit;

    /// Writes a new order, unless its idempotency key was used before.
    fn add_order(&mut self, new: &Acceptance) -> Written<Option<EarlierUse>>;

    /// Returns the version and the state of an order.
    fn version_and_state(&mut self, order: OrderId) -> Written<Option<(u32, State)>>;

    /// Writes the next version of an order.
    fn write_order(&mut self, row: &OrderRow) -> Written<()>;

    /// Appends events of an order to the log, and publishes them after the commit.
    fn append(&mut self, order: OrderId, owner: Option<Owner>, events: &[NewEvent]) -> Written<()>;

    /// Returns how much of a product is left; 0 for one that does not exist.
    fn stock(&mut self, sku: &str) -> Written<u32>;

    /// Takes products from the stock for an order.
    fn reserve(&mut self, order: OrderId, lines: &[(String, u32)]) -> Written<()>;

    /// Returns the products of an order to the stock.
    fn release(&mut self, order: OrderId) -> Written<()>;

    /// Whether the job still runs under this lease.
    fn is_held(&mut self, lease: &Lease) -> Written<bool>;

    /// Returns a job.
    fn job(&mut self, id: JobId) -> Written<Option<JobHead>>;

    /// Returns the available or running job with an exclusive key.
    fn live_job(&mut self, exclusive_key: &str) -> Written<Option<(JobId, JobState)>>;

    /// Returns the quarantined jobs with an exclusive key.
    fn quarantined_jobs(&mut self, exclusive_key: &str) -> Written<Vec<JobId>>;

    /// Returns the running jobs of a worker, or without one those whose lease expired by `now`.
    fn lost_jobs(&mut self, worker: Option<&WorkerId>, now: queue::Timestamp) -> Written<Vec<LostJob>>;

    /// Writes a new available job.
    fn add_job(&mut self, new: &NewJob, now: queue::Timestamp) -> Written<JobId>;

    /// Writes what an available job is to do instead.
    fn replace_job(&mut self, id: JobId, by: &NewJob, now: queue::Timestamp) -> Written<()>;

    /// Writes the last state of a running job.
    fn end_job(
        &mut self,
        id: JobId,
        state: JobState,
        error: Option<&str>,
        at: queue::Timestamp,
    ) -> Written<()>;

    /// Makes a running or quarantined job available. Without an error it keeps the last one.
    fn free_job(
        &mut self,
        id: JobId,
        attempts: u32,
        error: Option<&str>,
        run_at: queue::Timestamp,
    ) -> Written<()>;

    /// Discards an available or quarantined job.
    fn discard_job(&mut self, id: JobId, at: queue::Timestamp) -> Written<()>;

    /// Pauses a queue since a time, or resumes it. Returns whether this changed anything.
    fn set_paused_at(&mut self, queue: &QueueName, paused_at: Option<queue::Timestamp>) -> Written<bool>;

    /// Writes an entry of the audit.
    fn write_audit(&mut self, entry: &AuditEntry) -> Written<()>;

    /// Whether the event of the carrier with this id was applied.
    fn is_report_known(&mut self, id: &str) -> Written<bool>;

    /// Remembers the event of the carrier with this id.
    fn keep_report(&mut self, id: &str, report: &CarrierReport, now: Timestamp) -> Written<()>;

    /// Returns the orders that were not checked for a mail about their delay, the earliest first.
    fn unchecked_orders(&mut self, limit: u32) -> Written<Vec<UncheckedOrder>>;

    /// Marks the orders through this serial number as checked.
    fn set_checked(&mut self, through: u64) -> Written<()>;
}

//! What changes orders and jobs.

use std::time::Duration;

use async_trait::async_trait;
use orders::Timestamp;
use orders::carrier_event::CarrierReport;
use orders::desk::AuditEntry;
use queue::{JobId, Lease, NewJob, QueueName, StoreError};

use crate::platform::failpoint::{self, Bug, Point};
use crate::store::acceptance::{Accept, Acceptance};
use crate::store::change::Change;
use crate::store::commands::mails::MAX_CHECKED;
use crate::store::commands::{Changed, JobAct, Reported, accept, carrier_reports, change, desk, mails};
use crate::store::engine::{Engine, Phase};

/// The commands of the store: each is one transaction. A method fails when the store cannot write.
#[async_trait]
pub trait Commands: Send + Sync + 'static {
    /// Returns the serial number of the next order. An unused number is left out.
    async fn next_serial(&self) -> Result<u64, StoreError>;

    /// Stores an order with its first job and its event, durably, before it answers.
    ///
    /// # Errors
    /// `Overloaded` when too many commands wait; nothing was stored then. `CommitUnknown` when it may be stored: the
    /// same call with the same key tells.
    async fn accept(&self, acceptance: Acceptance) -> Result<Accept, StoreError>;

    /// Writes the start of an attempt under its lease, before any external call.
    async fn begin(&self, lease: Lease, change: Change) -> Result<Changed, StoreError>;

    /// Writes a person's command on an order, and replaces its waiting or quarantined job.
    async fn change(&self, change: Change, job: Option<NewJob>) -> Result<Changed, StoreError>;

    /// Replaces the private link of an order, with the audit entry of the operator, if any. The work on the order is
    /// not affected: no job is added, and a quarantined one still waits for a person.
    async fn replace_link(&self, change: Change, entry: Option<AuditEntry>) -> Result<Changed, StoreError>;

    /// Writes an operator's command on an order, as [`change`](Self::change) does, and its audit entry.
    async fn decide(
        &self,
        change: Change,
        job: Option<NewJob>,
        entry: AuditEntry,
    ) -> Result<Changed, StoreError>;

    /// Retries a quarantined job, with the change of its order.
    async fn retry_job(
        &self,
        id: JobId,
        change: Option<Change>,
        entry: AuditEntry,
    ) -> Result<JobAct, StoreError>;

    /// Discards a quarantined or waiting job, unless its order could not end without it.
    async fn discard_job(&self, id: JobId, entry: AuditEntry) -> Result<JobAct, StoreError>;

    /// Pauses or resumes a queue.
    async fn set_queue_paused(
        &self,
        queue: QueueName,
        paused: bool,
        entry: AuditEntry,
    ) -> Result<(), StoreError>;

    /// Writes an audit entry of an action that changed nothing.
    async fn note(&self, entry: AuditEntry) -> Result<(), StoreError>;

    /// Applies an event of the carrier once, with its change of the order.
    async fn take_report(
        &self,
        id: String,
        report: CarrierReport,
        change: Option<(Change, Option<NewJob>)>,
        now: Timestamp,
    ) -> Result<Reported, StoreError>;

    /// Triggers the mail for each order that was accepted at least `quiet_for` ago and is not confirmed. Each order
    /// is checked once, even across restarts. Returns how many mails.
    async fn notify_waiting_orders(&self, quiet_for: Duration, now: Timestamp) -> Result<u32, StoreError>;
}

#[async_trait]
impl<E: Engine> Commands for E {
    async fn next_serial(&self) -> Result<u64, StoreError> {
        Engine::next_serial(self).await
    }

    async fn accept(&self, mut acceptance: Acceptance) -> Result<Accept, StoreError> {
        if failpoint::planted(Bug::KeyDropped) {
            acceptance.idempotency = acceptance.row.id.to_bytes();
        }
        failpoint::reach(Point::BeforeAccept).await;
        let accepted =
            self.try_write(Phase::Accept, move |transaction| accept::accept(transaction, &acceptance)).await;
        failpoint::reach(Point::AfterAccept).await;
        accepted
    }

    async fn begin(&self, lease: Lease, change: Change) -> Result<Changed, StoreError> {
        failpoint::reach(Point::BeforeBegin).await;
        let begun =
            self.write(Phase::Settle, move |transaction| change::begin(transaction, &lease, &change)).await;
        failpoint::reach(Point::AfterBegin).await;
        begun
    }

    async fn change(&self, change: Change, job: Option<NewJob>) -> Result<Changed, StoreError> {
        failpoint::reach(Point::BeforeChange).await;
        let changed = self
            .write(Phase::Settle, move |transaction| change::change(transaction, &change, job.as_ref()))
            .await;
        failpoint::reach(Point::AfterChange).await;
        changed
    }

    async fn replace_link(&self, change: Change, entry: Option<AuditEntry>) -> Result<Changed, StoreError> {
        self.write(Phase::Settle, move |transaction| {
            change::replace_link(transaction, &change, entry.as_ref())
        })
        .await
    }

    async fn decide(
        &self,
        change: Change,
        job: Option<NewJob>,
        entry: AuditEntry,
    ) -> Result<Changed, StoreError> {
        self.write(Phase::Settle, move |transaction| desk::decide(transaction, &change, job.as_ref(), &entry))
            .await
    }

    async fn retry_job(
        &self,
        id: JobId,
        change: Option<Change>,
        entry: AuditEntry,
    ) -> Result<JobAct, StoreError> {
        self.write(Phase::Settle, move |transaction| {
            desk::retry_job(transaction, id, change.as_ref(), &entry)
        })
        .await
    }

    async fn discard_job(&self, id: JobId, entry: AuditEntry) -> Result<JobAct, StoreError> {
        self.write(Phase::Settle, move |transaction| desk::discard_job(transaction, id, &entry)).await
    }

    async fn set_queue_paused(
        &self,
        queue: QueueName,
        paused: bool,
        entry: AuditEntry,
    ) -> Result<(), StoreError> {
        self.write(Phase::Settle, move |transaction| {
            desk::set_queue_paused(transaction, &queue, paused, &entry)
        })
        .await
    }

    async fn note(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.write(Phase::Settle, move |transaction| transaction.write_audit(&entry)).await
    }

    async fn take_report(
        &self,
        id: String,
        report: CarrierReport,
        change: Option<(Change, Option<NewJob>)>,
        now: Timestamp,
    ) -> Result<Reported, StoreError> {
        self.write(Phase::Settle, move |transaction| {
            carrier_reports::take_report(transaction, &id, &report, change.as_ref(), now)
        })
        .await
    }

    async fn notify_waiting_orders(&self, quiet_for: Duration, now: Timestamp) -> Result<u32, StoreError> {
        let mut triggered = 0;
        loop {
            let checked = self
                .write(Phase::Settle, move |transaction| {
                    mails::notify_waiting_orders(transaction, quiet_for, now)
                })
                .await?;
            triggered += checked.mails;
            if checked.orders < MAX_CHECKED {
                return Ok(triggered);
            }
        }
    }
}

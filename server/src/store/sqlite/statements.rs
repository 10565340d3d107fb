//! What commands read and write in a transaction: each method is one or a few statements, which are in the files of
//! their tables.

use ::orders::carrier_event::CarrierReport;
use ::orders::desk::AuditEntry;
use ::orders::{OrderId, Owner, State, Timestamp};
use ::queue::{JobId, JobState, Lease, NewJob, QueueName, WorkerId};

use super::transaction::SqliteTransaction;
use super::{audit, carrier_reports, jobs, mails, order_rows, queues, stock};
use crate::store::acceptance::Acceptance;
use crate::store::after_commit::AfterCommit;
use crate::store::change::{NewEvent, OrderRow};
use crate::store::transaction::{EarlierUse, JobHead, LostJob, Transaction, UncheckedOrder, Written};

impl Transaction for SqliteTransaction<'_> {
    fn after_commit(&mut self) -> &mut AfterCommit {
        &mut self.after_commit
    }

    fn add_order(&mut self, new: &Acceptance) -> Written<Option<EarlierUse>> {
        Ok(order_rows::add(self, new)?)
    }

    fn version_and_state(&mut self, order: OrderId) -> Written<Option<(u32, State)>> {
        Ok(order_rows::version_and_state(self, order)?)
    }

    fn write_order(&mut self, row: &OrderRow) -> Written<()> {
        Ok(order_rows::write(self, row)?)
    }

    fn append(&mut self, order: OrderId, owner: Option<Owner>, events: &[NewEvent]) -> Written<()> {
        Ok(order_rows::append(self, order, owner, events)?)
    }

    fn stock(&mut self, sku: &str) -> Written<u32> {
        Ok(stock::left(self, sku)?)
    }

    fn reserve(&mut self, order: OrderId, lines: &[(String, u32)]) -> Written<()> {
        Ok(stock::reserve(self, order, lines)?)
    }

    fn release(&mut self, order: OrderId) -> Written<()> {
        Ok(stock::release(self, order)?)
    }

    fn is_held(&mut self, lease: &Lease) -> Written<bool> {
        Ok(jobs::is_held(self, lease)?)
    }

    fn job(&mut self, id: JobId) -> Written<Option<JobHead>> {
        Ok(jobs::head(self, id)?)
    }

    fn live_job(&mut self, exclusive_key: &str) -> Written<Option<(JobId, JobState)>> {
        Ok(jobs::live(self, exclusive_key)?)
    }

    fn quarantined_jobs(&mut self, exclusive_key: &str) -> Written<Vec<JobId>> {
        Ok(jobs::quarantined(self, exclusive_key)?)
    }

    fn lost_jobs(&mut self, worker: Option<&WorkerId>, now: queue::Timestamp) -> Written<Vec<LostJob>> {
        Ok(jobs::lost(self, worker, now)?)
    }

    fn add_job(&mut self, new: &NewJob, now: queue::Timestamp) -> Written<JobId> {
        Ok(jobs::add(self, new, now)?)
    }

    fn replace_job(&mut self, id: JobId, by: &NewJob, now: queue::Timestamp) -> Written<()> {
        Ok(jobs::replace(self, id, by, now)?)
    }

    fn end_job(
        &mut self,
        id: JobId,
        state: JobState,
        error: Option<&str>,
        at: queue::Timestamp,
    ) -> Written<()> {
        Ok(jobs::end(self, id, state, error, at)?)
    }

    fn free_job(
        &mut self,
        id: JobId,
        attempts: u32,
        error: Option<&str>,
        run_at: queue::Timestamp,
    ) -> Written<()> {
        Ok(jobs::free(self, id, attempts, error, run_at)?)
    }

    fn discard_job(&mut self, id: JobId, at: queue::Timestamp) -> Written<()> {
        Ok(jobs::discard(self, id, at)?)
    }

    fn set_paused_at(&mut self, queue: &QueueName, paused_at: Option<queue::Timestamp>) -> Written<bool> {
        Ok(queues::set_paused_at(self, queue, paused_at)?)
    }

    fn write_audit(&mut self, entry: &AuditEntry) -> Written<()> {
        Ok(audit::write(self, entry)?)
    }

    fn is_report_known(&mut self, id: &str) -> Written<bool> {
        Ok(carrier_reports::is_known(self, id)?)
    }

    fn keep_report(&mut self, id: &str, report: &CarrierReport, now: Timestamp) -> Written<()> {
        Ok(carrier_reports::keep(self, id, report, now)?)
    }

    fn unchecked_orders(&mut self, limit: u32) -> Written<Vec<UncheckedOrder>> {
        Ok(mails::unchecked(self, limit)?)
    }

    fn set_checked(&mut self, through: u64) -> Written<()> {
        Ok(mails::set_checked(self, through)?)
    }
}

//! What commands read and write in a [`Sheet`].

use ::orders::carrier_event::CarrierReport;
use ::orders::desk::AuditEntry;
use ::orders::{OrderId, Owner, State, Timestamp};
use ::queue::{JobId, JobState, Lease, NewJob, QueueName, WorkerId};
use serde_json::{Value, json};

use super::batch::{columns, hex};
use super::rows::{JobRow, Key};
use super::sheet::Sheet;
use crate::store::acceptance::Acceptance;
use crate::store::after_commit::AfterCommit;
use crate::store::change::{NewEvent, OrderRow};
use crate::store::transaction::{EarlierUse, JobHead, LostJob, Transaction, UncheckedOrder, Written};

/// How long ids of the carrier's events are kept.
const REPORTS_KEPT_MILLIS: i64 = 30 * 24 * 60 * 60 * 1_000;

impl Transaction for Sheet<'_> {
    fn after_commit(&mut self) -> &mut AfterCommit {
        &mut self.after_commit
    }

    fn add_order(&mut self, new: &Acceptance) -> Written<Option<EarlierUse>> {
        if let Some(earlier) = self.rows.keys_used.get(&new.idempotency) {
            return Ok(Some(*earlier));
        }
        let row = &new.row;
        let id = row.id;
        self.rows.keys_used.insert(new.idempotency, EarlierUse { order: id, fingerprint: new.fingerprint });
        self.rows.orders.insert(id, Some((row.version, row.state)));
        let mut value = columns(row);
        value.insert("count".to_owned(), json!(new.count));
        value.insert("idempotency".to_owned(), json!(hex(&new.idempotency)));
        value.insert("fingerprint".to_owned(), json!(hex(&new.fingerprint)));
        value.insert("owner".to_owned(), json!(row.owner.map(|owner| hex(&owner.0))));
        value.insert("created_at".to_owned(), json!(row.created_at.as_millis()));
        value.insert("total".to_owned(), json!(row.total));
        value.insert("currency".to_owned(), json!(row.currency));
        self.new_order_at.insert(id, self.new_orders.len());
        self.new_orders.push(Value::Object(value));
        Ok(None)
    }

    fn version_and_state(&mut self, order: OrderId) -> Written<Option<(u32, State)>> {
        let Some(known) = self.rows.orders.get(&order).copied() else {
            return self.missing(Key::Order(order.to_bytes()));
        };
        if let Some(Some((version, _))) = self.read.orders.get(&order) {
            self.read_orders.insert(order, *version);
        }
        Ok(known)
    }

    fn write_order(&mut self, row: &OrderRow) -> Written<()> {
        self.rows.orders.insert(row.id, Some((row.version, row.state)));
        let mut value = columns(row);
        if row.details.is_none() {
            value.remove("email");
            value.remove("details");
        }
        if let Some(place) = self.new_order_at.get(&row.id) {
            if let Some(Value::Object(new)) = self.new_orders.get_mut(*place) {
                new.extend(value);
            }
        } else {
            self.orders.entry(row.id).or_default().extend(value);
        }
        Ok(())
    }

    fn append(&mut self, order: OrderId, owner: Option<Owner>, events: &[NewEvent]) -> Written<()> {
        self.events.extend(events.iter().map(|event| (order, owner, event.clone())));
        Ok(())
    }

    fn stock(&mut self, sku: &str) -> Written<u32> {
        match self.rows.stock.get(sku) {
            Some(left) => Ok(*left),
            None => self.missing(Key::Stock(sku.to_owned())),
        }
    }

    fn reserve(&mut self, order: OrderId, lines: &[(String, u32)]) -> Written<()> {
        for (sku, quantity) in lines {
            if let Some(left) = self.rows.stock.get_mut(sku) {
                *left = left.saturating_sub(*quantity);
            }
            self.push("reserved", json!({"order": hex(&order.to_bytes()), "sku": sku, "quantity": quantity}));
        }
        Ok(())
    }

    fn release(&mut self, order: OrderId) -> Written<()> {
        self.push("released", json!(hex(&order.to_bytes())));
        Ok(())
    }

    fn is_held(&mut self, lease: &Lease) -> Written<bool> {
        let row = self.job_row(lease.job)?;
        Ok(row.is_some_and(|row| row.head.state == JobState::Running && row.fence == lease.fence.0))
    }

    fn job(&mut self, id: JobId) -> Written<Option<JobHead>> {
        Ok(self.job_row(id)?.map(|row| row.head))
    }

    fn live_job(&mut self, exclusive_key: &str) -> Written<Option<(JobId, JobState)>> {
        let Some(live) = self.rows.live.get(exclusive_key).copied() else {
            let is_new = exclusive_key.parse().is_ok_and(|order| self.new_order_at.contains_key(&order));
            // A new order has no job. The unique index finds it out if that is wrong.
            return if is_new { Ok(None) } else { self.missing(Key::LiveJob(exclusive_key.to_owned())) };
        };
        if let Some(read) = self.read.live.get(exclusive_key) {
            self.read_live.insert(exclusive_key.to_owned(), read.map(|(id, _)| id));
            if let Some((id, _)) = read {
                // Its state is compared as well: a job that has ended its attempt meanwhile can be replaced.
                self.job_row(*id)?;
            }
        }
        Ok(live)
    }

    fn quarantined_jobs(&mut self, exclusive_key: &str) -> Written<Vec<JobId>> {
        match self.rows.quarantined.get(exclusive_key) {
            Some(jobs) => Ok(jobs.clone()),
            None => self.missing(Key::QuarantinedJobs(exclusive_key.to_owned())),
        }
    }

    fn lost_jobs(&mut self, worker: Option<&WorkerId>, now: queue::Timestamp) -> Written<Vec<LostJob>> {
        let key = (worker.map(|worker| worker.as_str().to_owned()), now.as_millis());
        let Some(lost) = self.rows.lost.get(&key).cloned() else {
            return self.missing(Key::LostJobs(key.0, key.1));
        };
        // Another command of this batch may have ended some of them.
        let mut still = Vec::with_capacity(lost.len());
        for job in lost {
            if self.job_row(job.id)?.is_some_and(|row| row.head.state == JobState::Running) {
                still.push(job);
            }
        }
        Ok(still)
    }

    fn add_job(&mut self, new: &NewJob, now: queue::Timestamp) -> Written<JobId> {
        let Some(id) = self.job_ids.get(self.job_ids_used).copied() else {
            return self.missing(Key::JobIds);
        };
        self.job_ids_used += 1;
        self.added_at.insert(id, self.added.len());
        self.added.push(json!({
            "id": id.0,
            "queue": new.queue.as_str(),
            "fairness_key": new.fairness_key,
            "kind": new.kind.as_str(),
            "exclusive_key": new.exclusive_key,
            "payload": new.payload,
            "max_attempts": new.max_attempts,
            "run_at": new.run_at.as_millis(),
            "created_at": now.as_millis(),
        }));
        let head = JobHead {
            queue: new.queue.clone(),
            kind: new.kind.clone(),
            exclusive_key: new.exclusive_key.clone(),
            payload: new.payload.clone(),
            state: JobState::Available,
            attempts: 0,
            max_attempts: new.max_attempts,
        };
        self.rows.jobs.insert(id, Some(JobRow { head, fence: 0 }));
        self.set_job(id, |_| {});
        if new.run_at <= now {
            self.placed.push(id);
        }
        Ok(id)
    }

    fn replace_job(&mut self, id: JobId, by: &NewJob, now: queue::Timestamp) -> Written<()> {
        // Looked at for the comparison.
        self.job_row(id)?;
        let value = json!({
            "id": id.0,
            "queue": by.queue.as_str(),
            "fairness_key": by.fairness_key,
            "kind": by.kind.as_str(),
            "payload": by.payload,
            "max_attempts": by.max_attempts,
            "run_at": by.run_at.as_millis(),
        });
        if let Some(Value::Object(added)) =
            self.added_at.get(&id).and_then(|place| self.added.get_mut(*place))
        {
            if let Value::Object(value) = value {
                added.extend(value);
            }
        } else {
            self.replaced.insert(id, value);
        }
        self.set_job(id, |row| {
            row.head.queue = by.queue.clone();
            row.head.kind = by.kind.clone();
            row.head.payload = by.payload.clone();
            row.head.max_attempts = by.max_attempts;
            row.head.attempts = 0;
        });
        self.placed.retain(|placed| *placed != id);
        if by.run_at <= now {
            self.placed.push(id);
        }
        Ok(())
    }

    fn end_job(
        &mut self,
        id: JobId,
        state: JobState,
        error: Option<&str>,
        at: queue::Timestamp,
    ) -> Written<()> {
        let at = at.as_millis();
        if state == JobState::Quarantined {
            self.push("quarantined", json!({"id": id.0, "at": at, "error": error}));
        } else {
            self.push("finished", json!({"id": id.0, "state": state.as_str(), "at": at, "error": error}));
        }
        self.set_job(id, |row| row.head.state = state);
        Ok(())
    }

    fn free_job(
        &mut self,
        id: JobId,
        attempts: u32,
        error: Option<&str>,
        run_at: queue::Timestamp,
    ) -> Written<()> {
        let run_at = run_at.as_millis();
        self.push("freed", json!({"id": id.0, "attempts": attempts, "run_at": run_at, "error": error}));
        self.set_job(id, |row| {
            row.head.state = JobState::Available;
            row.head.attempts = attempts;
        });
        Ok(())
    }

    fn discard_job(&mut self, id: JobId, at: queue::Timestamp) -> Written<()> {
        // Looked at for the comparison.
        self.job_row(id)?;
        self.push("discarded", json!({"id": id.0, "at": at.as_millis()}));
        self.set_job(id, |row| row.head.state = JobState::Discarded);
        Ok(())
    }

    fn set_paused_at(&mut self, queue: &QueueName, paused_at: Option<queue::Timestamp>) -> Written<bool> {
        let Some(paused) = self.rows.paused.get_mut(queue.as_str()) else {
            return self.missing(Key::Queue(queue.as_str().to_owned()));
        };
        if *paused == paused_at.is_some() {
            return Ok(false);
        }
        *paused = paused_at.is_some();
        let paused_at = paused_at.map(queue::Timestamp::as_millis);
        self.push("paused", json!({"name": queue.as_str(), "paused_at": paused_at}));
        Ok(true)
    }

    fn write_audit(&mut self, entry: &AuditEntry) -> Written<()> {
        self.push(
            "audit",
            json!({
                "at": entry.at.as_millis(),
                "who": entry.who.id,
                "name": entry.who.name,
                "act": entry.act.as_str(),
                "subject": entry.subject,
                "outcome": entry.outcome.as_str(),
                "detail": entry.detail,
            }),
        );
        Ok(())
    }

    fn is_report_known(&mut self, id: &str) -> Written<bool> {
        match self.rows.reports.get(id) {
            Some(known) => Ok(*known),
            None => self.missing(Key::Report(id.to_owned())),
        }
    }

    fn keep_report(&mut self, id: &str, report: &CarrierReport, now: Timestamp) -> Written<()> {
        self.rows.reports.insert(id.to_owned(), true);
        self.reports_kept_since = now.as_millis() - REPORTS_KEPT_MILLIS;
        self.push(
            "reports",
            json!({
                "id": id,
                "order": hex(&report.data.order_id.to_bytes()),
                "kind": report.kind.as_str(),
                "happened_at": report.timestamp.as_millis(),
                "received_at": now.as_millis(),
            }),
        );
        Ok(())
    }

    fn unchecked_orders(&mut self, limit: u32) -> Written<Vec<UncheckedOrder>> {
        match self.rows.unchecked.get(&limit) {
            Some((_, orders)) => Ok(orders.clone()),
            None => self.missing(Key::UncheckedOrders(limit)),
        }
    }

    fn set_checked(&mut self, through: u64) -> Written<()> {
        let from = self.rows.unchecked.values().map(|(from, _)| *from).next().unwrap_or(0);
        self.checked = Some((from, through));
        for (_, orders) in self.rows.unchecked.values_mut() {
            orders.retain(|order| order.count > through);
        }
        Ok(())
    }
}

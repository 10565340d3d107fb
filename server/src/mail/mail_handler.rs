//! Sends mails: one job for each mail.

use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use orders::{CommandContext, MailRefused, OrderRecord, Service, StepReason};
use queue::{Backoff, Clock, Handler, Leased, Policy, Random, Timestamp, Verdict};

use super::MailRenderer;
use crate::external::breakers::{Breakers, CircuitOpen, Refused};
use crate::external::gateways::{Failure, MailRefusal, Mailer, SendOutcome};
use crate::platform::failpoint::{self, Point};
use crate::store::Store;
use crate::store::change::Change;
use crate::store::mail_job::{MailTrigger, trigger_of};
use crate::store::order_job::{queue_of, to_order_time};

/// The handler of all mails but the receipt.
pub struct MailHandler {
    /// The store.
    pub store: Arc<dyn Store>,
    /// Renders the mails.
    pub renderer: Arc<MailRenderer>,
    /// The mail server.
    pub mailer: Mailer,
    /// Whether the mail server is called.
    pub breakers: Arc<Breakers>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// The jitter.
    pub random: Arc<dyn Random>,
    /// The public base address, without a trailing slash.
    pub public_url: String,
    /// The waits between attempts.
    pub backoff: Backoff,
    /// The time limit of one attempt.
    pub time_limit: Duration,
}

/// A mail that was not accepted for this long waits for a person. Mail servers retry as long among themselves (RFC
/// 5321, 4.5.4.1).
const GIVE_UP_AFTER: Duration = Duration::from_hours(4 * 24);

impl Handler<Change> for MailHandler {
    fn handle<'a>(&'a self, leased: &'a Leased) -> BoxFuture<'a, Verdict<Change>> {
        self.send_mail(leased).boxed()
    }

    /// The order changed while the mail was being sent: the outcome is recorded in the order as it is now.
    fn revise<'a>(&'a self, _leased: &'a Leased, refused: Change) -> BoxFuture<'a, Verdict<Change>> {
        async move {
            let Some(noted) = refused.row.record else { return Verdict::completed() };
            match self.store.order_record(noted.order.id).await {
                Ok(Some(record)) => self.conclude(record, noted.order.mail_refused.clone()),
                // Recording the outcome is not worth sending the mail again.
                Ok(None) | Err(_) => Verdict::completed(),
            }
        }
        .boxed()
    }

    fn policy(&self) -> Policy {
        Policy { time_limit: self.time_limit, backoff: self.backoff, ..Policy::DEFAULT }
    }
}

impl MailHandler {
    async fn send_mail(&self, leased: &Leased) -> Verdict<Change> {
        let Some(trigger) = trigger_of(&leased.job.payload) else {
            return Verdict::quarantine("the payload names no mail");
        };
        let record = match self.store.order_record(trigger.order).await {
            Ok(Some(record)) => record,
            Ok(None) => return Verdict::quarantine("there is no such order"),
            Err(unreadable) => return self.retry_later(leased, None, unreadable.to_string()),
        };
        if !trigger.mail.is_about(record.order.state) {
            return Verdict::completed();
        }
        let permit = match self.breakers.request_permit(Service::Mail, self.clock.now()) {
            Ok(permit) => permit,
            Err(CircuitOpen { reason: StepReason::ServiceRefusesUs, until }) => {
                let wait = until.since(self.clock.now());
                return self.wait_for_refusing_server(leased, wait, "the mail server refuses us".to_owned());
            }
            Err(CircuitOpen { until, .. }) => {
                let wait = until.since(self.clock.now());
                return self.retry_later(leased, Some(wait), "the mail server does not work".to_owned());
            }
        };
        let sent = self.send(&trigger, &record).await;
        let mut refused = None;
        if let Some(permit) = permit {
            let (failure, queue) = (sent.as_ref().err(), queue_of(Service::Mail));
            refused = permit.record(trigger.order, failure, &*self.store, &queue, self.clock.now()).await;
        }
        match sent {
            Ok(SendOutcome::Sent) => self.conclude(record, None),
            Ok(SendOutcome::Refused(MailRefusal { status, why })) => {
                self.refused(trigger, record, status, &why)
            }
            Err(Failure::Refused { refusal, .. }) if refused == Some(Refused::ThisOrder) => {
                self.refused(trigger, record, refusal.status, &refusal.detail)
            }
            Err(failure @ Failure::Refused { .. }) => {
                self.wait_for_refusing_server(leased, self.backoff.cap, failure.to_string())
            }
            Err(failure) => {
                let retry_after = failure.service_fault().and_then(|(_, retry_after)| retry_after);
                self.retry_later(leased, retry_after, failure.to_string())
            }
        }
    }

    async fn send(&self, trigger: &MailTrigger, record: &OrderRecord) -> Result<SendOutcome, Failure> {
        let mail = self.renderer.render(trigger.mail, &record.order, to_order_time(self.clock.now()));
        failpoint::reach(Point::BeforeNotify).await;
        let sent = self.mailer.send(&mail, &trigger.to_string()).await;
        failpoint::reach(Point::AfterNotify).await;
        sent
    }

    fn refused(
        &self,
        trigger: MailTrigger,
        record: OrderRecord,
        status: Option<u16>,
        why: &str,
    ) -> Verdict<Change> {
        tracing::warn!(order.id = %trigger.order, mail = trigger.mail.as_str(), status, why, "a mail was refused for good");
        let at = to_order_time(self.clock.now());
        self.conclude(record, Some(MailRefused { mail: trigger.mail, status, at }))
    }

    /// Completes the job. Whether mails reach the customer is recorded in the order when it changed.
    fn conclude(&self, mut record: OrderRecord, refused: Option<MailRefused>) -> Verdict<Change> {
        let from = record.order.version;
        let now = CommandContext { at: to_order_time(self.clock.now()), public_url: &self.public_url };
        match record.order.note_mail(refused, now) {
            Some(event) => Verdict::completed().with_effect(Change::of(from, record, vec![event])),
            None => Verdict::completed(),
        }
    }

    /// Waits for a mail server that refuses us, without a limit: the mail is sent once that is corrected, if it is
    /// still valid.
    fn wait_for_refusing_server(&self, leased: &Leased, floor: Duration, why: String) -> Verdict<Change> {
        let until = self.clock.now() + self.backoff.delay_at_least(floor, 1, &*self.random);
        // It may take days, and the job already says why.
        if leased.job.last_error.as_deref().is_some_and(|error| error.contains("refuses us")) {
            return Verdict::snooze(until);
        }
        Verdict::snooze_because(until, why)
    }

    /// Retries after a wait that grows with the age of the mail; an old mail waits for a person.
    fn retry_later(&self, leased: &Leased, floor: Option<Duration>, why: String) -> Verdict<Change> {
        let now = self.clock.now();
        let age = now.since(leased.job.created_at);
        if age >= GIVE_UP_AFTER {
            return Verdict::quarantine(why);
        }
        let attempt = doublings(age, self.backoff.base) + 1;
        let wait = match floor {
            Some(floor) => self.backoff.delay_at_least(floor, attempt, &*self.random),
            None => self.backoff.delay(attempt, &*self.random),
        };
        let until: Timestamp = now + wait;
        Verdict::snooze_because(until, why)
    }
}

/// Returns how often a wait that started with `base` has doubled when it is as long as `age`.
fn doublings(age: Duration, base: Duration) -> u32 {
    let times = age.as_millis() / base.as_millis().max(1);
    times.checked_ilog2().map_or(0, |doublings| doublings + 1)
}

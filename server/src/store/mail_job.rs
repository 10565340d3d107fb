//! The job that sends a mail, in the queue of the mail server.

use std::fmt;

use orders::{CustomerMail, OrderId, Service, Timestamp};
use queue::{JobKind, NewJob};

use super::order_job::{queue_of, to_queue_time};

/// The kind of these jobs.
pub const CUSTOMER_MAIL: JobKind = JobKind::new("letter");

/// How often an attempt may crash. Failures of the mail server do not count.
const MAX_ATTEMPTS: u32 = 20;

/// What triggered a mail. Its text is the key of the mail, the same for all attempts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailTrigger {
    /// The order.
    pub order: OrderId,
    /// Which mail.
    pub mail: CustomerMail,
    /// The version of the order that triggered it.
    pub version: u32,
}

impl fmt::Display for MailTrigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.order, self.mail.as_str(), self.version)
    }
}

/// Returns the trigger of a job.
pub fn trigger_of(payload: &str) -> Option<MailTrigger> {
    let (order, rest) = payload.split_once(':')?;
    let (mail, version) = rest.split_once(':')?;
    Some(MailTrigger {
        order: order.parse().ok()?,
        mail: CustomerMail::from_word(mail)?,
        version: version.parse().ok()?,
    })
}

/// Returns the job that sends the mail, due now. It has no exclusive key, so it waits for no other job of its order.
pub(super) fn mail_job(trigger: MailTrigger, fairness_key: String, now: Timestamp) -> NewJob {
    NewJob {
        queue: queue_of(Service::Mail),
        kind: CUSTOMER_MAIL,
        exclusive_key: None,
        fairness_key: Some(fairness_key),
        payload: trigger.to_string(),
        run_at: to_queue_time(now),
        max_attempts: MAX_ATTEMPTS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trigger_of_a_job_is_read_back() {
        let order = OrderId::new(Timestamp::from_millis(1), [1; 10]);
        for mail in CustomerMail::ALL {
            let trigger = MailTrigger { order, mail, version: 7 };
            assert_eq!(trigger_of(&trigger.to_string()), Some(trigger));
        }
        for other in
            ["", "ord_1", "ord_1:received:1", &format!("{order}:spam:1"), &format!("{order}:shipped:")]
        {
            assert_eq!(trigger_of(other), None, "{other}");
        }
    }
}

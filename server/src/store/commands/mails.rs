//! Orders that are not confirmed in time, and their mail.

use std::time::Duration;

use orders::{CustomerMail, Timestamp};

use super::jobs;
use crate::store::mail_job::{MailTrigger, mail_job};
use crate::store::order_job::{fairness_key, to_queue_time};
use crate::store::transaction::{Transaction, Written};

/// How many orders are checked in one transaction.
pub const MAX_CHECKED: u32 = 500;

/// How many orders were checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// All of them.
    pub orders: u32,
    /// Those whose mail was triggered.
    pub mails: u32,
}

/// Triggers the mail for orders that were accepted at least `quiet_for` ago and are not confirmed. Checks at most
/// [`MAX_CHECKED`] orders, and each order once.
pub fn notify_waiting_orders(
    transaction: &mut dyn Transaction,
    quiet_for: Duration,
    now: Timestamp,
) -> Written<Checked> {
    let (mut checked, mut through) = (Checked::default(), None);
    for order in transaction.unchecked_orders(MAX_CHECKED)? {
        // Serial numbers ascend in time, so the following orders are younger.
        if now.since(order.created_at) < quiet_for {
            break;
        }
        checked.orders += 1;
        through = Some(order.count);
        if CustomerMail::Received.is_about(order.state) {
            let trigger =
                MailTrigger { order: order.id, mail: CustomerMail::Received, version: order.version };
            let job = mail_job(trigger, fairness_key(order.owner, &order.email), now);
            jobs::enqueue(transaction, &job, to_queue_time(now))?;
            checked.mails += 1;
        }
    }
    if let Some(through) = through {
        transaction.set_checked(through)?;
    }
    Ok(checked)
}

//! Orders that are not confirmed in time, and their mail.

use std::time::Duration;

use ::orders::{CustomerMail, OrderId, Owner, State, Timestamp};
use rusqlite::params;

use super::transaction::Transaction;
use super::{Phase, SqliteStore, jobs};
use crate::store::mail_job::{MailTrigger, mail_job};
use crate::store::order_job::fairness_key;
use queue::StoreError;

/// How many orders are checked in one transaction.
const MAX_PER_TRANSACTION: u32 = 500;

/// An order that was not checked.
struct Waiting {
    count: i64,
    id: OrderId,
    owner: Option<Owner>,
    email: String,
    state: State,
    version: u32,
    created_at: Timestamp,
}

impl SqliteStore {
    /// Triggers the mail for each order that was accepted at least `quiet_for` ago and is not confirmed. Each order
    /// is checked once, even across restarts. Returns how many mails.
    ///
    /// # Errors
    /// When the store cannot write.
    pub async fn notify_waiting_orders(
        &self,
        quiet_for: Duration,
        now: Timestamp,
    ) -> Result<u32, StoreError> {
        let mut mails = 0;
        loop {
            let (looked_at, called_for) =
                self.write(Phase::Settle, move |transaction| look(transaction, quiet_for, now)).await?;
            mails += called_for;
            if looked_at < MAX_PER_TRANSACTION {
                return Ok(mails);
            }
        }
    }
}

/// Checks some orders: returns how many, and how many mails were triggered.
fn look(
    transaction: &mut Transaction<'_>,
    quiet_for: Duration,
    now: Timestamp,
) -> rusqlite::Result<(u32, u32)> {
    let (mut looked_at, mut mails, mut through) = (0, 0, None);
    for order in next(transaction)? {
        // Serial numbers ascend in time, so the following orders are younger.
        if now.since(order.created_at) < quiet_for {
            break;
        }
        looked_at += 1;
        through = Some(order.count);
        if CustomerMail::Received.is_about(order.state) {
            let trigger =
                MailTrigger { order: order.id, mail: CustomerMail::Received, version: order.version };
            let job = mail_job(trigger, fairness_key(order.owner, &order.email), now);
            jobs::enqueue(transaction, &job, now.as_millis())?;
            mails += 1;
        }
    }
    if let Some(through) = through {
        transaction.prepare("UPDATE letters_looked SET through = ?1")?.execute([through])?;
    }
    Ok((looked_at, mails))
}

fn next(transaction: &Transaction<'_>) -> rusqlite::Result<Vec<Waiting>> {
    transaction
        .prepare(
            "SELECT count, id, owner, email, state, version, created_at FROM orders \
             WHERE count > (SELECT through FROM letters_looked) ORDER BY count LIMIT ?1",
        )?
        .query_map(params![MAX_PER_TRANSACTION], |row| {
            let state: String = row.get(4)?;
            Ok(Waiting {
                count: row.get(0)?,
                id: OrderId::from_bytes(row.get(1)?),
                owner: row.get::<_, Option<[u8; 16]>>(2)?.map(Owner),
                email: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
                state: State::from_word(&state).ok_or(rusqlite::Error::InvalidQuery)?,
                version: row.get(5)?,
                created_at: Timestamp::from_millis(row.get(6)?),
            })
        })?
        .collect()
}

use rusqlite::{
    Connection, OptionalExtension as _, Row, ToSql, params,
    types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef},
};

use super::{Answered, Key, LedgerError, Page, Reply, SandboxLedger, replies::once};

/// A payment. Amounts are in minor units, times in Unix milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// `pi_…`
    pub id: String,
    pub key: Option<String>,
    pub order_id: Option<String>,
    pub amount: i64,
    /// Three upper-case letters.
    pub currency: String,
    /// The token of the card, as it was sent.
    pub token: String,
    pub status: PaymentStatus,
    pub amount_captured: i64,
    pub amount_refunded: i64,
    pub created_at: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentStatus {
    /// The amount is held and not captured.
    RequiresCapture,
    /// The amount was captured; it may have been refunded since.
    Succeeded,
    /// The hold was released.
    Canceled,
    /// The bank declined; nothing was held.
    Declined,
}

const COLUMNS: &str = "seq, id, key, order_id, amount, currency, token, status, amount_captured, \
                       amount_refunded, created_at";

impl SandboxLedger {
    /// Writes a new payment and the reply to it, unless the key was used before.
    pub async fn add_payment(
        &self,
        key: Option<Key>,
        payment: Payment,
        reply: Reply,
    ) -> Result<Answered, LedgerError> {
        self.run(move |db| {
            once(db, key, |db| {
                insert(db, &payment)?;
                Ok(reply)
            })
        })
        .await
    }

    /// Lets `change` decide about the payment and the answer; none when the payment does not exist.
    pub async fn change_payment(
        &self,
        key: Option<Key>,
        id: String,
        change: impl FnOnce(&mut Payment) -> Reply + Send + 'static,
    ) -> Result<Option<Answered>, LedgerError> {
        self.run(move |db| {
            let Some(mut payment) = find(db, &id)? else { return Ok(None) };
            once(db, key, |db| {
                let reply = change(&mut payment);
                update(db, &payment)?;
                Ok(reply)
            })
            .map(Some)
        })
        .await
    }

    pub async fn payment(&self, id: String) -> Result<Option<Payment>, LedgerError> {
        self.run(move |db| find(db, &id)).await
    }

    /// Returns the payments of one order, newest first.
    pub async fn payments_of(&self, order: String) -> Result<Vec<Payment>, LedgerError> {
        self.run(move |db| {
            let sql = format!("SELECT {COLUMNS} FROM payments WHERE order_id = ? ORDER BY seq DESC");
            db.prepare_cached(&sql)?.query_map([order], |row| Ok(read(row)?.1))?.collect()
        })
        .await
    }

    pub async fn payments(&self, after: i64, size: u32) -> Result<Page<Payment>, LedgerError> {
        self.run(move |db| {
            let sql = format!("SELECT {COLUMNS} FROM payments WHERE seq > ? ORDER BY seq LIMIT ?");
            let rows = db
                .prepare_cached(&sql)?
                .query_map([after, i64::from(size) + 1], read)?
                .collect::<rusqlite::Result<_>>()?;
            Ok(Page::cut(rows, size))
        })
        .await
    }
}

impl PaymentStatus {
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            PaymentStatus::RequiresCapture => "requires_capture",
            PaymentStatus::Succeeded => "succeeded",
            PaymentStatus::Canceled => "canceled",
            PaymentStatus::Declined => "declined",
        }
    }
}

impl ToSql for PaymentStatus {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.as_str().into())
    }
}

impl FromSql for PaymentStatus {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<PaymentStatus> {
        match value.as_str()? {
            "requires_capture" => Ok(PaymentStatus::RequiresCapture),
            "succeeded" => Ok(PaymentStatus::Succeeded),
            "canceled" => Ok(PaymentStatus::Canceled),
            "declined" => Ok(PaymentStatus::Declined),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

fn find(db: &Connection, id: &str) -> rusqlite::Result<Option<Payment>> {
    let sql = format!("SELECT {COLUMNS} FROM payments WHERE id = ?");
    db.prepare_cached(&sql)?.query_row([id], |row| Ok(read(row)?.1)).optional()
}

fn read(row: &Row<'_>) -> rusqlite::Result<(i64, Payment)> {
    let payment = Payment {
        id: row.get(1)?,
        key: row.get(2)?,
        order_id: row.get(3)?,
        amount: row.get(4)?,
        currency: row.get(5)?,
        token: row.get(6)?,
        status: row.get(7)?,
        amount_captured: row.get(8)?,
        amount_refunded: row.get(9)?,
        created_at: row.get(10)?,
    };
    Ok((row.get(0)?, payment))
}

fn insert(db: &Connection, payment: &Payment) -> rusqlite::Result<()> {
    db.prepare_cached(
        "INSERT INTO payments (id, key, order_id, amount, currency, token, status, amount_captured, \
         amount_refunded, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        payment.id,
        payment.key,
        payment.order_id,
        payment.amount,
        payment.currency,
        payment.token,
        payment.status,
        payment.amount_captured,
        payment.amount_refunded,
        payment.created_at,
    ])?;
    Ok(())
}

/// Writes the columns that can change.
fn update(db: &Connection, payment: &Payment) -> rusqlite::Result<()> {
    db.prepare_cached(
        "UPDATE payments SET status = ?, amount_captured = ?, amount_refunded = ? WHERE id = ?",
    )?
    .execute(params![payment.status, payment.amount_captured, payment.amount_refunded, payment.id])?;
    Ok(())
}

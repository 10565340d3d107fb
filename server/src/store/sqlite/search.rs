//! Searching orders for the desk.
//!
//! A number is a serial number, and ids, e-mail addresses and states have an index. A name has none: it is searched
//! in a window of orders, and the answer says where to continue.

use async_trait::async_trait;
use orders::{OrderId, OrderNumber, State};
use sqlx::Row;

use super::SqliteStore;
use super::read::{COLUMNS, sixteen};
use crate::store::{Found, OrderSearch, ReadError, Wanted};

/// In how many orders one page searches for a name.
const WINDOW: u32 = 5_000;

#[async_trait]
impl OrderSearch for SqliteStore {
    async fn search_orders(
        &self,
        wanted: &Wanted,
        state: Option<State>,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Found, ReadError> {
        let before = before.and_then(|count| i64::try_from(count).ok()).unwrap_or(i64::MAX);
        let word = state.map(State::as_str);
        // One statement for each index, because SQLite cannot use an index for a condition that may be left out.
        let found = |place: &str| {
            sqlx::query(sqlx::AssertSqlSafe(format!(
                "SELECT {COLUMNS} FROM orders {place} AND count < ?3 ORDER BY count DESC LIMIT ?4"
            )))
        };
        let query = match wanted {
            Wanted::Name(part) => return self.search_names(part, state, before, limit).await,
            Wanted::Id(id) => found("WHERE id = ?1 AND (?2 IS NULL OR state = ?2)")
            .bind(id.to_bytes().to_vec()),
            Wanted::Number(number) => found("WHERE count = ?1 AND (?2 IS NULL OR state = ?2)")
            .bind(i64::try_from(number.serial()).unwrap_or(0)),
            Wanted::Email(email) => found("WHERE email = ?1 AND (?2 IS NULL OR state = ?2)")
            .bind(email.clone()),
            Wanted::RefusedBy(service) => found("INDEXED BY orders_refused WHERE refused_by IS NOT NULL AND refused_by = ?1 AND (?2 IS NULL OR state = ?2)")
            .bind(service.as_str()),
            Wanted::MailRefused => found("INDEXED BY orders_mail_refused WHERE mail_refused = 1 AND ?1 IS NULL AND (?2 IS NULL OR state = ?2)")
            .bind(None::<String>),
            Wanted::All if state.is_some() => found("WHERE ?1 IS NULL AND state = ?2")
            .bind(None::<String>),
            Wanted::All => found("WHERE ?1 IS NULL AND ?2 IS NULL")
            .bind(None::<String>),
        };
        // One more order tells whether there is a next page.
        let rows = query.bind(word).bind(before).bind(limit + 1).fetch_all(&self.readers).await?;
        let page = &rows[..rows.len().min(limit as usize)];
        let orders = page.iter().map(|row| self.order(row)).collect::<Result<_, _>>()?;
        let last = page.last().filter(|_| rows.len() > page.len());
        Ok(Found { orders, next: last.map(|row| row.try_get("count")).transpose()? })
    }

    async fn numbers_of(&self, ids: &[OrderId]) -> Result<Vec<(OrderId, OrderNumber)>, ReadError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let places = vec!["?"; ids.len()].join(", ");
        let sql = format!("SELECT id, count FROM orders WHERE id IN ({places})");
        let query = sqlx::query(sqlx::AssertSqlSafe(sql));
        let query = ids.iter().fold(query, |query, id| query.bind(id.to_bytes().to_vec()));
        let rows = query.fetch_all(&self.readers).await?;
        rows.iter()
            .map(|row| {
                let id = OrderId::from_bytes(sixteen(&row.try_get::<Vec<u8>, _>("id")?)?);
                Ok((id, OrderNumber::of(row.try_get("count")?)))
            })
            .collect()
    }
}

impl SqliteStore {
    async fn search_names(
        &self,
        part: &str,
        state: Option<State>,
        before: i64,
        limit: u32,
    ) -> Result<Found, ReadError> {
        let looked_at = "SELECT count, details ->> '$.customer.name' AS name FROM orders";
        let sql = match state {
            Some(_) => format!("{looked_at} WHERE state = ?1 AND count < ?2 ORDER BY count DESC LIMIT ?3"),
            None => format!("{looked_at} WHERE ?1 IS NULL AND count < ?2 ORDER BY count DESC LIMIT ?3"),
        };
        let rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(state.map(State::as_str))
            .bind(before)
            .bind(WINDOW)
            .fetch_all(&self.readers)
            .await?;
        let part = part.to_lowercase();
        let mut found: Vec<i64> = Vec::new();
        for row in &rows {
            let name: Option<String> = row.try_get("name")?;
            if name.is_some_and(|name| name.to_lowercase().contains(&part)) {
                found.push(row.try_get("count")?);
            }
            if found.len() > limit as usize {
                break;
            }
        }
        let more = found.len() > limit as usize;
        found.truncate(limit as usize);
        let last_looked_at: Option<i64> = rows.last().map(|row| row.try_get("count")).transpose()?;
        let next = match more {
            true => found.last().copied(),
            false => last_looked_at.filter(|_| rows.len() == WINDOW as usize),
        };
        let mut orders = Vec::with_capacity(found.len());
        for count in found {
            let sql = format!("SELECT {COLUMNS} FROM orders WHERE count = ?");
            let row = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(count).fetch_optional(&self.readers).await?;
            orders.extend(row.map(|row| self.order(&row)).transpose()?);
        }
        Ok(Found { orders, next: next.and_then(|count| u64::try_from(count).ok()) })
    }
}

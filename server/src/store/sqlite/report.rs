//! Reading the report: the orders of one shopper, group by group.
//!
//! Open orders have an index of their own. Words are searched in the orders themselves, by the rule that the browser
//! applies to live changes.

use std::borrow::Cow;

use futures::TryStreamExt as _;
use orders::report::LOOKED_THROUGH;
use orders::{Group, GroupPage, GroupQuery, OrderNumber, Owner};
use serde::Deserialize;
use sqlx::Row;

use super::SqliteStore;
use super::read::order;
use crate::store::ReadError;

/// Returns the condition for the orders of a group, of the owner `?1` and before the serial number `?2`.
const fn place_of(group: Group) -> &'static str {
    match group {
        Group::NeedsYou => {
            "orders INDEXED BY orders_open_of_owner WHERE owner = ?1 AND count < ?2 \
             AND state NOT IN ('confirmed', 'shipped', 'delivered', 'cancelled') AND state = 'action_required'"
        }
        Group::InProgress => {
            "orders INDEXED BY orders_open_of_owner WHERE owner = ?1 AND count < ?2 \
             AND state NOT IN ('confirmed', 'shipped', 'delivered', 'cancelled') AND state <> 'action_required'"
        }
        Group::Done => {
            "orders INDEXED BY orders_of_owner WHERE owner = ?1 AND count < ?2 \
             AND state IN ('confirmed', 'shipped', 'delivered', 'cancelled')"
        }
    }
}

/// The part of an order that is searched for words, besides its number.
#[derive(Deserialize)]
struct Ordered<'b> {
    #[serde(borrow)]
    lines: Vec<Named<'b>>,
}

#[derive(Deserialize)]
struct Named<'b> {
    #[serde(borrow)]
    name: Cow<'b, str>,
}

impl SqliteStore {
    /// Returns the orders of one owner in a group, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn orders_in_group(&self, owner: Owner, query: &GroupQuery) -> Result<GroupPage, ReadError> {
        let GroupQuery { group, words, before, limit } = query;
        let before = before.map_or(i64::MAX, place);
        // Without words, every order matches.
        let most = if words.is_empty() { *limit } else { LOOKED_THROUGH };
        let sql = format!("SELECT count, body FROM {} ORDER BY count DESC LIMIT ?3", place_of(*group));
        let mut rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(owner.0.to_vec())
            .bind(before)
            .bind(most)
            .fetch(&self.readers);
        let mut page = GroupPage::default();
        let (mut looked_at, mut last) = (0, None);
        while let Some(row) = rows.try_next().await? {
            let (count, body): (u64, &str) = (row.try_get("count")?, row.try_get("body")?);
            let number = OrderNumber::of(count);
            looked_at += 1;
            last = Some(number);
            if !words.is_empty() {
                let ordered: Ordered<'_> =
                    serde_json::from_str(body).map_err(|e| ReadError(e.to_string()))?;
                if !words.mean(number, ordered.lines.iter().map(|line| &*line.name)) {
                    continue;
                }
            }
            if page.orders.len() < *limit as usize {
                page.orders.push(order(body)?);
            } else {
                page.older += 1;
            }
        }
        drop(rows);
        let cut = looked_at == most;
        if let (true, true, Some(last)) = (cut, words.is_empty(), last) {
            page.older = self.count_in_group(owner, *group, place(last)).await?;
        }
        page.next = match page.older {
            0 if words.is_empty() || !cut => None,
            0 => last,
            _ => page.orders.last().map(|order| order.number),
        };
        Ok(page)
    }

    async fn count_in_group(&self, owner: Owner, group: Group, before: i64) -> Result<u32, ReadError> {
        let sql = format!("SELECT count(*) FROM {}", place_of(group));
        Ok(sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .bind(owner.0.to_vec())
            .bind(before)
            .fetch_one(&self.readers)
            .await?)
    }
}

/// Returns the serial number.
fn place(number: OrderNumber) -> i64 {
    i64::try_from(number.serial()).unwrap_or(i64::MAX)
}

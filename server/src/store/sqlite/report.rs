//! Reading the report: the orders of one shopper, group by group.
//!
//! Words are searched in the orders themselves, by the rule that the browser applies to live changes.

use async_trait::async_trait;
use std::borrow::Cow;

use futures::TryStreamExt as _;
use orders::report::LOOKED_THROUGH;
use orders::{Group, GroupPage, GroupQuery, OrderNumber, Owner, State};
use serde::Deserialize;
use sqlx::Row;

use super::SqliteStore;
use super::read::{newest_in_states, parse};
use crate::store::{OrderReport, ReadError};

/// The condition for the orders of the owner `?1` before the serial number `?2`.
const OF_OWNER: &str = "owner = ?1 AND owner IS NOT NULL AND count < ?2";

/// Returns the states of the orders in a group.
fn states_of(group: Group) -> impl Iterator<Item = State> {
    State::ALL.into_iter().filter(move |state| Group::of(*state) == group)
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

#[async_trait]
impl OrderReport for SqliteStore {
    async fn orders_in_group(&self, owner: Owner, query: &GroupQuery) -> Result<GroupPage, ReadError> {
        let GroupQuery { group, words, before, limit } = query;
        let before = before.map_or(i64::MAX, place);
        // Without words, every order matches.
        let most = if words.is_empty() { *limit } else { LOOKED_THROUGH };
        let sql = newest_in_states(states_of(*group), OF_OWNER, "?3");
        let mut rows = sqlx::query(sqlx::AssertSqlSafe(sql))
            .bind(owner.0.to_vec())
            .bind(before)
            .bind(most)
            .fetch(&self.readers);
        let mut page = GroupPage::default();
        let (mut looked_at, mut last) = (0, None);
        while let Some(row) = rows.try_next().await? {
            let number = OrderNumber::of(row.try_get("count")?);
            looked_at += 1;
            last = Some(number);
            if !words.is_empty() {
                let ordered: Ordered<'_> = parse(row.try_get("details")?)?;
                if !words.mean(number, ordered.lines.iter().map(|line| &*line.name)) {
                    continue;
                }
            }
            if page.orders.len() < *limit as usize {
                page.orders.push(self.order(&row)?);
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
}

impl SqliteStore {
    async fn count_in_group(&self, owner: Owner, group: Group, before: i64) -> Result<u32, ReadError> {
        let states: Vec<String> = states_of(group).map(|state| format!("'{}'", state.as_str())).collect();
        let sql =
            format!("SELECT count(*) FROM orders WHERE {OF_OWNER} AND state IN ({})", states.join(", "));
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

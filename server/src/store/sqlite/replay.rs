//! Telling stored events in words.
//!
//! The log stores the facts of an event. Its words, actions and problem follow from the order at that version, which is
//! the sum of the earlier events.

use std::collections::HashMap;
use std::sync::Arc;

use orders::{EventType, Order, OrderId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::read::{COLUMNS, owner, parse, sixteen};
use crate::store::{ReadError, StoredEvent};

/// How many orders one statement reads. It limits the memory for their earlier events.
const CHUNK: usize = 128;

/// The events of orders between two versions. The parameter is a list of ids, each with both versions.
const EARLIER: &str = "\
    SELECT order_id, version, at, data FROM json_each(?) AS wanted CROSS JOIN order_events \
    WHERE order_id = unhex(wanted.value ->> 0) AND version > wanted.value ->> 1 AND version < wanted.value ->> 2 \
    ORDER BY wanted.key, version";

/// Orders, or why they are damaged.
type Orders = HashMap<OrderId, Result<Order, ReadError>>;

/// Returns the statement for orders with some ids.
fn beginnings() -> String {
    format!("SELECT {COLUMNS} FROM orders WHERE id IN (SELECT unhex(value) FROM json_each(?))")
}

impl SqliteStore {
    /// Returns the events of rows. The rows of one order must ascend.
    ///
    /// The events of an order that cannot be read are left out and logged as errors, so that they do not keep anybody
    /// from the events of other orders. A subscriber sees the gap in the versions and reads the order.
    pub(super) async fn replay(&self, rows: &[SqliteRow]) -> Result<Vec<StoredEvent>, ReadError> {
        let mut orders = self.orders_before(rows).await?;
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            let id = order_id(row)?;
            let Some(order) = orders.get_mut(&id) else { continue };
            match self.event(order, row) {
                Ok(event) => events.push(event),
                Err(damaged) => {
                    log_damage(id, row, &damaged);
                    orders.remove(&id);
                }
            }
        }
        orders.into_values().for_each(|order| self.replays.put(order));
        Ok(events)
    }

    /// Applies the event of a row to its order, and returns it.
    fn event(&self, order: &mut Order, row: &SqliteRow) -> Result<StoredEvent, ReadError> {
        let version: u32 = row.try_get("version")?;
        let at = Timestamp::from_millis(row.try_get("at")?);
        follows(order, version)?;
        let kind: &str = row.try_get("kind")?;
        Ok(StoredEvent {
            sequence: row.try_get("seq")?,
            order: order.id,
            owner: owner(row)?,
            kind: EventType::from_word(kind).ok_or_else(|| ReadError(format!("an event of kind {kind}")))?,
            version,
            at,
            data: Arc::new(order.replay(at, parse(row.try_get("data")?)?, &self.public_url)),
        })
    }

    /// Returns the orders of rows, each as it was before the first of its rows, without those that are damaged.
    async fn orders_before(&self, rows: &[SqliteRow]) -> Result<HashMap<OrderId, Order>, ReadError> {
        let mut first_rows = HashMap::new();
        for row in rows {
            first_rows.entry(order_id(row)?).or_insert(row);
        }
        let (mut orders, mut unknown) = (HashMap::with_capacity(first_rows.len()), Vec::new());
        for (id, row) in &first_rows {
            if let Some(order) = self.cached_before(*id, row.try_get("version")?) {
                orders.insert(*id, Ok(order));
            } else {
                unknown.push(*id);
            }
        }
        for ids in unknown.chunks(CHUNK) {
            self.read_beginnings(ids, &mut orders).await?;
        }
        let mut behind = Vec::new();
        for (id, row) in &first_rows {
            let version: u32 = row.try_get("version")?;
            let known = orders.get(id).and_then(|order| order.as_ref().ok()).map(|order| order.version);
            behind.extend(known.filter(|known| known + 1 < version).map(|known| (hex(*id), known, version)));
        }
        for wanted in behind.chunks(CHUNK) {
            self.replay_earlier(wanted, &mut orders).await?;
        }
        let undamaged = first_rows.into_iter().filter_map(|(id, row)| {
            let order =
                orders.remove(&id).unwrap_or_else(|| Err(ReadError("its order is not stored".to_owned())));
            Some((id, order.inspect_err(|damaged| log_damage(id, row, damaged)).ok()?))
        });
        Ok(undamaged.collect())
    }

    /// Returns an order as it was at some version before this one, if that needs no statement.
    fn cached_before(&self, id: OrderId, version: u32) -> Option<Order> {
        let replayed = self.replays.get(id).filter(|replayed| replayed.version < version);
        let replayed = replayed.map(|replayed| Order::clone(&replayed));
        replayed.or_else(|| Some(self.open_orders.get(id)?.order.before_its_events()))
    }

    /// Adds orders as they were before their first event.
    async fn read_beginnings(&self, ids: &[OrderId], orders: &mut Orders) -> Result<(), ReadError> {
        let ids: Vec<String> = ids.iter().map(|id| hex(*id)).collect();
        let query = sqlx::query(sqlx::AssertSqlSafe(beginnings())).bind(json(&ids)?);
        for row in query.fetch_all(&self.readers).await? {
            let id = OrderId::from_bytes(sixteen(row.try_get("id")?)?);
            orders.insert(id, self.order(&row).map(|order| order.before_its_events()));
        }
        Ok(())
    }

    /// Applies earlier events to orders: for each, those after the version that it has and before another.
    async fn replay_earlier(
        &self,
        wanted: &[(String, u32, u32)],
        orders: &mut Orders,
    ) -> Result<(), ReadError> {
        for row in sqlx::query(EARLIER).bind(json(&wanted)?).fetch_all(&self.readers).await? {
            let id = order_id(&row)?;
            if let Some(Ok(order)) = orders.get_mut(&id)
                && let Err(damaged) = apply_earlier(order, &row)
            {
                orders.insert(id, Err(damaged));
            }
        }
        Ok(())
    }
}

/// Applies the event of a row to its order, without deriving its words.
fn apply_earlier(order: &mut Order, row: &SqliteRow) -> Result<(), ReadError> {
    let version = row.try_get("version")?;
    follows(order, version)?;
    let facts = parse(row.try_get("data")?);
    let facts = facts.map_err(|ReadError(reason)| ReadError(format!("event {version}: {reason}")))?;
    order.replay_facts(Timestamp::from_millis(row.try_get("at")?), &facts);
    Ok(())
}

fn follows(order: &Order, version: u32) -> Result<(), ReadError> {
    if order.version + 1 == version {
        return Ok(());
    }
    Err(ReadError(format!("event {version} follows version {}", order.version)))
}

fn order_id(row: &SqliteRow) -> Result<OrderId, ReadError> {
    Ok(OrderId::from_bytes(sixteen(row.try_get("order_id")?)?))
}

/// Returns an id as a statement's JSON parameter has it, because JSON has no bytes.
fn hex(id: OrderId) -> String {
    format!("{:032x}", u128::from_be_bytes(id.to_bytes()))
}

fn json(parameter: &impl serde::Serialize) -> Result<String, ReadError> {
    serde_json::to_string(parameter).map_err(|e| ReadError(e.to_string()))
}

/// Logs why an order has no events from a row on.
fn log_damage(id: OrderId, row: &SqliteRow, reason: &ReadError) {
    let sequence: Option<i64> = row.try_get("seq").ok();
    tracing::error!(order.id = %id, sequence, %reason, "the events of an order cannot be read; they are left out");
}

#[cfg(test)]
mod tests {
    use orders::OrderRecord;

    use super::super::testing::{accept_mugs, query_plan, stock_mugs, work};
    use super::super::tests::Fixture;
    use super::{EARLIER, beginnings};
    use crate::store::engine::Phase;
    use crate::store::{EventLog as _, StoredEvent, Topic};

    async fn two_confirmed_orders() -> (Fixture, [OrderRecord; 2]) {
        let fixture = Fixture::new().await;
        stock_mugs(&fixture.store).await;
        let mut records = [accept_mugs(&fixture.store, 1).await, accept_mugs(&fixture.store, 2).await];
        for record in &mut records {
            work(&fixture.store, record).await;
        }
        (fixture, records)
    }

    async fn desk(fixture: &Fixture, limit: u32) -> Vec<StoredEvent> {
        let (mut events, mut cursor): (Vec<StoredEvent>, _) = (Vec::new(), 0);
        loop {
            let page = fixture.store.events_after(Topic::Desk, cursor, limit).await.unwrap();
            events.extend(page.iter().cloned());
            match page.last() {
                Some(last) if page.len() == limit as usize => cursor = last.sequence,
                _ => return events,
            }
        }
    }

    #[tokio::test]
    async fn short_pages_tell_the_same_as_a_long_one_with_and_without_the_cache() {
        let (fixture, _) = two_confirmed_orders().await;
        let cached = desk(&fixture, 3).await;
        fixture.store.replays.clear();
        let all = desk(&fixture, 1_000).await;
        assert!(all.len() > 6, "{} events", all.len());
        assert_eq!(cached, all);
        assert_eq!(desk(&fixture, 1).await, all, "the cache has later versions than the first page");
    }

    #[tokio::test]
    async fn a_damaged_event_keeps_nobody_from_the_events_of_other_orders() {
        let (fixture, [damaged, sound]) = two_confirmed_orders().await;
        fixture.store.replays.clear();
        let whole = desk(&fixture, 1_000).await;
        fixture.store.replays.clear();
        let id = damaged.order.id.to_bytes();
        let damage = fixture.store.writer.call(Phase::Settle, move |transaction| {
            Ok(transaction
                .prepare("UPDATE order_events SET data = '{}' WHERE order_id = ?1 AND version = 2")?
                .execute([id])?)
        });
        assert_eq!(damage.await, Ok(1));
        let kept: Vec<StoredEvent> =
            whole.into_iter().filter(|event| event.order == sound.order.id || event.version == 1).collect();
        for limit in [1, 2, 1_000] {
            assert_eq!(desk(&fixture, limit).await, kept, "in pages of {limit}");
        }
    }

    #[tokio::test]
    async fn orders_that_are_worked_at_the_same_time_are_told_from_the_middle_of_their_histories() {
        let (fixture, [original, _]) = two_confirmed_orders().await;
        let id = original.order.id.to_bytes();
        let events = desk(&fixture, 1_000).await;
        let told: Vec<_> = events.iter().filter(|event| event.order == original.order.id).collect();
        // Copies of an order, whose events take turns in the log.
        let copied = fixture.store.writer.call(Phase::Settle, move |transaction| {
            let run = |sql: &str| transaction.prepare(sql)?.execute([]);
            run("CREATE TEMP TABLE copies AS WITH RECURSIVE numbers(n) AS \
                 (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300) SELECT n, randomblob(16) AS id FROM numbers")?;
            transaction
                .prepare(
                    "INSERT INTO orders SELECT count + 10 + n, copies.id, randomblob(16), fingerprint, owner, state, \
                     payment, version, created_at, updated_at, confirmed_at, total, currency, delayed, refused_by, \
                     mail_refused, email, details, progress FROM orders, copies WHERE orders.id = ?1",
                )?
                .execute([id])?;
            transaction
                .prepare(
                    "INSERT INTO order_events SELECT version * 1000 + n, copies.id, owner, version, kind, at, data \
                     FROM order_events, copies WHERE order_id = ?1",
                )?
                .execute([id])?;
            run("DELETE FROM order_events WHERE seq < 1000")?;
            Ok(run("DROP TABLE copies")?)
        });
        copied.await.unwrap();
        fixture.store.replays.clear();
        let events = desk(&fixture, 500).await;
        assert_eq!(events.len(), 300 * told.len());
        for (event, like) in events
            .chunks(300)
            .zip(told)
            .flat_map(|(copies, like)| copies.iter().map(move |copy| (copy, like)))
        {
            assert_eq!((event.version, &event.data.step), (like.version, &like.data.step));
            assert_eq!(event.data.message.heading, like.data.message.heading);
        }
    }

    #[tokio::test]
    async fn both_statements_search_an_index_for_each_order() {
        let fixture = Fixture::new().await;
        for (sql, search) in [
            (&*beginnings(), "SEARCH orders USING INDEX sqlite_autoindex_orders_1 (id=?)"),
            (
                EARLIER,
                "SEARCH order_events USING INDEX sqlite_autoindex_order_events_1 (order_id=? AND version>? AND version<?)",
            ),
        ] {
            let plan = query_plan(&fixture.store, sql).await;
            assert!(plan.iter().any(|step| step == search), "{plan:#?}");
            let scans: Vec<_> = plan.iter().filter(|step| step.starts_with("SCAN")).collect();
            assert!(scans.iter().all(|step| step.contains("VIRTUAL TABLE")), "{plan:#?}");
        }
    }
}

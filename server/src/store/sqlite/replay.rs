//! Telling stored events in words.
//!
//! The log stores the facts of an event. Its words, actions and problem follow from the order at that version, which is
//! the sum of the earlier events.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use orders::{EventType, Order, OrderId, Timestamp};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::SqliteStore;
use super::read::{owner, parse, sixteen};
use crate::store::{ReadError, StoredEvent};

impl SqliteStore {
    /// Returns the events of rows. The rows of one order must ascend.
    ///
    /// The events of an order that cannot be read are left out and logged as errors, so that they do not keep anybody
    /// from the events of other orders. A subscriber sees the gap in the versions and reads the order.
    pub(super) async fn replay(&self, rows: &[SqliteRow]) -> Result<Vec<StoredEvent>, ReadError> {
        let mut orders: HashMap<OrderId, Option<Order>> = HashMap::new();
        let mut events = Vec::with_capacity(rows.len());
        for row in rows {
            let id = OrderId::from_bytes(sixteen(row.try_get("order_id")?)?);
            let order = match orders.entry(id) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(place) => {
                    let before = self.order_before(id, row.try_get("version")?).await?;
                    place.insert(logged(id, row, before))
                }
            };
            let Some(known) = order else { continue };
            let told = self.event(known, row);
            match logged(id, row, told) {
                Some(event) => events.push(event),
                None => *order = None,
            }
        }
        orders.into_values().flatten().for_each(|order| self.replays.put(order));
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

    /// Returns an order as it was before the event that made a version.
    ///
    /// # Errors
    /// The outer error when the store cannot be read; the inner one when the order or its events are damaged.
    async fn order_before(&self, id: OrderId, version: u32) -> Result<Result<Order, ReadError>, ReadError> {
        let cached = self.replays.get(id).filter(|cached| cached.version < version);
        let mut order = match cached {
            Some(cached) => Order::clone(&cached),
            None => {
                let record = match self.open_orders.get(id) {
                    Some(record) => Some(Ok(record)),
                    None => self.stored_record(id).await?,
                };
                match record {
                    Some(Ok(record)) => record.order.before_its_events(),
                    Some(Err(damaged)) => return Ok(Err(damaged)),
                    None => return Ok(Err(ReadError("its order is not stored".to_owned()))),
                }
            }
        };
        if order.version + 1 == version {
            return Ok(Ok(order));
        }
        let earlier = sqlx::query(
            "SELECT version, at, data FROM order_events WHERE order_id = ? AND version > ? AND version < ? \
             ORDER BY version",
        )
        .bind(id.to_bytes().to_vec())
        .bind(order.version)
        .bind(version)
        .fetch_all(&self.readers)
        .await?;
        let replayed = earlier.iter().try_for_each(|row| {
            let version = row.try_get("version")?;
            follows(&order, version)?;
            let facts = parse(row.try_get("data")?);
            let facts = facts.map_err(|ReadError(reason)| ReadError(format!("event {version}: {reason}")))?;
            order.replay_facts(Timestamp::from_millis(row.try_get("at")?), &facts);
            Ok(())
        });
        Ok(replayed.map(|()| order))
    }
}

fn follows(order: &Order, version: u32) -> Result<(), ReadError> {
    if order.version + 1 == version {
        return Ok(());
    }
    Err(ReadError(format!("event {version} follows version {}", order.version)))
}

/// Logs why an event cannot be read.
fn logged<T>(id: OrderId, row: &SqliteRow, read: Result<T, ReadError>) -> Option<T> {
    read.inspect_err(|reason| {
        let sequence: Option<i64> = row.try_get("seq").ok();
        tracing::error!(order.id = %id, sequence, %reason, "the events of an order cannot be read; they are left out");
    })
    .ok()
}

#[cfg(test)]
mod tests {
    use orders::OrderRecord;

    use super::super::testing::{accept_mugs, stock_mugs, work};
    use super::super::tests::Fixture;
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
}

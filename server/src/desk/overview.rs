//! The overview. Its numbers are counters that are updated with every change; nothing is counted over the history.

use std::time::Duration;

use ::orders::desk::{NeedsPerson, OldestWaiting, Overview, ServiceView};
use ::orders::{Problem, Service, Timestamp};

use super::Desk;
use super::queues;
use crate::store::problems::unreadable;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);

pub(super) async fn overview(desk: &Desk) -> Result<Overview, Problem> {
    let at = desk.now();
    let orders = desk.store.order_counts().await.map_err(unreadable)?;
    let queues = queues::list(desk).await?;
    let oldest = queues.iter().filter_map(|queue| Some((queue.oldest_due?, &queue.name))).min();
    let refused = desk.store.refused_orders().await.map_err(unreadable)?;
    let services = Service::ALL.into_iter().filter_map(|service| {
        let now = desk.service(service).breaker?;
        let waiting = refused.iter().find(|(by, _)| *by == service);
        Some(ServiceView {
            name: service.as_str().to_owned(),
            breaker: queues::breaker(now.view),
            refusal: now.refusal,
            orders_refused: waiting.map_or(0, |(_, orders)| *orders),
        })
    });
    Ok(Overview {
        at,
        orders,
        last_minute: desk.store.throughput_since(before(at, MINUTE)).await.map_err(unreadable)?,
        last_hour: desk.store.throughput_since(before(at, HOUR)).await.map_err(unreadable)?,
        oldest_waiting: oldest.map(|(since, queue)| OldestWaiting {
            queue: queue.clone(),
            since,
            seconds: at.since(since).as_secs(),
        }),
        services: services.collect(),
        needs_person: NeedsPerson {
            in_review: orders.in_review,
            quarantined: queues.iter().map(|queue| queue.quarantined).sum(),
            undo_delayed: desk.store.undo_delayed().await.map_err(unreadable)?,
            service_refuses_us: refused.iter().map(|(_, orders)| orders).sum(),
            mail_refused: desk.store.mail_refused().await.map_err(unreadable)?,
        },
        queues,
    })
}

fn before(at: Timestamp, span: Duration) -> Timestamp {
    let millis = i64::try_from(span.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(at.as_millis().saturating_sub(millis))
}

//! Queues: listing, pausing and resuming them.

use ::orders::desk::{Act, BreakerState, BreakerView, Operator, QueueView};
use ::orders::{Problem, ProblemCode, Service};
use queue::QueueStatus;

use super::Desk;
use crate::store::order_job::{queue_of, to_order_time, to_queue_time};
use crate::store::problems::unwritten;

/// Returns the queues, in the order in which an order passes them. A queue that was never used is empty.
pub(super) async fn list(desk: &Desk) -> Result<Vec<QueueView>, Problem> {
    let known = desk.store.queues(to_queue_time(desk.now())).await.map_err(unwritten)?;
    let views = Service::ALL.into_iter().map(|service| {
        let name = queue_of(service);
        let status = known.iter().find(|status| status.name == name).cloned();
        view(desk, service, status.unwrap_or(QueueStatus::empty(name)))
    });
    Ok(views.collect())
}

pub(super) async fn set_paused(
    desk: &Desk,
    who: &Operator,
    name: &str,
    paused: bool,
) -> Result<QueueView, Problem> {
    let unknown = || Problem::new(ProblemCode::NotFound).detail("There is no such queue.");
    let service = Service::ALL.into_iter().find(|service| service.as_str() == name).ok_or_else(unknown)?;
    let act = if paused { Act::PauseQueue } else { Act::ResumeQueue };
    let entry = desk.entry(who, act, name);
    desk.store.set_queue_paused(queue_of(service), paused, entry).await.map_err(unwritten)?;
    tracing::info!(queue.name = name, act = act.as_str(), operator.id = who.id, "an operator acted");
    list(desk).await?.into_iter().find(|queue| queue.name == name).ok_or_else(unknown)
}

/// Converts a breaker's state.
pub(super) fn breaker(view: queue::BreakerView) -> BreakerView {
    let state = match view.state {
        queue::BreakerState::Closed => BreakerState::Closed,
        queue::BreakerState::Open => BreakerState::Open,
        queue::BreakerState::HalfOpen => BreakerState::HalfOpen,
        queue::BreakerState::Refused => BreakerState::Refused,
    };
    BreakerView { state, until: view.until.map(to_order_time) }
}

fn view(desk: &Desk, service: Service, status: QueueStatus) -> QueueView {
    let now = desk.service(service);
    QueueView {
        name: status.name.to_string(),
        paused: status.paused,
        due: status.due,
        scheduled: status.scheduled,
        running: status.running,
        quarantined: status.quarantined,
        oldest_due: status.oldest_due.map(to_order_time),
        concurrency: u32::try_from(now.concurrency).unwrap_or(u32::MAX),
        breaker: now.breaker.map(|now| breaker(now.view)),
    }
}

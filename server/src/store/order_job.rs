//! The job that works an order: at most one at a time, in the queue of the service that its next piece of work needs.

use orders::{Order, OrderId, Timestamp, Work};
use queue::{JobKind, NewJob, QueueName};

/// The kind of these jobs.
pub const ORDER: JobKind = JobKind::new("order");

/// A step that meets trouble that passes is tried for days; what ends the tries is the order's own clock.
const MAX_ATTEMPTS: u32 = 10_000;

/// The queue of a service.
pub const fn queue_of(service: orders::Service) -> QueueName {
    QueueName::new(service.as_str())
}

/// The job that does what is to be done next for an order, due now or, when the order waits for its customer, at the
/// deadline. None when there is nothing to do by ourselves.
pub fn next_job(order: &Order, now: Timestamp) -> Option<NewJob> {
    let work = order.next_work();
    let run_at = if let Work::ExpireAt(deadline) = work { deadline } else { now };
    Some(NewJob {
        queue: queue_of(work.service()?),
        kind: ORDER,
        lane: Some(order.id.to_string()),
        share: None,
        payload: order.id.to_string(),
        run_at: in_queue_time(run_at),
        max_attempts: MAX_ATTEMPTS,
    })
}

/// The order that a job is about.
pub fn order_of(payload: &str) -> Option<OrderId> {
    payload.parse().ok()
}

/// A moment as the queue counts it.
pub const fn in_queue_time(at: Timestamp) -> queue::Timestamp {
    queue::Timestamp::from_millis(at.as_millis())
}

/// A moment of the queue as orders count it.
pub const fn in_order_time(at: queue::Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis())
}

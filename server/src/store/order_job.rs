//! The job that processes an order: at most one at a time, in the queue of the service that its next work calls.

use orders::{Order, OrderId, Owner, Timestamp, Work};
use queue::{JobKind, NewJob, QueueName};
use sha2::{Digest, Sha256};

/// The kind of these jobs.
pub const ORDER: JobKind = JobKind::new("order");

/// How often an attempt may crash before the order waits for an operator. Failures of a service do not count; the
/// order's own time limits end those.
const MAX_ATTEMPTS: u32 = 20;

/// The queue of a service.
pub const fn queue_of(service: orders::Service) -> QueueName {
    QueueName::new(service.as_str())
}

/// Returns the job of the work that is due for an order: due now or, when the order waits for its customer, at the
/// deadline. None when Docket can do nothing. The orders of one customer share the queue fairly with those of others.
pub fn next_job(order: &Order, owner: Option<Owner>, now: Timestamp) -> Option<NewJob> {
    let work = order.next_work();
    let run_at = if let Work::ExpireAt(deadline) = work { deadline } else { now };
    Some(NewJob {
        queue: queue_of(work.service()?),
        kind: ORDER,
        exclusive_key: Some(order.id.to_string()),
        fairness_key: Some(fairness_key(owner, &order.customer.email)),
        payload: order.id.to_string(),
        run_at: to_queue_time(run_at),
        max_attempts: MAX_ATTEMPTS,
    })
}

/// Returns the fairness key of an order: its owner or, without one, its e-mail address.
pub(super) fn fairness_key(owner: Option<Owner>, email: &str) -> String {
    let bytes = owner.map_or_else(
        || {
            let email = Sha256::digest(email.to_lowercase());
            let mut short = [0; 16];
            short.copy_from_slice(&email[..16]);
            short
        },
        |owner| owner.0,
    );
    format!("{:032x}", u128::from_be_bytes(bytes))
}

/// Returns the order of a job.
pub fn order_of(payload: &str) -> Option<OrderId> {
    payload.parse().ok()
}

/// Converts a time of an order to a time of the queue.
pub const fn to_queue_time(at: Timestamp) -> queue::Timestamp {
    queue::Timestamp::from_millis(at.as_millis())
}

/// Converts a time of the queue to a time of an order.
pub const fn to_order_time(at: queue::Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millis())
}

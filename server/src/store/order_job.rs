//! The job that works an order: at most one at a time, in the queue of the service that its next piece of work needs.

use orders::{Order, OrderId, Owner, Timestamp, Work};
use queue::{JobKind, NewJob, QueueName};
use sha2::{Digest, Sha256};

/// The kind of these jobs.
pub const ORDER: JobKind = JobKind::new("order");

/// So often work on an order may break off before it waits for a person. Troubles of a service do not count; what ends
/// those is the order's own clock.
const MAX_ATTEMPTS: u32 = 20;

/// The queue of a service.
pub const fn queue_of(service: orders::Service) -> QueueName {
    QueueName::new(service.as_str())
}

/// The job that does what is to be done next for an order, due now or, when the order waits for its customer, at the
/// deadline. None when there is nothing to do by ourselves. One customer's orders share what there is with the other
/// customers.
pub fn next_job(order: &Order, owner: Option<Owner>, now: Timestamp) -> Option<NewJob> {
    let work = order.next_work();
    let run_at = if let Work::ExpireAt(deadline) = work { deadline } else { now };
    Some(NewJob {
        queue: queue_of(work.service()?),
        kind: ORDER,
        exclusive_key: Some(order.id.to_string()),
        fairness_key: Some(fairness_key(owner, &order.customer.email)),
        payload: order.id.to_string(),
        run_at: in_queue_time(run_at),
        max_attempts: MAX_ATTEMPTS,
    })
}

/// Whose an order is: its owner's or, without one, whoever's mails it goes to.
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

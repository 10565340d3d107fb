//! The overview of the desk: is anyone waiting, and why.

use serde::{Deserialize, Serialize};

use crate::{State, Timestamp};

/// The whole desk at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// That time.
    pub at: Timestamp,
    /// How many orders are in each state.
    pub orders: OrderCounts,
    /// The last minute, to within five seconds.
    pub last_minute: Throughput,
    /// The last hour.
    pub last_hour: Throughput,
    /// The job that has been due for longest and is not running.
    pub oldest_waiting: Option<OldestWaiting>,
    /// The queues.
    pub queues: Vec<QueueView>,
    /// The external services.
    pub services: Vec<ServiceView>,
    /// What waits for a person.
    pub needs_person: NeedsPerson,
}

/// How many orders are in each state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each field is named for its state")]
pub struct OrderCounts {
    pub received: u64,
    pub processing: u64,
    pub action_required: u64,
    pub in_review: u64,
    pub confirmed: u64,
    pub shipped: u64,
    pub delivered: u64,
    pub cancelling: u64,
    pub cancelled: u64,
}

/// How many orders changed state in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throughput {
    /// They were accepted.
    pub accepted: u64,
    /// They were confirmed.
    pub confirmed: u64,
    /// They were delivered or cancelled.
    pub finished: u64,
}

/// The job that has been due for longest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldestWaiting {
    /// Its queue.
    pub queue: String,
    /// Since when it has been due.
    pub since: Timestamp,
    /// How many seconds that is.
    pub seconds: u64,
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueView {
    /// Its name, which is that of its service.
    pub name: String,
    /// Whether it is paused: workers claim none of its jobs.
    pub paused: bool,
    /// Jobs that are due.
    pub due: u64,
    /// Jobs that are due later.
    pub scheduled: u64,
    /// Jobs that are running.
    pub running: u64,
    /// Jobs that wait for a person.
    pub quarantined: u64,
    /// When the oldest due job became due.
    pub oldest_due: Option<Timestamp>,
    /// How many jobs run at the same time.
    pub concurrency: u32,
    /// The breaker of its service; none for our own stock table.
    pub breaker: Option<BreakerView>,
}

/// The queues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePage {
    /// The queues, in the order in which an order passes them.
    pub queues: Vec<QueueView>,
    /// Always none: there are only a few queues.
    pub next_page_token: Option<String>,
}

/// One external service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// Its name.
    pub name: String,
    /// Its breaker.
    pub breaker: BreakerView,
    /// How it refuses our calls, while it does.
    #[serde(default)]
    pub refusal: Option<ServiceRefusal>,
    /// How many orders wait because it refuses our calls; counted up to ten thousand.
    #[serde(default)]
    pub orders_refused: u64,
}

/// A service that refuses our calls until somebody corrects a setting, ours or its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRefusal {
    /// When it began.
    pub since: Timestamp,
    /// The HTTP status or SMTP reply code; none when there was no answer, as with an untrusted certificate.
    pub status: Option<u16>,
    /// The settings to check.
    pub settings: String,
}

/// A circuit breaker: whether the service is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerView {
    /// Its state.
    pub state: BreakerState,
    /// Until when the service is not called.
    pub until: Option<Timestamp>,
}

/// The states of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// The service is called.
    Closed,
    /// The service failed too often and is not called.
    Open,
    /// A few calls test the service.
    HalfOpen,
    /// The service refuses our calls; a single call now and then tests whether that is corrected.
    Refused,
}

/// What waits for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedsPerson {
    /// Orders that need an operator's decision.
    pub in_review: u64,
    /// Quarantined jobs.
    pub quarantined: u64,
    /// Cancelling orders whose undo has not succeeded; counted up to ten thousand.
    pub undo_delayed: u64,
    /// Orders that wait because a service refuses our calls; counted up to ten thousand for each service.
    #[serde(default)]
    pub service_refuses_us: u64,
    /// Open orders whose customer does not receive our mails; counted up to ten thousand.
    #[serde(default)]
    pub mail_refused: u64,
}

impl OrderCounts {
    /// Returns the counts that `in_state` gives for each state.
    pub fn of(mut in_state: impl FnMut(State) -> u64) -> Self {
        Self {
            received: in_state(State::Received),
            processing: in_state(State::Processing),
            action_required: in_state(State::ActionRequired),
            in_review: in_state(State::InReview),
            confirmed: in_state(State::Confirmed),
            shipped: in_state(State::Shipped),
            delivered: in_state(State::Delivered),
            cancelling: in_state(State::Cancelling),
            cancelled: in_state(State::Cancelled),
        }
    }
}

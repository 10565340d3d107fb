//! The desk at a glance: is anyone waiting, and why.

use serde::{Deserialize, Serialize};

use crate::{State, Timestamp};

/// The whole desk at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// That moment.
    pub at: Timestamp,
    /// How many orders are in each state.
    pub orders: OrderCounts,
    /// What happened in the last minute, to within five seconds.
    pub last_minute: Throughput,
    /// What happened in the last hour.
    pub last_hour: Throughput,
    /// The work that has been due for longest and is not begun.
    pub oldest_waiting: Option<OldestWaiting>,
    /// The queues.
    pub queues: Vec<QueueView>,
    /// The outside services.
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

/// How many orders took these turns in a span of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Throughput {
    /// They were accepted.
    pub accepted: u64,
    /// They were confirmed.
    pub confirmed: u64,
    /// They were delivered or cancelled.
    pub finished: u64,
}

/// The work that has been due for longest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OldestWaiting {
    /// The queue it waits in.
    pub queue: String,
    /// Since when.
    pub since: Timestamp,
    /// How long that is.
    pub seconds: u64,
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueueView {
    /// Its name, which is that of the service it leads to.
    pub name: String,
    /// It hands out no work until it is resumed.
    pub paused: bool,
    /// Jobs that could be begun now.
    pub due: u64,
    /// Jobs that wait for a later time.
    pub scheduled: u64,
    /// Jobs that are being done.
    pub running: u64,
    /// Jobs that wait for a person.
    pub quarantined: u64,
    /// Since when the oldest due job is due.
    pub oldest_due: Option<Timestamp>,
    /// How many jobs are done side by side.
    pub concurrency: u32,
    /// The breaker of its service; none for a service within the house.
    pub breaker: Option<BreakerView>,
}

/// The queues.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuePage {
    /// The queues, in the order in which an order meets them.
    pub queues: Vec<QueueView>,
    /// Always none: there are only a few.
    pub next_page_token: Option<String>,
}

/// One outside service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceView {
    /// Its name.
    pub name: String,
    /// Its breaker.
    pub breaker: BreakerView,
    /// How it refuses our calls, while it does.
    #[serde(default)]
    pub refusal: Option<ServiceRefusal>,
    /// How many orders wait because it refuses them; counted up to ten thousand.
    #[serde(default)]
    pub orders_refused: u64,
}

/// A service refuses our calls until somebody mends a setting, ours or its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRefusal {
    /// Since when.
    pub since: Timestamp,
    /// The status or reply code that it answered; none when it did not come to an answer, as with an untrusted certificate.
    pub status: Option<u16>,
    /// The settings to look at.
    pub settings: String,
}

/// A breaker: whether a service is asked at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BreakerView {
    /// Its state.
    pub state: BreakerState,
    /// Until when nothing is asked of the service.
    pub until: Option<Timestamp>,
}

/// The states of a breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BreakerState {
    /// The service answers.
    Closed,
    /// The service did not answer often enough to be asked now.
    Open,
    /// The service is tried carefully.
    HalfOpen,
    /// The service refuses our calls; a single call now and then finds out when that is mended.
    Refused,
}

/// What waits for a person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedsPerson {
    /// Orders about which an operator decides.
    pub in_review: u64,
    /// Jobs that were given up.
    pub quarantined: u64,
    /// Orders that end and whose undoing has not worked so far; counted up to ten thousand.
    pub undo_delayed: u64,
    /// Orders that wait because a service refuses our calls; counted up to ten thousand for each service.
    #[serde(default)]
    pub service_refuses_us: u64,
    /// Open orders whose customer does not get our mails; counted up to ten thousand.
    #[serde(default)]
    pub mail_refused: u64,
}

impl OrderCounts {
    /// The counts of `in_state`.
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

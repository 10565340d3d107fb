//! An event log in memory, whose orders change when a test says so.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use orders::{
    CommandContext, Currency, Event, Money, Order, OrderAccess, OrderId, OrderNumber, OrderRequest, Owner,
    Product, Reason, StepName, StepReason, StepState, Timestamp,
};
use serde_json::json;

use super::Hub;
use crate::store::{EventLog, ReadError, Snapshot, StoredEvent, Topic};

/// The owner of every order.
pub const ADA: Owner = Owner([1; 16]);
const NOW: CommandContext<'static> =
    CommandContext { at: Timestamp::from_millis(1_763_892_000_000), public_url: "http://docket" };

/// Returns a new order and its event.
pub fn new_order(seed: u8) -> (Order, Event) {
    let request: OrderRequest = serde_json::from_value(json!({
        "customer": {"name": "Ada", "email": "ada@example.org"},
        "ship_to": {"name": "Ada", "street": "1 Main St", "city": "Pavia", "postcode": "27100", "country": "IT"},
        "lines": [{"sku": "mug-blue", "quantity": 2}],
        "payment": {"method": "card", "token": "pm_card_visa"},
        "note": "Two lines\nand a \"quote\""
    }))
    .unwrap();
    let mug = Product {
        sku: "mug-blue".to_owned(),
        name: "Blue mug".to_owned(),
        description: String::new(),
        category: "kitchen".to_owned(),
        price: Money::new(1250, Currency::EUR),
        stock: 24,
        image: "/products/mug-blue.svg".to_owned(),
    };
    let id = OrderId::new(NOW.at, [seed; 10]);
    let valid = request.validate().unwrap();
    valid.receive(id, OrderNumber::of(seed.into()), None, NOW, |_| Some(mug.clone())).unwrap()
}

/// Returns an order with this many versions, and its events.
pub fn order_with_events(seed: u8, versions: u32) -> (Order, Vec<Event>) {
    let (mut order, received) = new_order(seed);
    let mut events = vec![received];
    while order.version < versions {
        events.push(go_on(&mut order));
    }
    (order, events)
}

/// Makes the next version of an order whose first step never succeeds.
fn go_on(order: &mut Order) -> Event {
    const STEP: StepName = StepName::ReserveStock;
    if order.step(STEP).state == StepState::Running {
        let next = NOW.at.plus(Duration::from_secs(1));
        order.retry_step(STEP, StepReason::ServiceDown, next, Duration::MAX, NOW).unwrap()
    } else {
        order.start_step(STEP, NOW).unwrap()
    }
}

/// Returns an event as the log stores it.
pub fn stored(sequence: u64, order: OrderId, event: &Event) -> StoredEvent {
    StoredEvent {
        sequence,
        order,
        owner: Some(ADA),
        kind: event.kind,
        version: event.data.version,
        at: event.time,
        data: Arc::new(event.data.clone()),
    }
}

/// What happens while a reader reads.
type Meanwhile = Box<dyn FnOnce(&MemoryLog) + Send>;

/// The log. A commit is published at once.
pub struct MemoryLog {
    pub hub: Arc<Hub>,
    shelf: Mutex<Shelf>,
    meanwhile: Mutex<VecDeque<Meanwhile>>,
}

#[derive(Default)]
struct Shelf {
    orders: Vec<Order>,
    events: Vec<StoredEvent>,
    pruned: u64,
    broken: bool,
}

impl MemoryLog {
    pub fn new() -> Arc<Self> {
        Arc::new(Self { hub: Hub::new(), shelf: Mutex::default(), meanwhile: Mutex::default() })
    }

    /// Accepts an order.
    pub fn accept(&self, seed: u8) -> OrderId {
        let (order, event) = new_order(seed);
        let id = order.id;
        self.shelf.lock().unwrap().orders.push(order);
        self.commit(id, &event);
        id
    }

    /// Makes this many more versions of an order.
    pub fn advance(&self, id: OrderId, times: u32) {
        for _ in 0..times {
            let event = self.change(id, go_on);
            self.commit(id, &event);
        }
    }

    /// Cancels an order that has not started.
    pub fn cancel(&self, id: OrderId) {
        let event = self.change(id, |order| order.cancel(Reason::Customer, NOW).unwrap().unwrap());
        self.commit(id, &event);
    }

    /// Replaces the private link of an order.
    pub fn replace_link(&self, id: OrderId) {
        let event = self.change(id, |order| order.replace_link(NOW));
        self.commit(id, &event);
    }

    /// Prunes the events up to this one.
    pub fn prune(&self, sequence: u64) {
        let mut shelf = self.shelf.lock().unwrap();
        shelf.events.retain(|event| event.sequence > sequence);
        shelf.pruned = sequence;
    }

    /// Fails all reads from now on.
    pub fn break_down(&self) {
        self.shelf.lock().unwrap().broken = true;
    }

    /// Runs this after one of the next reads, in turn, so that the reader's answer is already old.
    pub fn after_a_read(&self, happens: impl FnOnce(&Self) + Send + 'static) {
        self.meanwhile.lock().unwrap().push_back(Box::new(happens));
    }

    /// Removes what would run after reads.
    pub fn calm_down(&self) {
        self.meanwhile.lock().unwrap().clear();
    }

    fn change(&self, id: OrderId, change: impl FnOnce(&mut Order) -> Event) -> Event {
        let mut shelf = self.shelf.lock().unwrap();
        change(shelf.orders.iter_mut().find(|order| order.id == id).unwrap())
    }

    fn commit(&self, id: OrderId, event: &Event) {
        let event = {
            let mut shelf = self.shelf.lock().unwrap();
            let event = stored(shelf.head() + 1, id, event);
            shelf.events.push(event.clone());
            event
        };
        self.hub.publish(vec![event]);
    }

    fn read<T>(&self, read: impl FnOnce(&Shelf) -> T) -> Result<T, ReadError> {
        let answer = {
            let shelf = self.shelf.lock().unwrap();
            if shelf.broken {
                return Err(ReadError("the disk is gone".to_owned()));
            }
            read(&shelf)
        };
        let meanwhile = self.meanwhile.lock().unwrap().pop_front();
        if let Some(happens) = meanwhile {
            happens(self);
        }
        Ok(answer)
    }
}

impl Shelf {
    fn head(&self) -> u64 {
        self.events.last().map_or(self.pruned, |event| event.sequence)
    }
}

#[async_trait]
impl EventLog for MemoryLog {
    async fn head(&self) -> Result<u64, ReadError> {
        self.read(Shelf::head)
    }

    async fn first_kept(&self) -> Result<u64, ReadError> {
        self.read(|shelf| shelf.pruned + 1)
    }

    async fn events_after(
        &self,
        topic: Topic,
        cursor: u64,
        limit: u32,
    ) -> Result<Vec<StoredEvent>, ReadError> {
        self.read(|shelf| {
            let after = shelf.events.iter().filter(|event| event.sequence > cursor);
            after.filter(|event| is_of(topic, event.order)).take(limit as usize).cloned().collect()
        })
    }

    async fn snapshot(&self, topic: Topic, limit: u32) -> Result<Snapshot, ReadError> {
        self.read(|shelf| {
            let one = matches!(topic, Topic::Order(_));
            let of_topic = shelf.orders.iter().rev().filter(|order| is_of(topic, order.id));
            let open = of_topic.filter(|order| one || !order.state.is_final());
            Snapshot { orders: open.take(limit as usize).cloned().collect(), head: shelf.head() }
        })
    }

    async fn access_of(&self, id: OrderId) -> Result<Option<OrderAccess>, ReadError> {
        self.read(|shelf| {
            let order = shelf.orders.iter().find(|order| order.id == id)?;
            Some(OrderAccess { owner: Some(ADA), link_generation: order.link_generation })
        })
    }
}

fn is_of(topic: Topic, order: OrderId) -> bool {
    match topic {
        Topic::Order(id) => id == order,
        Topic::Owner(owner) => owner == ADA,
        Topic::Desk => true,
    }
}

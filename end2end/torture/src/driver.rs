//! The driver: customers who order over keep-alive connections, retry without an answer, cancel, and answer
//! questions. It is never killed, so it knows what was promised.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use orders::{Order, OrderId, State};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::api::Api;
use crate::history::{Fate, History, Outcome};
use crate::shop::{GOOD_CARD, GOOD_POSTCODE, Mix, Wish, address};
use crate::watch::{Seat, Topic, Watcher, Wire};

/// The delay before retrying an unreachable server.
const NOT_THERE: Duration = Duration::from_millis(25);
/// The delay before retrying after a refusal.
const COME_BACK: Duration = Duration::from_millis(200);
/// How often a customer retries before leaving it to the end.
const TRIES: u32 = 100;

/// How much is ordered, and by how many concurrent customers.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub clients: usize,
    pub orders: usize,
    /// Orders per second of all customers together.
    pub per_second: f64,
    pub mix: Mix,
    /// Whether customers without an answer retry soon; otherwise at the end.
    pub insists: bool,
    /// How many orders are watched individually.
    pub watched: usize,
    /// Whether Docket is made to panic, so that 500 is an expected answer.
    pub panics: bool,
}

/// The running customers.
#[derive(Debug)]
pub struct Driver {
    shared: Arc<Shared>,
    customers: JoinSet<()>,
}

#[derive(Debug)]
struct Shared {
    seed: u64,
    load: Load,
    address: String,
    key: String,
    history: Arc<History>,
    next: AtomicUsize,
    stop: AtomicBool,
    audience: Mutex<Vec<Watcher>>,
}

impl Driver {
    /// Starts the customers.
    pub fn start(address: &str, key: &str, seed: u64, load: Load, history: Arc<History>) -> Self {
        let shared = Arc::new(Shared {
            seed,
            load,
            address: address.to_owned(),
            key: key.to_owned(),
            history,
            next: AtomicUsize::new(0),
            stop: AtomicBool::new(false),
            audience: Mutex::default(),
        });
        let mut customers = JoinSet::new();
        let began = Instant::now();
        for _ in 0..load.clients {
            customers.spawn(shared.clone().order(began));
        }
        Self { shared, customers }
    }

    /// Returns how many orders were started.
    pub fn begun(&self) -> usize {
        self.shared.next.load(Ordering::Relaxed).min(self.shared.load.orders)
    }

    /// Whether every order was started.
    pub fn is_done(&self) -> bool {
        self.begun() == self.shared.load.orders
    }

    /// Waits until every order of the load is answered or given up.
    pub async fn done(&mut self) {
        while self.customers.join_next().await.is_some() {}
    }

    /// Starts no more orders.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    /// Retries every unanswered submission with its key until it is answered. Some never are.
    pub async fn settle(&self) {
        let mut rng = Rng::with_seed(self.shared.seed);
        let mut api = self.shared.api();
        for (key, submission) in self.shared.history.read().submissions {
            let asks = match submission.fate() {
                Fate::Acknowledged => false,
                Fate::Unknown => rng.u32(0..10) > 0,
                Fate::Refused | Fate::NeverSent => self.shared.load.insists,
            };
            if asks {
                self.shared.submit(&mut api, &key, &submission.wish, &mut Rng::with_seed(1), true).await;
            }
        }
    }

    /// Answers the open questions for another card or address.
    ///
    /// # Errors
    /// When the orders cannot be listed.
    pub async fn mend(&self) -> anyhow::Result<()> {
        let mut api = self.shared.api();
        let asked = self.shared.history.read();
        for order in api.orders(Some(State::ActionRequired), usize::MAX).await? {
            let key = order.note.as_deref().unwrap_or_default();
            let mends = asked.submissions.get(key).is_some_and(|submission| submission.wish.mends);
            if !mends || asked.mended.contains(&order.id) {
                continue;
            }
            let outcome = if order.wants_address() {
                let body = json!({"ship_to": address(GOOD_POSTCODE)});
                api.command(order.id, "address", Some(&body)).await
            } else {
                let body = json!({"payment": {"method": "card", "token": GOOD_CARD}});
                api.command(order.id, "payment", Some(&body)).await
            };
            self.shared.history.mended(order.id, &outcome);
        }
        Ok(())
    }

    /// Cancels a confirmed order, if there is one.
    ///
    /// # Errors
    /// When the orders cannot be listed.
    pub async fn regret(&self) -> anyhow::Result<()> {
        let mut api = self.shared.api();
        if let Some(order) = api.orders(Some(State::Confirmed), 1).await?.pop() {
            api.cancel(&self.shared.history, order.id).await;
        }
        Ok(())
    }

    /// Returns the watchers of single orders.
    pub fn take_audience(&self) -> Vec<Watcher> {
        std::mem::take(&mut *self.shared.audience.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shared {
    fn api(&self) -> Api {
        Api::new(&self.address, &self.key)
    }

    /// Submits one order after the other over one connection.
    async fn order(self: Arc<Self>, began: Instant) {
        let mut api = self.api();
        while !self.stop.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.load.orders {
                return;
            }
            sleep_until(began + Duration::from_secs_f64(number as f64 / self.load.per_second)).await;
            let mut rng = Rng::with_seed(self.seed.wrapping_add(number as u64));
            let wish = Wish::draw(self.seed, number, self.load.mix);
            let key = format!("{}x{number}", self.seed);
            let Some(order) = self.submit(&mut api, &key, &wish, &mut rng, self.load.insists).await else {
                continue;
            };
            self.watch(number, order.id);
            if wish.repeats {
                self.submit(&mut api, &key, &wish, &mut rng, self.load.insists).await;
                self.misuse(&mut api, &key).await;
            }
            if wish.cancels {
                // Usually before the capture, sometimes after it.
                sleep(Duration::from_millis(rng.u64(0..300) * rng.u64(1..=6))).await;
                api.cancel(&self.history, order.id).await;
            }
        }
    }

    async fn submit(
        &self,
        api: &mut Api,
        key: &str,
        wish: &Wish,
        rng: &mut Rng,
        insists: bool,
    ) -> Option<Box<Order>> {
        for _ in 0..TRIES {
            match api.order(&self.history, key, wish).await {
                Outcome::Acknowledged(order) => return Some(order),
                Outcome::Refused { status: 429 | 503, .. } => sleep(COME_BACK).await,
                Outcome::Refused { status, code, .. } => {
                    self.history.wrong(format!("{key} was refused: {status} {code}"));
                    return None;
                }
                Outcome::Unknown(why) => {
                    if why.starts_with("500") && !self.load.panics {
                        self.history.wrong(format!("{key} was answered {why}"));
                    }
                    if !insists || rng.u32(0..3) == 0 {
                        return None;
                    }
                    sleep(NOT_THERE).await;
                }
                Outcome::NotSent(_) => sleep(NOT_THERE).await,
            }
        }
        None
    }

    /// The same key with another body must be refused, whatever happened to the order.
    async fn misuse(&self, api: &mut Api, key: &str) {
        let other = Wish { lines: vec![("mug-blue", 999)], ..Wish::default() };
        if let Outcome::Acknowledged(order) = api.submit(key, &other.body(key)).await {
            self.history.wrong(format!("{key} was taken for another order, answered with {}", order.id));
        }
    }

    /// Watches some orders individually, alternating between both transports.
    fn watch(&self, number: usize, id: OrderId) {
        let every = (self.load.orders / self.load.watched.max(1)).max(1);
        if self.load.watched == 0 || !number.is_multiple_of(every) {
            return;
        }
        let wire = if (number / every).is_multiple_of(2) { Wire::Sse } else { Wire::WebSocket };
        let seat = Seat { address: self.address.clone(), key: self.key.clone(), topic: Topic::One(id), wire };
        let watcher = Watcher::start(seat, self.history.clone());
        self.audience.lock().unwrap_or_else(PoisonError::into_inner).push(watcher);
    }
}

impl Load {
    /// No orders.
    pub const NONE: Self = Self {
        clients: 0,
        orders: 0,
        per_second: 1.0,
        mix: Mix::Plain,
        insists: true,
        watched: 0,
        panics: false,
    };

    /// Orders until the driver is stopped.
    pub fn endless(per_second: f64) -> Self {
        Self { orders: 1_000_000, per_second, watched: 0, ..Self::default() }
    }
}

impl Default for Load {
    fn default() -> Self {
        Self {
            clients: 8,
            orders: 200,
            per_second: 40.0,
            mix: Mix::Everything,
            insists: true,
            watched: 10,
            panics: false,
        }
    }
}

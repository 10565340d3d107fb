//! The driver: customers who order over keep-alive connections, retry when they get no answer, cancel, and give another
//! card or address. It is never killed, so it knows every answer that Docket gave.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use orders::{Order, OrderId, State};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::api::ApiClient;
use crate::history::{History, Outcome, SubmissionState};
use crate::watch::{Subscription, Topic, Transport, Watcher};
use crate::workload::{GOOD_CARD, GOOD_POSTCODE, Mix, OrderPlan, address};

/// The delay before retrying an unreachable server.
const RECONNECT_DELAY: Duration = Duration::from_millis(25);
/// The delay before retrying after a refusal.
const RETRY_DELAY: Duration = Duration::from_millis(200);
/// How often a customer sends a submission before it is left to the end of the trial.
const MAX_ATTEMPTS: u32 = 100;

/// How many orders are made, at which rate and by how many concurrent customers.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    pub clients: usize,
    pub orders: usize,
    /// Orders per second of all customers together.
    pub per_second: f64,
    pub mix: Mix,
    /// Whether customers without an answer retry at once, rather than at the end of the trial.
    pub retries: bool,
    /// How many orders are watched individually.
    pub watched_orders: usize,
    /// Whether the experiment makes Docket panic, so that 500 is an expected answer.
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
    watchers: Mutex<Vec<Watcher>>,
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
            watchers: Mutex::default(),
        });
        let mut customers = JoinSet::new();
        let began = Instant::now();
        for _ in 0..load.clients {
            customers.spawn(shared.clone().run_customer(began));
        }
        Self { shared, customers }
    }

    /// Returns how many orders were started.
    pub fn started(&self) -> usize {
        self.shared.next.load(Ordering::Relaxed).min(self.shared.load.orders)
    }

    /// Whether every order was started.
    pub fn all_started(&self) -> bool {
        self.started() == self.shared.load.orders
    }

    /// Waits until every order of the load is answered or left to the end of the trial.
    pub async fn wait_until_answered(&mut self) {
        while self.customers.join_next().await.is_some() {}
    }

    /// Starts no more orders.
    pub fn stop(&self) {
        self.shared.stop.store(true, Ordering::Relaxed);
    }

    /// Sends submissions without an acknowledgement again with their keys. It leaves out a random tenth of the unknown
    /// ones, so that some outcomes stay unknown.
    pub async fn resubmit_unanswered(&self) {
        let mut rng = Rng::with_seed(self.shared.seed);
        let mut api = self.shared.api();
        for (key, submission) in self.shared.history.read().submissions {
            let resubmits = match submission.state() {
                SubmissionState::Acknowledged => false,
                SubmissionState::Unknown => rng.u32(0..10) > 0,
                SubmissionState::Refused | SubmissionState::NeverSent => self.shared.load.retries,
            };
            if resubmits {
                self.shared.submit(&mut api, &key, &submission.plan, &mut Rng::with_seed(1), true).await;
            }
        }
    }

    /// Gives another card or address for each order that waits for one and whose plan says so.
    ///
    /// # Errors
    /// When the orders cannot be listed.
    pub async fn correct_orders(&self) -> anyhow::Result<()> {
        let mut api = self.shared.api();
        let operations = self.shared.history.read();
        for order in api.orders(Some(State::ActionRequired), usize::MAX).await? {
            let key = order.note.as_deref().unwrap_or_default();
            let corrects = operations.submissions.get(key).is_some_and(|submission| submission.plan.corrects);
            if !corrects || operations.corrected.contains(&order.id) {
                continue;
            }
            let outcome = if order.wants_address() {
                let body = json!({"ship_to": address(GOOD_POSTCODE)});
                api.command(order.id, "address", Some(&body)).await
            } else {
                let body = json!({"payment": {"method": "card", "token": GOOD_CARD}});
                api.command(order.id, "payment", Some(&body)).await
            };
            self.shared.history.corrected(order.id, &outcome);
        }
        Ok(())
    }

    /// Cancels a confirmed order, if there is one.
    ///
    /// # Errors
    /// When the orders cannot be listed.
    pub async fn cancel_confirmed_order(&self) -> anyhow::Result<()> {
        let mut api = self.shared.api();
        if let Some(order) = api.orders(Some(State::Confirmed), 1).await?.pop() {
            api.cancel(&self.shared.history, order.id).await;
        }
        Ok(())
    }

    /// Removes and returns the watchers of single orders.
    pub fn take_watchers(&self) -> Vec<Watcher> {
        std::mem::take(&mut *self.shared.watchers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Shared {
    fn api(&self) -> ApiClient {
        ApiClient::new(&self.address, &self.key)
    }

    /// Submits one order after the other over one connection.
    async fn run_customer(self: Arc<Self>, began: Instant) {
        let mut api = self.api();
        while !self.stop.load(Ordering::Relaxed) {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.load.orders {
                return;
            }
            sleep_until(began + Duration::from_secs_f64(number as f64 / self.load.per_second)).await;
            let mut rng = Rng::with_seed(self.seed.wrapping_add(number as u64));
            let plan = OrderPlan::random(self.seed, number, self.load.mix);
            let key = format!("{}x{number}", self.seed);
            let Some(order) = self.submit(&mut api, &key, &plan, &mut rng, self.load.retries).await else {
                continue;
            };
            self.watch_order(number, order.id);
            if plan.repeats {
                self.submit(&mut api, &key, &plan, &mut rng, self.load.retries).await;
                self.reuse_key(&mut api, &key).await;
            }
            if plan.cancels {
                // Usually before the payment is captured, sometimes after.
                sleep(Duration::from_millis(rng.u64(0..300) * rng.u64(1..=6))).await;
                api.cancel(&self.history, order.id).await;
            }
        }
    }

    async fn submit(
        &self,
        api: &mut ApiClient,
        key: &str,
        plan: &OrderPlan,
        rng: &mut Rng,
        retries: bool,
    ) -> Option<Box<Order>> {
        for _ in 0..MAX_ATTEMPTS {
            match api.submit_order(&self.history, key, plan).await {
                Outcome::Acknowledged(order) => return Some(order),
                Outcome::Refused { status: 429 | 503, .. } => sleep(RETRY_DELAY).await,
                Outcome::Refused { status, code, .. } => {
                    self.history.wrong_answer(format!("{key} was refused: {status} {code}"));
                    return None;
                }
                Outcome::Unknown(reason) => {
                    if reason.starts_with("500") && !self.load.panics {
                        self.history.wrong_answer(format!("{key} was answered {reason}"));
                    }
                    if !retries || rng.u32(0..3) == 0 {
                        return None;
                    }
                    sleep(RECONNECT_DELAY).await;
                }
                Outcome::NotSent(_) => sleep(RECONNECT_DELAY).await,
            }
        }
        None
    }

    /// Submits another order with a used key, which must be refused in every state of the first order.
    async fn reuse_key(&self, api: &mut ApiClient, key: &str) {
        let other = OrderPlan { lines: vec![("mug-blue", 999)], ..OrderPlan::default() };
        if let Outcome::Acknowledged(order) = api.submit_unrecorded(key, &other.body(key)).await {
            self.history
                .wrong_answer(format!("{key} was accepted for a second body, with order {}", order.id));
        }
    }

    /// Starts watchers of single orders, spread evenly over the load and alternating between both transports.
    fn watch_order(&self, number: usize, id: OrderId) {
        let every = (self.load.orders / self.load.watched_orders.max(1)).max(1);
        if self.load.watched_orders == 0 || !number.is_multiple_of(every) {
            return;
        }
        let transport =
            if (number / every).is_multiple_of(2) { Transport::Sse } else { Transport::WebSocket };
        let subscription = Subscription {
            address: self.address.clone(),
            key: self.key.clone(),
            topic: Topic::One(id),
            transport,
        };
        let watcher = Watcher::start(subscription, self.history.clone());
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner).push(watcher);
    }
}

impl Load {
    /// No orders.
    pub const NONE: Self = Self {
        clients: 0,
        orders: 0,
        per_second: 1.0,
        mix: Mix::Confirmable,
        retries: true,
        watched_orders: 0,
        panics: false,
    };

    /// Orders until the driver is stopped.
    pub fn unlimited(per_second: f64) -> Self {
        Self { orders: 1_000_000, per_second, watched_orders: 0, ..Self::default() }
    }
}

impl Default for Load {
    fn default() -> Self {
        Self {
            clients: 8,
            orders: 200,
            per_second: 40.0,
            mix: Mix::Everything,
            retries: true,
            watched_orders: 10,
            panics: false,
        }
    }
}

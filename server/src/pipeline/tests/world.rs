//! A shop with the real store and the real gateways, and a clock that tests advance.

use std::sync::Arc;
use std::time::Duration;

use orders::request::{CustomerRequest, LineRequest};
use orders::{
    AddressRequest, Caller, CommandContext, Event, IdempotencyKey, Order, OrderId, OrderRecord, OrderRequest,
    OrderService, Owner, PaymentRequest, PrivateLink, Refused, Service, State, Work,
};
use queue::{
    Backoff, BreakerConfig, Clock, Job, JobFilter, JobState, ManualClock, Registry, Runtime, SeededRandom,
    Store, Worker, WorkerConfig,
};
use serde_json::Value;
use tempfile::TempDir;

use super::super::{Pipeline, PipelineSettings};
use super::between::Between;
use crate::accept::Shop;
use crate::external::breakers::Breakers;
use crate::external::gateways::tests::mail_server::MailServer;
use crate::external::gateways::{CarrierGateway, Mailer, PaymentGateway};
use crate::identity::tracking::TrackingKey;
use crate::mail::{DelayNotifier, MailHandler, MailRenderer};
use crate::pipeline::eta::EtaEstimator;
use crate::platform::entropy::SystemEntropy;
use crate::sandbox::testing::Running;
use crate::steps::Gateways;
use crate::store::change::Change;
use crate::store::commands::Changed;
use crate::store::mail_job::CUSTOMER_MAIL;
use crate::store::order_job::{ORDER, next_job, queue_of, to_order_time};
use crate::store::sqlite::{SqliteConfig, SqliteStore};
use crate::store::{Catalogue as _, Commands as _, EventLog, OrderReads as _, Topic};

/// The limit of an unknown outcome.
pub(super) const UNKNOWN_LIMIT: Duration = Duration::from_mins(15);
/// The limit of a step.
pub(super) const STEP_LIMIT: Duration = Duration::from_hours(24);

const FROM: &str = "Docket <orders@shop.example>";

pub(super) const ADA: Caller = Caller::own(Owner([1; 16]));

/// A shop whose clock stands still until a test advances it.
pub(super) struct World {
    pub(super) sandbox: Running,
    pub(super) store: Arc<SqliteStore>,
    pub(super) shop: Shop,
    pub(super) breakers: Arc<Breakers>,
    pub(super) clock: Arc<ManualClock>,
    pub(super) workers: Vec<Worker<SqliteStore>>,
    pub(super) folder: TempDir,
    pub(super) services: Services,
    orders: u32,
}

/// The external services of a world.
pub(super) struct Services {
    /// The proxy between the shop and the sandbox.
    pub(super) between: Between,
    /// The mail server; without one, mails are files.
    pub(super) mail: Option<MailServer>,
    /// The time-out of a call, in real time.
    timeout: Duration,
}

impl World {
    pub(super) async fn new() -> Self {
        Self::waiting_for_answers(Duration::from_secs(5)).await
    }

    /// A world whose calls time out after this real time.
    pub(super) async fn waiting_for_answers(timeout: Duration) -> Self {
        Self::with(timeout, None, Box::new(follow)).await
    }

    /// A world with a mail server.
    pub(super) async fn with_mail_server() -> Self {
        Self::with(Duration::from_secs(5), Some(MailServer::start().await), Box::new(follow)).await
    }

    /// A world in which each attempt to render a receipt panics.
    pub(super) async fn with_poisonous_receipts() -> Self {
        Self::with(Duration::from_secs(5), None, Box::new(|_| panic!("poison"))).await
    }

    async fn with(
        timeout: Duration,
        mail: Option<MailServer>,
        link: Box<dyn Fn(PrivateLink) -> String + Send + Sync>,
    ) -> Self {
        let sandbox = Running::start().await;
        let services = Services { between: Between::start(&sandbox.url).await, mail, timeout };
        let folder = tempfile::tempdir().unwrap();
        let config = SqliteConfig {
            path: folder.path().join("docket.db"),
            public_url: "https://shop.example".to_owned(),
        };
        let store = SqliteStore::open(&config, Box::new(|_| ())).await.unwrap();
        store.import_products(crate::catalog::sample(orders::Currency::EUR).unwrap()).await.unwrap();
        let clock = Arc::new(ManualClock::at(queue::Timestamp::from_millis(1_763_892_000_000)));
        let eta = Arc::new(EtaEstimator::default());
        let tracking = TrackingKey::new([3; 32]);
        let shop = Shop::new(
            store.clone(),
            clock.clone(),
            Arc::new(SystemEntropy),
            tracking,
            eta.clone(),
            "https://shop.example".to_owned(),
        );
        let breakers = Arc::new(Breakers::new(BreakerConfig::default()));
        let pipeline = Pipeline {
            store: store.clone(),
            gateways: gateways(&services, &folder, link),
            breakers: breakers.clone(),
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new(1)),
            eta,
            metrics: Arc::default(),
            settings: PipelineSettings {
                public_url: "https://shop.example".to_owned(),
                backoff: Backoff { base: Duration::from_millis(500), cap: Duration::from_secs(60) },
                patience: Duration::from_secs(3),
                hold_for: Duration::from_secs(86_400),
                unknown_limit: UNKNOWN_LIMIT,
                step_limit: STEP_LIMIT,
                time_limit: Duration::from_secs(30),
            },
        };
        let mail_handler = MailHandler {
            store: store.clone(),
            renderer: pipeline.gateways.renderer.clone(),
            mailer: pipeline.gateways.mailer.clone(),
            breakers: breakers.clone(),
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new(3)),
            public_url: pipeline.settings.public_url.clone(),
            backoff: pipeline.settings.backoff,
            time_limit: pipeline.settings.time_limit,
        };
        let runtime = Runtime {
            store: store.clone(),
            registry: Arc::new(Registry::new().with(ORDER, pipeline).with(CUSTOMER_MAIL, mail_handler)),
            clock: clock.clone(),
            random: Arc::new(SeededRandom::new(2)),
            wakeup: store.wakeup().clone(),
        };
        let workers = Service::ALL
            .map(|service| Worker::new(runtime.clone(), WorkerConfig::new(queue_of(service), "test".into())));
        Self { sandbox, store, shop, breakers, clock, workers: workers.into(), folder, services, orders: 0 }
    }

    pub(super) async fn order(&mut self, request: OrderRequest) -> OrderId {
        self.orders += 1;
        let key = IdempotencyKey::new(format!("key-{}", self.orders)).unwrap();
        self.shop.submit(&ADA, &key, request).await.unwrap().order.id
    }

    pub(super) async fn get(&self, id: OrderId) -> Order {
        self.shop.order(&ADA, id).await.unwrap()
    }

    /// Runs one tick of every worker; returns whether anything was done.
    pub(super) async fn tick(&self) -> bool {
        let mut busy = false;
        for worker in &self.workers {
            busy |= !worker.tick().await.unwrap().is_empty();
        }
        busy
    }

    /// Runs everything that is due now.
    pub(super) async fn work(&self) {
        while self.tick().await {}
    }

    /// Runs the order until it is in this state, advancing the clock from one due time to the next.
    pub(super) async fn work_until(&self, id: OrderId, state: State) -> Order {
        for _ in 0..200 {
            self.work().await;
            let order = self.get(id).await;
            if order.state == state {
                return order;
            }
            self.clock.set(self.next_due().await.expect("the order waits for nobody"));
        }
        panic!("the order never became {state:?}: {:#?}", self.get(id).await);
    }

    pub(super) async fn next_due(&self) -> Option<queue::Timestamp> {
        let mut next = None;
        for service in Service::ALL {
            let due = self.store.next_due(&queue_of(service)).await.unwrap();
            next = [next, due].into_iter().flatten().min();
        }
        next.map(|due| due.max(self.clock.now()))
    }

    /// Advances the clock from one due time to the next until only a person can go on.
    pub(super) async fn work_until_nothing_is_due(&self) {
        for _ in 0..200 {
            self.work().await;
            let Some(due) = self.next_due().await else { return };
            self.clock.set(due);
        }
        panic!("there is always more to do");
    }

    /// Changes an order as an operator or the carrier does.
    pub(super) async fn change(
        &self,
        id: OrderId,
        command: impl FnOnce(&mut OrderRecord, CommandContext<'_>) -> Result<Event, Refused>,
    ) -> Order {
        let mut record = self.record(id).await;
        let from = record.order.version;
        let now = self.now();
        let event =
            command(&mut record, CommandContext { at: now, public_url: "https://shop.example" }).unwrap();
        let job = next_job(&record.order, record.owner, now);
        let changed = self.store.change(Change::of(from, record.clone(), vec![event]), job).await;
        assert_eq!(changed, Ok(Changed::Done));
        record.order
    }

    pub(super) async fn record(&self, id: OrderId) -> OrderRecord {
        self.store.order_record(id).await.unwrap().unwrap()
    }

    pub(super) fn now(&self) -> orders::Timestamp {
        to_order_time(self.clock.now())
    }

    /// Runs the order until this work is due.
    pub(super) async fn work_up_to(&self, id: OrderId, work: Work) {
        for _ in 0..20 {
            let next = self.get(id).await.next_work();
            if next == work {
                return;
            }
            self.worker(next.service().unwrap()).tick().await.unwrap();
        }
        panic!("{work:?} is never due");
    }

    pub(super) fn worker(&self, service: Service) -> &Worker<SqliteStore> {
        &self.workers[Service::ALL.iter().position(|other| *other == service).unwrap()]
    }

    /// Returns the jobs in a state.
    pub(super) async fn jobs(&self, state: JobState) -> Vec<Job> {
        let filter = JobFilter { state: Some(state), queue: None, before: None, limit: 100 };
        self.store.list(filter).await.unwrap()
    }

    /// Returns the sent mails by file name, with their content.
    pub(super) fn mails(&self) -> Vec<(String, String)> {
        let files = std::fs::read_dir(self.folder.path().join("mail")).unwrap();
        let mut mails: Vec<_> = files
            .map(|file| file.unwrap())
            .map(|file| {
                let name = file.file_name().into_string().unwrap();
                (name, std::fs::read_to_string(file.path()).unwrap())
            })
            .collect();
        mails.sort();
        mails
    }

    /// Runs the delay notifier once; returns how many mails it triggered.
    pub(super) async fn notify_waiting_orders(&self) -> u32 {
        let delay_notifier = DelayNotifier { store: self.store.clone(), clock: self.clock.clone() };
        delay_notifier.notify_waiting().await.unwrap()
    }

    /// Returns clients of the services beside the pipeline's own.
    pub(super) fn gateways(&self) -> Gateways {
        gateways(&self.services, &self.folder, Box::new(follow))
    }

    /// Asserts that every hold was released or refunded, once.
    pub(super) async fn assert_no_money_is_kept(&self) {
        for payment in self.payments().await {
            assert_ne!(payment["status"], "requires_capture", "{payment}");
            assert_eq!(payment["amount_captured"], payment["amount_refunded"], "{payment}");
        }
    }

    /// Asserts that the customer paid the total, once.
    pub(super) async fn assert_paid_once(&self, order: &Order) {
        let payments = self.payments().await;
        let paid: Vec<_> = payments.iter().filter(|payment| payment["status"] == "succeeded").collect();
        assert_eq!(paid.len(), 1, "{payments:?}");
        assert_eq!(paid[0]["amount_captured"], order.total.amount);
        assert!(payments.iter().all(|payment| payment["status"] != "requires_capture"), "{payments:?}");
    }

    pub(super) async fn payments(&self) -> Vec<Value> {
        self.sandbox.ledger("payments").await
    }

    pub(super) async fn stock(&self, sku: &str) -> u32 {
        self.shop.product(sku).await.unwrap().stock
    }

    /// Asserts that applying the events gives the stored order, and that versions increase by one.
    pub(super) async fn assert_log_agrees(&self, id: OrderId) {
        let events = self.store.events_after(Topic::Order(id), 0, 1000).await.unwrap();
        let versions: Vec<u32> = events.iter().map(|event| event.version).collect();
        assert_eq!(versions, (1..=versions.len() as u32).collect::<Vec<_>>());
        assert_eq!(self.get(id).await.version, versions.len() as u32);
    }
}

/// Returns the link in a mail.
fn follow(link: PrivateLink) -> String {
    format!("https://shop.example/orders/{}?link={}", link.order, link.generation)
}

fn gateways(
    services: &Services,
    folder: &TempDir,
    tracking_link: Box<dyn Fn(PrivateLink) -> String + Send + Sync>,
) -> Gateways {
    Gateways {
        payment: PaymentGateway::new(&services.between.url, "sk_test", services.timeout).unwrap(),
        carrier: CarrierGateway::new(&services.between.url, "key", services.timeout).unwrap(),
        mailer: match &services.mail {
            Some(server) => Mailer::to_server(&server.url, FROM, services.timeout).unwrap(),
            None => Mailer::to_folder(&folder.path().join("mail"), FROM).unwrap(),
        },
        renderer: Arc::new(MailRenderer { public_url: "https://shop.example".to_owned(), tracking_link }),
        found_within: UNKNOWN_LIMIT,
    }
}

pub(super) fn request(postcode: &str, token: Option<&str>) -> OrderRequest {
    OrderRequest {
        customer: CustomerRequest { name: "Ada".to_owned(), email: "ada@example.org".to_owned() },
        ship_to: address(postcode),
        lines: vec![LineRequest { sku: "mug-blue".to_owned(), quantity: 2 }],
        payment: PaymentRequest {
            method: if token.is_some() { "card" } else { "invoice" }.to_owned(),
            token: token.map(str::to_owned),
        },
        note: None,
    }
}

pub(super) fn address(postcode: &str) -> AddressRequest {
    AddressRequest {
        name: "Ada".to_owned(),
        street: "1 Main St".to_owned(),
        city: Some("Pavia".to_owned()),
        postcode: Some(postcode.to_owned()),
        country: "IT".to_owned(),
        ..AddressRequest::default()
    }
}

pub(super) fn visa() -> OrderRequest {
    request("27100", Some("pm_card_visa"))
}

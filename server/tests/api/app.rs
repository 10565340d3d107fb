//! A server for each test: a temporary folder, a free port, real HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use orders::{Currency, Timestamp};
use queue::{BreakerConfig, Clock, SystemClock};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use server::accept::Shop;
use server::config::TrustedProxies;
use server::desk::{Desk, ServiceStatus};
use server::external::breakers::Breakers;
use server::external::carrier_events::CarrierEventHandler;
use server::http::site::Site;
use server::http::{
    HttpConfig, HttpState, MonotonicClock, Ports, SubmissionLimiter, internal_router, router,
};
use server::identity::keys::{self, ApiKey, KeyRing, KeyScope};
use server::identity::session::{CookieName, Session, SessionKey};
use server::identity::tracking::TrackingKey;
use server::identity::webhook_signature::SigningKey;
use server::load::admission::{Admission, AdmissionLimits};
use server::load::metrics_sampler::MetricsSampler;
use server::metrics::{Exporter, Metrics};
use server::pipeline::eta::EtaEstimator;
use server::platform::entropy::SystemEntropy;
use server::push::Hub;
use server::store::order_job::to_order_time;
use server::store::sqlite::{SqliteConfig, SqliteStore};
use server::store::{Catalogue as _, ReadError};
use tempfile::TempDir;

/// The secret of the carrier's webhooks.
pub const CARRIER_SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
/// The secret that signs sessions.
const SESSION_SECRET: [u8; 32] = [8; 32];

/// The randomness from which [`faulty_key`] is made.
const RANDOM_OF_FAULTY_KEY: [u8; 32] = [0xff; 32];

/// A running server. Its folder is deleted with it.
pub struct TestApp {
    pub address: SocketAddr,
    pub internal: SocketAddr,
    pub hub: Arc<Hub>,
    pub admission: Arc<Admission>,
    pub client: Client,
    pub store: Arc<SqliteStore>,
    keys_made: AtomicU32,
    _folder: TempDir,
}

/// The keys of the store, and one whose search panics.
struct FaultyKeys(Arc<SqliteStore>);

#[async_trait]
impl KeyRing for FaultyKeys {
    async fn find_key(&self, hash: [u8; 32]) -> Result<Option<ApiKey>, ReadError> {
        assert!(hash != keys::mint(RANDOM_OF_FAULTY_KEY).1, "a planted fault");
        self.0.find_key(hash).await
    }

    async fn add_key(&self, key: ApiKey, hash: [u8; 32], at: Timestamp) -> Result<(), ReadError> {
        self.0.add_key(key, hash, at).await
    }
}

/// An order as its caller knows it.
pub struct Placed {
    pub id: String,
    pub token: String,
    pub order: Value,
}

impl TestApp {
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub async fn start_with(change: impl FnOnce(&mut HttpConfig)) -> Self {
        Self::build(change, false).await
    }

    /// The same with the pages, over a site without files.
    pub async fn start_with_pages(change: impl FnOnce(&mut HttpConfig)) -> Self {
        Self::build(change, true).await
    }

    async fn build(change: impl FnOnce(&mut HttpConfig), pages: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let metrics = Arc::new(Metrics::default());
        let hub = Hub::with_metrics(metrics.clone());
        let (listener, address) = listen().await;
        let (internal_listener, internal) = listen().await;
        let public_url = format!("http://{address}");
        let config = SqliteConfig { path: folder.path().join("docket.db"), public_url: public_url.clone() };
        let opened = SqliteStore::open_with_metrics(&config, hub.feeder(), metrics.clone()).await;
        let store = opened.unwrap();
        store.import_products(server::catalog::sample(Currency::EUR).unwrap()).await.unwrap();
        let shop = Shop::new(
            store.clone(),
            Arc::new(SystemClock),
            Arc::new(SystemEntropy),
            TrackingKey::new([7; 32]),
            Arc::new(EtaEstimator::default()),
            public_url.clone(),
        );
        let treated = |_, _| ServiceStatus { concurrency: 4, breaker: None };
        let desk = Desk::new(store.clone(), Arc::new(SystemClock), public_url.clone(), treated);
        let carrier_events = CarrierEventHandler {
            store: store.clone(),
            clock: Arc::new(SystemClock),
            public_url: public_url.clone(),
        };
        let mut config = HttpConfig {
            public_url,
            orders_per_minute: 60,
            streams_per_session: 20,
            sandbox: true,
            country: orders::address::Country::of("IT").unwrap(),
            carrier_key: Some(SigningKey::of(CARRIER_SECRET).unwrap()),
            session_key: SessionKey::new(SESSION_SECRET),
            trusted_proxies: TrustedProxies::default(),
        };
        change(&mut config);
        let now = Arc::new(|| to_order_time(SystemClock.now()));
        let entropy = Arc::new(SystemEntropy);
        let limits = AdmissionLimits { waiting: Duration::from_secs(60), free_bytes: 1 << 20 };
        let admission = Arc::new(Admission::new(limits));
        let ports = Ports {
            orders: Arc::new(shop),
            desk: Arc::new(desk),
            carrier_events: Arc::new(carrier_events),
            log: store.clone(),
            keys: Arc::new(FaultyKeys(store.clone())),
            metrics: metrics.clone(),
        };
        let sampler = MetricsSampler {
            store: store.clone(),
            breakers: Arc::new(Breakers::new(BreakerConfig::default())),
            clock: Arc::new(SystemClock),
        };
        let exporter = Exporter::new(metrics, sampler);
        // The clock stands still, so that counts of accepted orders are exact.
        let submissions = SubmissionLimiter::new(MonotonicClock::from_fn(|| Duration::ZERO));
        let state = HttpState::new(ports, hub.clone(), now, entropy, admission.clone(), submissions, config);
        serve(internal_listener, internal_router(state.clone(), exporter));
        let site = pages.then(|| Site::at(folder.path()));
        serve(listener, router(state, site.as_ref()).unwrap());
        Self {
            address,
            internal,
            hub,
            admission,
            client: client(),
            store,
            keys_made: AtomicU32::new(0),
            _folder: folder,
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A call of the API; the path starts after `/api/v1`.
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.client.get(self.url(&format!("/api/v1{path}")))
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.client.post(self.url(&format!("/api/v1{path}")))
    }

    /// `POST /orders` with a key.
    pub fn submit(&self, key: &str, body: &Value) -> RequestBuilder {
        self.post("/orders").header("Idempotency-Key", key).json(body)
    }

    /// The checkout form of a browser without JavaScript, with the `n`-th cart. Each cart has a key of its own.
    pub fn checkout(&self, n: usize) -> RequestBuilder {
        self.client.post(self.url("/checkout")).form(&[
            ("form", "send_order"),
            ("order[name]", "Ada"),
            ("order[email]", "ada@example.org"),
            ("order[recipient]", "Ada"),
            ("order[street]", "1 Main St"),
            ("order[postcode]", "27100"),
            ("order[city]", "Pavia"),
            ("order[country]", "IT"),
            ("order[payment]", "pm_card_visa"),
            ("order[note]", ""),
            ("order[cart]", &format!("{n:032x}.mug-blue:1")),
        ])
    }

    /// An order of a caller without an account.
    pub async fn place(&self) -> Placed {
        self.place_as(|request| request).await
    }

    /// An order of the caller that `sign` authenticates.
    pub async fn place_as(&self, sign: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Placed {
        let key = format!("placed-{}", self.keys_made.fetch_add(1, Ordering::Relaxed));
        let answer = sign(self.submit(&key, &mug())).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        Placed::of(answer.json().await.unwrap())
    }

    /// Returns how many orders the store has.
    pub async fn orders_kept(&self) -> usize {
        let desk = self.key(KeyScope::Desk).await;
        let page: Value = self.get("/orders").bearer_auth(desk).send().await.unwrap().json().await.unwrap();
        page["orders"].as_array().unwrap().len()
    }

    /// Creates an API key.
    pub async fn key(&self, scope: KeyScope) -> String {
        self.key_with_limit(scope, None).await
    }

    pub async fn key_with_limit(&self, scope: KeyScope, orders_per_minute: Option<u32>) -> String {
        let n = self.keys_made.fetch_add(1, Ordering::Relaxed);
        let mut random = [9; 32];
        random[..4].copy_from_slice(&n.to_be_bytes());
        let (secret, hash) = keys::mint(random);
        let key = ApiKey { id: keys::owner(hash), name: format!("test {n}"), scope, orders_per_minute };
        self.store.add_key(key, hash, to_order_time(SystemClock.now())).await.unwrap();
        secret.reveal().to_owned()
    }
}

impl Placed {
    pub fn of(order: Value) -> Self {
        let text = |name: &str| order[name].as_str().unwrap().to_owned();
        Self { id: text("id"), token: text("tracking_token"), order }
    }

    /// Returns its address below `/api/v1`, opened by its token.
    pub fn path(&self, rest: &str) -> String {
        format!("/orders/{}{rest}?token={}", self.id, self.token)
    }
}

/// Returns an API key with which every call panics.
pub fn faulty_key() -> String {
    keys::mint(RANDOM_OF_FAULTY_KEY).0.reveal().to_owned()
}

/// The `Cookie` header of a browser.
pub fn cookie(n: u8) -> String {
    let session = Session::new([n; 32], &SessionKey::new(SESSION_SECRET));
    let cookie = session.to_set_cookie(CookieName::at("http://127.0.0.1"));
    cookie.split(';').next().unwrap().to_owned()
}

/// The example order of the API document.
pub fn mug() -> Value {
    json!({
        "customer": {"name": "Ada", "email": "ada@example.org"},
        "ship_to": {"name": "Ada", "street": "1 Main St", "city": "Pavia", "postcode": "27100", "country": "IT"},
        "lines": [{"sku": "mug-blue", "quantity": 2}],
        "payment": {"method": "card", "token": "pm_card_visa"},
    })
}

/// Returns a header as text; empty when it is missing.
pub fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

/// Asserts that an answer is this complete problem, and returns it.
pub async fn problem(answer: Response, status: u16, code: &str) -> Value {
    let content_type = header(&answer, "content-type").to_owned();
    let request_id = header(&answer, "x-request-id").to_owned();
    let got = answer.status().as_u16();
    let problem: Value = answer.json().await.unwrap();
    assert_eq!((got, problem["code"].as_str().unwrap()), (status, code), "{problem}");
    assert_eq!(content_type, "application/problem+json");
    assert_eq!(problem["status"], status);
    assert_eq!(problem["request_id"], request_id);
    let kind = problem["type"].as_str().unwrap();
    assert!(kind.starts_with("http://") && kind.ends_with(&format!("/problems/{code}")), "{kind}");
    assert_eq!(problem["help"], format!("/help/{code}"));
    assert!(problem["instance"].as_str().is_some_and(|path| path.starts_with("/api")), "{problem}");
    for words in ["heading", "body", "next_step"] {
        assert!(!problem["user"][words].as_str().unwrap().is_empty());
    }
    problem
}

pub fn client() -> Client {
    // An error means that another test was first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().redirect(Policy::none()).build().unwrap()
}

async fn listen() -> (tokio::net::TcpListener, SocketAddr) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn serve(listener: tokio::net::TcpListener, router: axum::Router) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
}

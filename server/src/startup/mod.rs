//! Builds the server: opens the store, starts the sandbox if needed, and creates the gateways, the workers, and the
//! two listeners.

mod error;
mod permissions;
pub mod running;
mod secrets;
mod services;
mod task;

use std::fs::{File, TryLockError};
use std::sync::Arc;
use std::time::Duration;

use orders::desk::ServiceRefusal;
use orders::{OrderService, Service};
use queue::{
    Backoff, BreakerConfig, Clock, Pruner, PrunerConfig, Rate, Registry, Rescuer, Runner, Runtime,
    SeededRandom, SystemClock, Worker, WorkerConfig, WorkerId,
};
use tokio::sync::watch;

pub use self::error::StartError;

use self::secrets::Secrets;
use self::services::{Reports, ServiceEndpoints};
use self::task::{listen, named, stopped};
use crate::accept::Shop;
use crate::catalog::{self};
use crate::config::{Load, MailTransport, ServeConfig, Services, StoreConfig, Work};
use crate::desk::{BreakerStatus, Desk, ServiceStatus};
use crate::external::breakers::Breakers;
use crate::external::carrier_events::CarrierEventHandler;
use crate::external::gateways::{CarrierGateway, Mailer, PaymentGateway};
use crate::http::site::Site;
use crate::http::{self, HttpConfig, HttpState, MonotonicClock, Now, Ports, SubmissionLimiter};
use crate::identity::known_keys::KnownKeys;
use crate::identity::session::SessionKey;
use crate::identity::tracking::TrackingKey;
use crate::identity::webhook_signature::SigningKey;
use crate::listener::{self, Phase};
use crate::load::admission::{Admission, AdmissionLimits};
use crate::load::connection_limiter::ConnectionLimit;
use crate::load::health_monitor::HealthMonitor;
use crate::load::metrics_sampler::MetricsSampler;
use crate::mail::{DelayNotifier, MailHandler, MailRenderer};
use crate::metrics::{Exporter, Metrics};
use crate::pipeline::eta::{EtaEstimator, SAMPLE_SIZE};
use crate::pipeline::{Pipeline, PipelineSettings};
use crate::platform::entropy::{Entropy, SystemEntropy};
use crate::platform::private_files;
use crate::push::Hub;
use crate::startup::running::{Running, Tasks};
use crate::steps::Gateways;
use crate::store::Store;
use crate::store::mail_job::CUSTOMER_MAIL;
use crate::store::order_job::{ORDER, queue_of, to_order_time};
use crate::store::sqlite::{SqliteConfig, SqliteStore};

/// Our own stock table is quick.
const STOCK_LOAD: Load = Load { concurrency: 32, rate: None };
/// The limit of streams for each session.
const STREAMS_PER_SESSION: u32 = 20;
/// The name under which this process claims jobs. One process serves a SQLite file, so it is the same after a
/// restart.
const WORKER: &str = "serve";

/// Starts everything. When this returns, the server is ready.
///
/// Without a site it serves only the API.
///
/// # Errors
/// With one sentence about the cause.
pub async fn start(config: &ServeConfig, site: Option<&Site>) -> Result<Running, StartError> {
    let (public_door, public) = listen(config.listen.public).await?;
    let (internal_door, internal) = listen(config.listen.internal).await?;
    let lock = lock(&config.store)?;
    let public_url = config.shop.public_url.clone().unwrap_or_else(|| format!("http://{public}"));
    let ((stop_front, stopping), (stop_rear, ending)) =
        (watch::channel(Phase::Serving), watch::channel(Phase::Serving));
    let (mut front, mut rear) = (Tasks::new(), Tasks::new());

    let metrics = Arc::new(Metrics::default());
    let hub = Hub::with_metrics(metrics.clone());
    let file = SqliteConfig { path: config.store.file.clone(), public_url: public_url.clone() };
    SqliteStore::recover(&file).await?;
    let engine = SqliteStore::open_with_metrics(&file, hub.feeder(), metrics.clone()).await?;
    let store: Arc<dyn Store> = engine.clone();
    let products = store.products().await?;
    if config.shop.sample_catalog && products.is_empty() {
        store.import_products(catalog::sample(config.shop.currency)?).await?;
    }
    if let Some(other) = products.iter().find(|product| product.price.currency != config.shop.currency) {
        tracing::warn!(
            products = other.price.currency.as_str(),
            setting = config.shop.currency.as_str(),
            "the prices of the products have another currency than DOCKET_CURRENCY"
        );
    }
    let entropy: Arc<dyn Entropy> = Arc::new(SystemEntropy);
    let Secrets { installation, tracking } = secrets::find(&config.secret, &*store, &*entropy).await?;
    let carrier_secret = services::carrier_secret(config, &installation);
    let reports = Reports { to: public, secret: carrier_secret.clone() };
    let endpoints = services::find(config, reports, &mut rear, ending.clone()).await?;
    let sandbox = endpoints.sandbox;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let eta = Arc::new(EtaEstimator::of(store.recent_durations(SAMPLE_SIZE as u32).await?));

    let gateways = gateways(config, &endpoints, tracking.clone(), public_url.clone(), metrics.clone())?;
    let (renderer, mailer) = (gateways.renderer.clone(), gateways.mailer.clone());
    let random = Arc::new(SeededRandom::new(getrandom::u64()?));
    let breakers = Arc::new(Breakers::new(BreakerConfig {
        wait: config.work.breaker_wait,
        cap: config.work.retry_cap.max(config.work.breaker_wait),
        refused_wait: config.work.retry_cap,
        ..BreakerConfig::default()
    }));
    let pipeline = Pipeline {
        store: store.clone(),
        gateways,
        breakers: breakers.clone(),
        clock: clock.clone(),
        random: random.clone(),
        eta: eta.clone(),
        metrics: metrics.clone(),
        settings: pipeline_settings(&config.work, public_url.clone()),
    };
    let mail_handler = MailHandler {
        store: store.clone(),
        renderer,
        mailer,
        breakers: breakers.clone(),
        clock: clock.clone(),
        random: random.clone(),
        public_url: public_url.clone(),
        backoff: pipeline.settings.backoff,
        time_limit: pipeline.settings.time_limit,
    };
    let runtime = Runtime {
        wakeup: engine.wakeup().clone(),
        store: engine,
        registry: Arc::new(Registry::new().with(ORDER, pipeline).with(CUSTOMER_MAIL, mail_handler)),
        clock: clock.clone(),
        random,
    };
    start_workers(&runtime, &*store, config, &metrics, &mut front, &stopping).await?;
    let (delay_notifier, stop) =
        (DelayNotifier { store: store.clone(), clock: clock.clone() }, stopped(stopping.clone()));
    front.spawn(named("the delay notifier", async move {
        tokio::select! {
            () = stop => {}
            () = delay_notifier.run() => {}
        }
    }));

    let shop: Arc<dyn OrderService> =
        Arc::new(Shop::new(store.clone(), clock.clone(), entropy.clone(), tracking, eta, public_url.clone()));
    let http_config = HttpConfig {
        public_url: public_url.clone(),
        orders_per_minute: config.limits.orders_per_minute,
        streams_per_session: STREAMS_PER_SESSION,
        sandbox: sandbox.is_some(),
        country: config.shop.country,
        carrier_key: carrier_secret.as_deref().map(SigningKey::of).transpose()?,
        session_key: SessionKey::new(installation.derive("sessions")),
        trusted_proxies: config.proxies.clone(),
    };
    let (waiting, free_bytes) = (config.limits.waiting, config.limits.free_bytes);
    let admission = Arc::new(Admission::new(AdmissionLimits { waiting, free_bytes }));
    let health_monitor = HealthMonitor {
        store: store.clone(),
        breakers: breakers.clone(),
        clock: clock.clone(),
        admission: admission.clone(),
    };
    let sampler = MetricsSampler { store: store.clone(), breakers: breakers.clone(), clock: clock.clone() };
    let exporter = Exporter::new(metrics.clone(), sampler);
    let stop = stopped(ending.clone());
    rear.spawn(named("the health monitor", async move {
        tokio::select! {
            () = stop => {}
            () = health_monitor.run() => {}
        }
    }));
    let loads = config.services.clone();
    let desk =
        Desk::new(store.clone(), clock.clone(), public_url.clone(), move |service, now| ServiceStatus {
            concurrency: load(&loads, service).concurrency,
            breaker: breakers.view(service, now).map(|view| BreakerStatus {
                view,
                refusal: breakers.refusal(service, now).map(|known| ServiceRefusal {
                    since: to_order_time(known.since),
                    status: known.refusal.status,
                    settings: known.refusal.settings.to_owned(),
                }),
            }),
        });
    let carrier_events =
        CarrierEventHandler { store: store.clone(), clock: clock.clone(), public_url: public_url.clone() };
    let now: Now = Arc::new(move || to_order_time(clock.now()));
    let keys = Arc::new(KnownKeys::of(store.clone(), {
        let now = now.clone();
        move || now()
    }));
    let ports = Ports {
        orders: shop,
        desk: Arc::new(desk),
        carrier_events: Arc::new(carrier_events),
        log: store.clone(),
        keys,
        metrics,
    };
    let submissions = SubmissionLimiter::new(MonotonicClock::system());
    let state = HttpState::new(ports, hub.clone(), now, entropy, admission, submissions, http_config);
    let limit = ConnectionLimit {
        per_address: config.limits.connections_per_address,
        unlimited: config.proxies.clone(),
    };
    let pages = http::router(state.clone(), site)?;
    let watchers = http::internal_router(state, exporter);
    front.spawn(named("the public listener", listener::serve(public_door, pages, limit.clone(), stopping)));
    rear.spawn(named("the internal listener", listener::serve(internal_door, watchers, limit, ending)));
    permissions::warn_of_wide_files(config);
    tracing::info!(%public, %internal, sandbox = sandbox.map(tracing::field::display), "ready");
    Ok(Running {
        public_url,
        public,
        internal,
        sandbox,
        store,
        hub,
        front: (stop_front, front),
        rear: (stop_rear, rear),
        shutdown: config.work.shutdown,
        drain: config.work.drain,
        _lock: lock,
    })
}

/// Locks the database for this process. The system releases the lock when the process ends.
fn lock(store: &StoreConfig) -> Result<File, StartError> {
    let failed = |error| StartError::Folder { file: store.file.clone(), error };
    let path = store.file.with_added_extension("lock");
    if let Some(folder) = path.parent() {
        private_files::create_folder(folder).map_err(failed)?;
    }
    let file = private_files::open_or_create(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StartError::Taken(store.file.clone())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Creates the clients of the external services.
fn gateways(
    config: &ServeConfig,
    endpoints: &ServiceEndpoints,
    tracking: TrackingKey,
    public_url: String,
    metrics: Arc<Metrics>,
) -> Result<Gateways, StartError> {
    let timeout = config.work.step_timeout;
    let mailer = match &config.mail.transport {
        MailTransport::Server(url) => Mailer::to_server(url, &config.mail.from, timeout)?,
        MailTransport::Folder(folder) => Mailer::to_folder(folder, &config.mail.from)?,
    };
    Ok(Gateways {
        payment: PaymentGateway::new(&endpoints.payment.url, &endpoints.payment.key, timeout)?,
        carrier: CarrierGateway::new(&endpoints.carrier.url, &endpoints.carrier.key, timeout)?,
        mailer: mailer.with_metrics(metrics),
        found_within: config.work.unknown_limit,
        renderer: Arc::new(MailRenderer {
            tracking_link: {
                let public_url = public_url.clone();
                Box::new(move |link| format!("{public_url}/track/{}", tracking.mint(link).reveal()))
            },
            public_url,
        }),
    })
}

fn pipeline_settings(work: &Work, public_url: String) -> PipelineSettings {
    PipelineSettings {
        public_url,
        backoff: Backoff { base: work.retry_base, cap: work.retry_cap },
        patience: work.delayed_after,
        hold_for: work.hold_for,
        unknown_limit: work.unknown_limit,
        step_limit: work.step_limit,
        // A step makes a few calls in sequence, each with its own time-out; this limit is for hangs.
        time_limit: 4 * work.step_timeout + Duration::from_secs(10),
    }
}

const fn load(services: &Services, service: Service) -> Load {
    match service {
        Service::Stock => STOCK_LOAD,
        Service::Payment => services.payment_load,
        Service::Shipping => services.shipping_load,
        Service::Mail => services.mail_load,
    }
}

/// Starts one runner for each service, so that a slow or failing service delays only its own jobs.
async fn start_workers<S: queue::Store>(
    runtime: &Runtime<S>,
    store: &dyn Store,
    config: &ServeConfig,
    metrics: &Metrics,
    front: &mut Tasks,
    stopping: &watch::Receiver<Phase>,
) -> Result<(), StartError> {
    let (work, worker) = (&config.work, WorkerId::from(WORKER));
    let rescuer = Rescuer::new(runtime.clone());
    // The lock proves that the previous process is dead, so its leases need not expire.
    rescuer.rescue_previous_process(&worker).await?;
    // Settings are corrected by a restart, so jobs that waited for a refusing service are due at once.
    for (service, _) in store.refused_orders().await? {
        store.bring_all_forward(&queue_of(service), runtime.clock.now()).await?;
    }
    for service in Service::ALL {
        let load = load(&config.services, service);
        let config = WorkerConfig {
            concurrency: load.concurrency,
            rate: load.rate.map(Rate::per_second),
            lease_for: work.lease,
            drain_for: work.shutdown.mul_f64(0.7),
            ..WorkerConfig::new(queue_of(service), worker.clone())
        };
        let attempts = metrics.queue.attempts(service);
        let worker = Worker::new(runtime.clone(), config);
        let runner = Runner::new(worker.observed_by(move |attempted| attempts.count(&attempted.ended)));
        front.spawn(named("a worker", runner.run(stopped(stopping.clone()))));
    }
    let stop = stopped(stopping.clone());
    front.spawn(named("the rescuer", async move { rescuer.run(stop).await }));
    let (pruner, stop) = (Pruner::new(runtime.clone(), PrunerConfig::default()), stopped(stopping.clone()));
    front.spawn(named("the pruner", async move { pruner.run(stop).await }));
    Ok(())
}

#[cfg(test)]
mod tests;

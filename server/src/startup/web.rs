//! The web: pages, API and streams, the desk, and the internal routes.

use std::sync::Arc;

use axum::Router;
use orders::OrderService;
use orders::desk::ServiceRefusal;
use tokio::sync::watch;

use super::components::Components;
use super::error::StartError;
use super::task::{named, stopped};
use super::workers::load;
use crate::accept::Shop;
use crate::config::ServeConfig;
use crate::desk::{BreakerStatus, Desk, ServiceStatus};
use crate::external::carrier_events::CarrierEventHandler;
use crate::http::site::Site;
use crate::http::{self, HttpConfig, HttpState, MonotonicClock, Now, Ports, SubmissionLimiter};
use crate::identity::known_keys::KnownKeys;
use crate::identity::session::SessionKey;
use crate::identity::webhook_signature::SigningKey;
use crate::listener::Phase;
use crate::load::admission::{Admission, AdmissionLimits};
use crate::load::health_monitor::HealthMonitor;
use crate::load::metrics_sampler::MetricsSampler;
use crate::metrics::Exporter;
use crate::push::Hub;
use crate::startup::running::Tasks;
use crate::store::order_job::to_order_time;

/// The limit of streams for each session.
const STREAMS_PER_SESSION: u32 = 20;

/// What the web is made of.
pub(super) struct Web<'a> {
    pub(super) config: &'a ServeConfig,
    pub(super) components: &'a Components,
    pub(super) hub: Arc<Hub>,
    /// The pages; none serves only the API.
    pub(super) site: Option<&'a Site>,
    /// Signs the cookies of sessions.
    pub(super) session_key: SessionKey,
    /// Verifies the events of the carrier; none refuses them.
    pub(super) carrier_key: Option<SigningKey>,
    /// Whether this process runs the sandbox.
    pub(super) has_sandbox: bool,
}

/// The routes of the two listeners.
pub(super) struct Routes {
    pub(super) public: Router,
    pub(super) internal: Router,
}

/// Builds the web, and starts the task that decides whether orders are admitted.
pub(super) fn start(
    web: Web<'_>,
    tasks: &mut Tasks,
    phase: watch::Receiver<Phase>,
) -> Result<Routes, StartError> {
    let Web { config, components, hub, site, session_key, carrier_key, has_sandbox } = web;
    let Components { store, clock, entropy, metrics, breakers, eta, tracking, public_url } = components;
    let shop: Arc<dyn OrderService> = Arc::new(Shop::new(
        store.clone(),
        clock.clone(),
        entropy.clone(),
        tracking.clone(),
        eta.clone(),
        public_url.clone(),
    ));
    let http_config = HttpConfig {
        public_url: public_url.clone(),
        orders_per_minute: config.limits.orders_per_minute,
        streams_per_session: STREAMS_PER_SESSION,
        sandbox: has_sandbox,
        country: config.shop.country,
        carrier_key,
        session_key,
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
    let stop = stopped(phase);
    tasks.spawn(named("the health monitor", async move {
        tokio::select! {
            () = stop => {}
            () = health_monitor.run() => {}
        }
    }));
    let loads = config.services.clone();
    let breakers = breakers.clone();
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
    let now: Now = Arc::new({
        let clock = clock.clone();
        move || to_order_time(clock.now())
    });
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
        metrics: metrics.clone(),
    };
    let submissions = SubmissionLimiter::new(MonotonicClock::system());
    let state = HttpState::new(ports, hub, now, entropy.clone(), admission, submissions, http_config);
    let public = http::router(state.clone(), site)?;
    Ok(Routes { public, internal: http::internal_router(state, exporter) })
}

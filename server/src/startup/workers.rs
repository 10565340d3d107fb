//! The workers: the handlers of jobs, a runner for each service, and what goes on beside them.

use std::sync::Arc;
use std::time::Duration;

use orders::Service;
use queue::{
    Backoff, Pruner, PrunerConfig, Rate, Registry, Rescuer, Runner, Runtime, SeededRandom, Wakeup, Worker,
    WorkerConfig, WorkerId,
};
use tokio::sync::watch;

use super::components::Components;
use super::error::StartError;
use super::services::ServiceEndpoints;
use super::task::{named, stopped};
use crate::config::{Load, MailTransport, ServeConfig, Services, Work};
use crate::external::gateways::{CarrierGateway, Mailer, PaymentGateway};
use crate::listener::Phase;
use crate::mail::{DelayNotifier, MailHandler, MailRenderer};
use crate::pipeline::{Pipeline, PipelineSettings};
use crate::startup::running::Tasks;
use crate::steps::Gateways;
use crate::store::change::Change;
use crate::store::mail_job::CUSTOMER_MAIL;
use crate::store::order_job::{ORDER, queue_of};

/// Our own stock table is quick.
const STOCK_LOAD: Load = Load { concurrency: 32, rate: None };
/// The name under which this process claims jobs. One process serves a SQLite file, so it is the same after a
/// restart.
const WORKER: &str = "serve";

/// Starts the workers of a store.
pub(super) async fn start<S: queue::Store<Effect = Change>>(
    config: &ServeConfig,
    components: &Components,
    endpoints: &ServiceEndpoints,
    (store, wakeup): (Arc<S>, Wakeup),
    tasks: &mut Tasks,
    phase: &watch::Receiver<Phase>,
) -> Result<(), StartError> {
    let Components { clock, breakers, metrics, eta, public_url, .. } = components;
    let gateways = gateways(config, components, endpoints)?;
    let (renderer, mailer) = (gateways.renderer.clone(), gateways.mailer.clone());
    let random = Arc::new(SeededRandom::new(getrandom::u64()?));
    let pipeline = Pipeline {
        store: components.store.clone(),
        gateways,
        breakers: breakers.clone(),
        clock: clock.clone(),
        random: random.clone(),
        eta: eta.clone(),
        metrics: metrics.clone(),
        settings: pipeline_settings(&config.work, public_url.clone()),
    };
    let mail_handler = MailHandler {
        store: components.store.clone(),
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
        store,
        registry: Arc::new(Registry::new().with(ORDER, pipeline).with(CUSTOMER_MAIL, mail_handler)),
        clock: clock.clone(),
        random,
        wakeup,
    };
    start_runners(&runtime, components, config, tasks, phase).await?;
    let (store, clock, stop) = (components.store.clone(), clock.clone(), stopped(phase.clone()));
    let delay_notifier = DelayNotifier { store, clock };
    tasks.spawn(named("the delay notifier", async move {
        tokio::select! {
            () = stop => {}
            () = delay_notifier.run() => {}
        }
    }));
    Ok(())
}

/// Starts one runner for each service, so that a slow or failing service delays only its own jobs.
async fn start_runners<S: queue::Store>(
    runtime: &Runtime<S>,
    components: &Components,
    config: &ServeConfig,
    tasks: &mut Tasks,
    phase: &watch::Receiver<Phase>,
) -> Result<(), StartError> {
    let store = &components.store;
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
        let attempts = components.metrics.queue.attempts(service);
        let worker = Worker::new(runtime.clone(), config);
        let runner = Runner::new(worker.observed_by(move |attempted| attempts.count(&attempted.ended)));
        tasks.spawn(named("a worker", runner.run(stopped(phase.clone()))));
    }
    let stop = stopped(phase.clone());
    tasks.spawn(named("the rescuer", async move { rescuer.run(stop).await }));
    let (pruner, stop) = (Pruner::new(runtime.clone(), PrunerConfig::default()), stopped(phase.clone()));
    tasks.spawn(named("the pruner", async move { pruner.run(stop).await }));
    Ok(())
}

/// Creates the clients of the external services.
fn gateways(
    config: &ServeConfig,
    components: &Components,
    endpoints: &ServiceEndpoints,
) -> Result<Gateways, StartError> {
    let timeout = config.work.step_timeout;
    let (public_url, tracking) = (components.public_url.clone(), components.tracking.clone());
    let mailer = match &config.mail.transport {
        MailTransport::Server(url) => Mailer::to_server(url, &config.mail.from, timeout)?,
        MailTransport::Folder(folder) => Mailer::to_folder(folder, &config.mail.from)?,
    };
    Ok(Gateways {
        payment: PaymentGateway::new(&endpoints.payment.url, &endpoints.payment.key, timeout)?,
        carrier: CarrierGateway::new(&endpoints.carrier.url, &endpoints.carrier.key, timeout)?,
        mailer: mailer.with_metrics(components.metrics.clone()),
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

/// Returns the limits of the calls to a service.
pub(super) const fn load(services: &Services, service: Service) -> Load {
    match service {
        Service::Stock => STOCK_LOAD,
        Service::Payment => services.payment_load,
        Service::Shipping => services.shipping_load,
        Service::Mail => services.mail_load,
    }
}

//! Builds the server: opens the store, starts the sandbox if needed, the workers and the web, and the two listeners.

mod components;
mod error;
mod permissions;
pub mod running;
mod secrets;
mod services;
mod task;
mod web;
mod workers;

use std::fs::{File, TryLockError};
use std::sync::Arc;

use tokio::sync::watch;

pub use self::error::StartError;

use self::components::Components;
use self::secrets::Secrets;
use self::services::Reports;
use self::task::{listen, named};
use self::web::Web;
use crate::catalog::{self};
use crate::config::{ServeConfig, StoreConfig};
use crate::http::site::Site;
use crate::identity::session::SessionKey;
use crate::identity::webhook_signature::SigningKey;
use crate::listener::{self, Phase};
use crate::load::connection_limiter::ConnectionLimit;
use crate::metrics::Metrics;
use crate::platform::entropy::{Entropy, SystemEntropy};
use crate::platform::private_files;
use crate::push::Hub;
use crate::startup::running::{Running, Tasks};
use crate::store::Store;
use crate::store::sqlite::{SqliteConfig, SqliteStore};

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
    let components =
        Components::new(&config.work, store.clone(), entropy, metrics, tracking, public_url.clone()).await?;
    let engine = (engine.clone(), engine.wakeup().clone());
    workers::start(config, &components, &endpoints, engine, &mut front, &stopping).await?;
    let web = Web {
        config,
        components: &components,
        hub: hub.clone(),
        site,
        session_key: SessionKey::new(installation.derive("sessions")),
        carrier_key: carrier_secret.as_deref().map(SigningKey::of).transpose()?,
        has_sandbox: sandbox.is_some(),
    };
    let routes = web::start(web, &mut rear, ending.clone())?;
    let limit = ConnectionLimit {
        per_address: config.limits.connections_per_address,
        unlimited: config.proxies.clone(),
    };
    let serving = listener::serve(public_door, routes.public, limit.clone(), stopping);
    front.spawn(named("the public listener", serving));
    let serving = listener::serve(internal_door, routes.internal, limit, ending);
    rear.spawn(named("the internal listener", serving));
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

/// Locks the database for this process. The system releases the lock when the file is closed.
///
/// # Errors
/// When a server has the lock, or the file of the lock cannot be created.
pub fn lock(store: &StoreConfig) -> Result<File, StartError> {
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

#[cfg(test)]
mod tests;

//! All routes with their layers.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::any;
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::ConfigError;

use super::csrf::CsrfGuard;
use super::request_layer::{self, RequestLayer};
use super::state::HttpState;
use super::{api, docs, health, metrics, openapi, pages, problems};
use crate::http::site::Site;
use crate::metrics::Exporter;

/// Returns the public routes: the API, its documents, and the pages if there is a site.
///
/// # Errors
/// When the public address is not the address of a site.
pub fn router(state: HttpState, site: Option<&Site>) -> Result<Router, RouterError> {
    let csrf = CsrfGuard::trusting(&state.config.public_url)?;
    let api = Router::new()
        .merge(api::routes())
        .merge(openapi::routes(&state.config.public_url))
        .merge(docs::routes(&state.config.public_url))
        .merge(health::routes())
        .route("/api", any(problems::not_found))
        .route("/api/", any(problems::not_found))
        .route("/api/{*nothing}", any(problems::not_found))
        .method_not_allowed_fallback(problems::method_not_allowed)
        .with_state(state.clone());
    let routes = match site {
        Some(site) => pages::routes(&state, site)?.merge(api),
        None => api.fallback(problems::not_found),
    };
    // A request passes the first layer first. One stack, because each call of `Router::layer` boxes every route again.
    let layers = ServiceBuilder::new()
        .layer(from_fn_with_state(RequestLayer::public(state, csrf), request_layer::handle))
        .layer(CatchPanicLayer::custom(problems::after_panic));
    Ok(routes.layer(layers))
}

/// Returns the internal routes: health checks, and the metrics of this exporter.
pub fn internal_router(state: HttpState, exporter: Exporter) -> Router {
    health::routes()
        .merge(metrics::routes(exporter))
        .fallback(problems::not_found)
        .method_not_allowed_fallback(problems::method_not_allowed)
        .with_state(state.clone())
        .layer(from_fn_with_state(RequestLayer::internal(state), request_layer::handle))
}

/// The routes cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum RouterError {
    /// The public address is not the address of a site.
    #[error("DOCKET_PUBLIC_URL is not the address of a site: {0}")]
    PublicUrl(#[from] ConfigError),
    /// The site's folder cannot be read.
    #[error("the built site cannot be read: {0}")]
    Site(#[from] std::io::Error),
}

//! `GET /metrics`: the metrics of the process. Only the internal listener serves them.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use orders::ProblemCode;

use super::conditional::NO_STORE;
use super::failure::Failure;
use super::state::HttpState;
use crate::metrics::{Exporter, Format};

/// The route, for the internal listener.
pub fn routes(exporter: Exporter) -> Router<HttpState> {
    Router::new().route("/metrics", get(export)).with_state(exporter)
}

async fn export(State(exporter): State<Exporter>, headers: HeaderMap) -> Result<Response, Failure> {
    let accept = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    let format = Format::for_accept(accept.unwrap_or_default());
    let text = exporter.export(format).await.map_err(|error| {
        tracing::error!(%error, "the metrics could not be written");
        Failure::from(ProblemCode::Internal)
    })?;
    let content_type = HeaderValue::from_static(format.content_type());
    Ok(([(header::CONTENT_TYPE, content_type), (header::CACHE_CONTROL, NO_STORE)], text).into_response())
}

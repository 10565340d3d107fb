//! `/healthz`: the process answers. `/readyz`: it can also do its work.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use orders::{Problem, ProblemCode};

use super::conditional::NO_STORE;
use super::failure::Failure;
use super::state::HttpState;

/// Both routes, for the public and the internal listener.
pub fn routes() -> Router<HttpState> {
    Router::new().route("/healthz", get(healthy)).route("/readyz", get(ready))
}

async fn healthy() -> Response {
    well("{\"status\":\"ok\"}")
}

async fn ready(State(state): State<HttpState>) -> Result<Response, Failure> {
    if state.hub.is_closed() {
        let stopping = Problem::new(ProblemCode::Overloaded).detail("The server is stopping.");
        return Err(stopping.retry_after(5).into());
    }
    state.log.head().await?;
    Ok(well("{\"status\":\"ready\"}"))
}

fn well(body: &'static str) -> Response {
    let json = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, json), (header::CACHE_CONTROL, NO_STORE)], body).into_response()
}

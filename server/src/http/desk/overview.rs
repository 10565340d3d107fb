//! `GET /desk/overview`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde::Serialize;

use super::operator::AtTheDesk;
use crate::http::conditional::{NEVER_KEPT, json, to_json};
use crate::http::failure::Failure;
use crate::http::state::HttpState;

/// Returns the overview.
pub async fn overview(State(state): State<HttpState>, _: AtTheDesk) -> Result<Response, Failure> {
    told(&state.desk.overview().await?)
}

/// Returns an answer that must not be cached.
pub(super) fn told(value: &impl Serialize) -> Result<Response, Failure> {
    answered(StatusCode::OK, value)
}

/// Returns the answer after an action.
pub(super) fn answered(status: StatusCode, value: &impl Serialize) -> Result<Response, Failure> {
    Ok(json(status, to_json(value)?, [(header::CACHE_CONTROL, NEVER_KEPT)]))
}

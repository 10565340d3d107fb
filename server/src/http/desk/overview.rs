//! `GET /desk/overview`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::Response;
use serde::Serialize;

use super::operator::DeskOperator;
use crate::http::conditional::{NO_STORE, json, to_json};
use crate::http::failure::Failure;
use crate::http::state::HttpState;

/// Returns the overview.
pub async fn overview(State(state): State<HttpState>, _: DeskOperator) -> Result<Response, Failure> {
    fresh(&state.desk.overview().await?)
}

/// Returns an answer that must not be cached.
pub(super) fn fresh(value: &impl Serialize) -> Result<Response, Failure> {
    accepted(StatusCode::OK, value)
}

/// Returns the answer after an action.
pub(super) fn accepted(status: StatusCode, value: &impl Serialize) -> Result<Response, Failure> {
    Ok(json(status, to_json(value)?, [(header::CACHE_CONTROL, NO_STORE)]))
}

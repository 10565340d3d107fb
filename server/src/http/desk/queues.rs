//! `GET /desk/queues` and `POST /desk/queues/{name}/pause|resume`.

use axum::extract::{Path, State};
use axum::response::Response;

use super::operator::DeskOperator;
use super::overview::fresh;
use crate::http::failure::Failure;
use crate::http::state::HttpState;

/// Lists the queues.
pub async fn list(State(state): State<HttpState>, _: DeskOperator) -> Result<Response, Failure> {
    fresh(&state.desk.queues().await?)
}

/// Pauses a queue.
pub async fn pause(
    State(state): State<HttpState>,
    DeskOperator(who): DeskOperator,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    fresh(&state.desk.pause_queue(&who, &name).await?)
}

/// Resumes a queue.
pub async fn resume(
    State(state): State<HttpState>,
    DeskOperator(who): DeskOperator,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    fresh(&state.desk.resume_queue(&who, &name).await?)
}

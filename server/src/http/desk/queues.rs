//! `GET /desk/queues` and `POST /desk/queues/{name}/pause|resume`.

use axum::extract::{Path, State};
use axum::response::Response;

use super::operator::AtTheDesk;
use super::overview::told;
use crate::http::failure::Failure;
use crate::http::state::HttpState;

/// Lists the queues.
pub async fn list(State(state): State<HttpState>, _: AtTheDesk) -> Result<Response, Failure> {
    told(&state.desk.queues().await?)
}

/// Pauses a queue.
pub async fn pause(
    State(state): State<HttpState>,
    AtTheDesk(who): AtTheDesk,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    told(&state.desk.pause_queue(&who, &name).await?)
}

/// Resumes a queue.
pub async fn resume(
    State(state): State<HttpState>,
    AtTheDesk(who): AtTheDesk,
    Path(name): Path<String>,
) -> Result<Response, Failure> {
    told(&state.desk.resume_queue(&who, &name).await?)
}

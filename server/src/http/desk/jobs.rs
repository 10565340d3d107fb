//! `GET /desk/jobs`, `GET /desk/jobs/{id}` and `POST /desk/jobs/{id}/retry|discard`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use orders::desk::JobQuery;

use super::operator::DeskOperator;
use super::overview::{accepted, fresh};
use crate::http::failure::Failure;
use crate::http::named::Named;
use crate::http::query::{Query, page_size};
use crate::http::state::HttpState;

/// Lists jobs.
pub async fn list(
    State(state): State<HttpState>,
    _: DeskOperator,
    Query(mut query): Query<JobQuery>,
) -> Result<Response, Failure> {
    query.page_size = Some(page_size(query.page_size, 50, 100)?);
    fresh(&state.desk.jobs(&query).await?)
}

/// Shows one job.
pub async fn one(
    State(state): State<HttpState>,
    _: DeskOperator,
    Named(id): Named<i64>,
) -> Result<Response, Failure> {
    fresh(&state.desk.job(id).await?)
}

/// Retries a quarantined job.
pub async fn retry(
    State(state): State<HttpState>,
    DeskOperator(who): DeskOperator,
    Named(id): Named<i64>,
) -> Result<Response, Failure> {
    accepted(StatusCode::ACCEPTED, &state.desk.retry_job(&who, id).await?)
}

/// Discards a job.
pub async fn discard(
    State(state): State<HttpState>,
    DeskOperator(who): DeskOperator,
    Named(id): Named<i64>,
) -> Result<Response, Failure> {
    fresh(&state.desk.discard_job(&who, id).await?)
}

//! `GET /desk/audit`.

use axum::extract::State;
use axum::response::Response;
use orders::desk::AuditQuery;

use super::operator::DeskOperator;
use super::overview::fresh;
use crate::http::failure::Failure;
use crate::http::query::{Query, page_size};
use crate::http::state::HttpState;

/// Lists what operators did.
pub async fn list(
    State(state): State<HttpState>,
    _: DeskOperator,
    Query(mut query): Query<AuditQuery>,
) -> Result<Response, Failure> {
    query.page_size = Some(page_size(query.page_size, 50, 100)?);
    fresh(&state.desk.audit(&query).await?)
}

//! `GET /desk/orders` and `POST /desk/orders/{id}/approve|cancel|hand-over|deliver`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use orders::OrderId;
use orders::desk::{CancelOrder, DeskOrderQuery};

use super::operator::DeskOperator;
use super::overview::fresh;
use crate::http::body::MaybeJson;
use crate::http::failure::Failure;
use crate::http::named::Named;
use crate::http::order::written;
use crate::http::query::{Query, page_size};
use crate::http::state::HttpState;

/// Finds orders.
pub async fn list(
    State(state): State<HttpState>,
    _: DeskOperator,
    Query(mut query): Query<DeskOrderQuery>,
) -> Result<Response, Failure> {
    query.page_size = Some(page_size(query.page_size, 50, 100)?);
    fresh(&state.desk.orders(&query).await?)
}

/// Approves an order in review.
pub async fn approve(
    State(state): State<HttpState>,
    DeskOperator(who): DeskOperator,
    Named(id): Named<OrderId>,
) -> Result<Response, Failure> {
    written(StatusCode::ACCEPTED, state.desk.approve(&who, id).await?)
}

/// Cancels an order.
pub async fn cancel(
    State(state): State<HttpState>,
    DeskOperator(who): DeskOperator,
    Named(id): Named<OrderId>,
    MaybeJson(how): MaybeJson<CancelOrder>,
) -> Result<Response, Failure> {
    written(StatusCode::ACCEPTED, state.desk.cancel(&who, id, how).await?)
}

/// Records that the carrier has the parcel.
pub async fn hand_over(
    State(state): State<HttpState>,
    DeskOperator(who): DeskOperator,
    Named(id): Named<OrderId>,
) -> Result<Response, Failure> {
    written(StatusCode::ACCEPTED, state.desk.hand_over(&who, id).await?)
}

/// Records that the parcel was delivered.
pub async fn deliver(
    State(state): State<HttpState>,
    DeskOperator(who): DeskOperator,
    Named(id): Named<OrderId>,
) -> Result<Response, Failure> {
    written(StatusCode::ACCEPTED, state.desk.deliver(&who, id).await?)
}

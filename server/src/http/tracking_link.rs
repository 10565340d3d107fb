//! `POST /orders/{id}/tracking-link`: replaces the private link of an order.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use orders::{OrderId, ProblemCode, Scope, TrackingToken};
use serde::Serialize;

use super::caller::{self, Principal};
use super::conditional::{NO_STORE, json, to_json};
use super::desk::operator::operator;
use super::failure::Failure;
use super::named::Named;
use super::state::HttpState;
use super::submissions;

/// The answer.
#[derive(Serialize)]
struct NewLink {
    tracking_token: TrackingToken,
}

/// Replaces the link. An operator's action is written to the audit.
pub async fn replace(
    State(state): State<HttpState>,
    principal: Principal,
    Named(id): Named<OrderId>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    // Each replacement makes an event that is kept for ever.
    if let Some(allowance) = submissions::take(&state, &principal) {
        allowance.check()?;
    }
    let order = if principal.caller.scope == Scope::Desk {
        let credentials = headers.get(header::AUTHORIZATION).ok_or(ProblemCode::Unauthorized)?;
        let who = operator(caller::key(&state, credentials).await?);
        state.desk.replace_link(&who, id).await?
    } else {
        state.orders.replace_link(&principal.caller, id).await?
    };
    let answer = NewLink { tracking_token: state.orders.tracking_token(order.private_link()) };
    Ok(json(StatusCode::OK, to_json(&answer)?, [(header::CACHE_CONTROL, NO_STORE)]))
}

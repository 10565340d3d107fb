//! Events over HTTP: a list, server-sent events, and a WebSocket.

mod list;
mod sse;
mod subscription;
mod websocket;

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use orders::OrderId;

use self::list::EventQuery;
use super::caller::Principal;
use super::failure::Failure;
use super::named::Named;
use super::query::{Query, cursor};
use super::state::HttpState;
use crate::push::Grant;

pub use websocket::stream;

/// Returns the events of one order.
pub async fn of_order(
    State(state): State<HttpState>,
    principal: Principal,
    Named(id): Named<OrderId>,
    Query(query): Query<EventQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let grant = principal.one_order(&*state.log, id).await?;
    answer(&state, &principal, grant, &query, &headers).await
}

/// Returns the events of all orders of the caller.
pub async fn of_caller(
    State(state): State<HttpState>,
    principal: Principal,
    Query(query): Query<EventQuery>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let grant = principal.own_orders()?;
    answer(&state, &principal, grant, &query, &headers).await
}

async fn answer(
    state: &HttpState,
    principal: &Principal,
    grant: Grant,
    query: &EventQuery,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let after = query.after.as_deref().map(|text| cursor("after", text)).transpose()?;
    if wants_stream(headers) {
        sse::open(state, principal, grant, sse::last_event_id(headers).or(after)).await
    } else {
        list::answer(state, grant.topic, after, query).await
    }
}

/// Whether the request accepts `text/event-stream`, as every `EventSource` does.
fn wants_stream(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    accepted.any(|accept| {
        accept.split(',').any(|kind| {
            let mut parts = kind.split(';').map(str::trim);
            let is_stream = parts.next().is_some_and(|kind| kind.eq_ignore_ascii_case("text/event-stream"));
            is_stream && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    })
}

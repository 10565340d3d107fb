//! `GET /orders/{id}`.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use orders::{Order, OrderId};

use super::caller::Principal;
use super::conditional::{PRIVATE_REVALIDATED, is_known, json, not_modified, tag, to_json};
use super::failure::Failure;
use super::long_poll;
use super::named::Named;
use super::query::{OneOrder, Query};
use super::state::HttpState;

/// After how many seconds to poll an order that changes by itself.
pub const POLL_AFTER_SECONDS: u32 = 1;
/// The same for a delayed order.
const POLL_DELAYED_AFTER_SECONDS: u32 = 5;

/// Returns one order, now or as soon as it is newer.
pub async fn one(
    State(state): State<HttpState>,
    principal: Principal,
    Named(id): Named<OrderId>,
    Query(_): Query<OneOrder>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let wait = long_poll::wait(&headers).filter(|_| headers.contains_key(header::IF_NONE_MATCH));
    let Some(wait) = wait else {
        let order = state.orders.order(&principal.caller, id).await?;
        return answer(&headers, order);
    };
    let order = long_poll::order(&state, &principal.caller, id, &headers, wait).await?;
    let mut answer = answer(&headers, order)?;
    answer.headers_mut().insert(long_poll::PREFERENCE_APPLIED, wait.applied());
    Ok(answer)
}

fn answer(headers: &HeaderMap, order: Order) -> Result<Response, Failure> {
    let etag = order.etag();
    if is_known(headers, &etag) {
        return Ok(not_modified(&etag, PRIVATE_REVALIDATED));
    }
    written(StatusCode::OK, order)
}

/// Returns an order as an answer with its version, and with the time of the next poll while it changes.
pub fn written(status: StatusCode, order: Order) -> Result<Response, Failure> {
    let headers = [(header::ETAG, tag(&order.etag())), (header::CACHE_CONTROL, PRIVATE_REVALIDATED)];
    let mut answer = json(status, to_json(&order)?, headers);
    if order.state.is_moving() {
        let seconds = if order.delayed { POLL_DELAYED_AFTER_SECONDS } else { POLL_AFTER_SECONDS };
        answer.headers_mut().insert(header::RETRY_AFTER, seconds.into());
    }
    Ok(answer)
}

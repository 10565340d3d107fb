//! `POST /orders` and `GET /orders`.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use orders::{IdempotencyKey, OrderQuery, OrderRequest, ProblemCode};

use super::body::JsonBody;
use super::caller::Principal;
use super::conditional::{PRIVATE_REVALIDATED, json, to_json};
use super::failure::Failure;
use super::order::{self, written};
use super::query::{Query, page_size};
use super::rate_limit::Allowance;
use super::state::HttpState;
use super::submissions;

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Extractor that refuses a request while no orders are accepted. It runs before anything is read, so that refusing
/// is cheap.
pub struct Admitted;

impl FromRequestParts<HttpState> for Admitted {
    type Rejection = Failure;

    async fn from_request_parts(_: &mut Parts, state: &HttpState) -> Result<Self, Failure> {
        state.admission.check()?;
        Ok(Self)
    }
}

/// The idempotency key.
pub struct Key(IdempotencyKey);

impl<S: Sync> FromRequestParts<S> for Key {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        let mut keys = parts.headers.get_all("idempotency-key").iter();
        let key = keys.next().ok_or(ProblemCode::IdempotencyKeyMissing)?;
        let only = keys.next().is_none();
        let key = key.to_str().ok().filter(|_| only).and_then(|key| IdempotencyKey::new(key).ok());
        Ok(Self(key.ok_or(ProblemCode::IdempotencyKeyInvalid)?))
    }
}

/// Accepts an order.
pub async fn submit(
    State(state): State<HttpState>,
    _: Admitted,
    principal: Principal,
    Key(key): Key,
    JsonBody(request): JsonBody<OrderRequest>,
) -> Response {
    let allowance = submissions::take(&state, &principal);
    let answer = match allowance.map_or(Ok(()), Allowance::check) {
        Ok(()) => accept(&state, &principal, &key, request).await,
        Err(problem) => Err(problem.into()),
    };
    let mut answer = answer.into_response();
    if let Some(allowance) = allowance {
        allowance.add_headers(answer.headers_mut());
    }
    answer
}

async fn accept(
    state: &HttpState,
    principal: &Principal,
    key: &IdempotencyKey,
    request: OrderRequest,
) -> Result<Response, Failure> {
    let accepted = state.orders.submit(&principal.caller, key, request).await?;
    let location = HeaderValue::try_from(&accepted.order.links.this).map_err(|_| ProblemCode::Internal)?;
    let mut answer = written(StatusCode::ACCEPTED, accepted.order)?;
    let headers = answer.headers_mut();
    headers.insert(header::LOCATION, location);
    headers.entry(header::RETRY_AFTER).or_insert(order::POLL_AFTER_SECONDS.into());
    if accepted.replayed {
        headers.insert(REPLAYED, HeaderValue::from_static("true"));
    }
    Ok(answer)
}

/// Lists the caller's orders.
pub async fn list(
    State(state): State<HttpState>,
    principal: Principal,
    Query(mut query): Query<OrderQuery>,
) -> Result<Response, Failure> {
    principal.own_orders()?;
    query.page_size = Some(page_size(query.page_size, 50, 100)?);
    let page = state.orders.orders(&principal.caller, &query).await?;
    Ok(json(StatusCode::OK, to_json(&page)?, [(header::CACHE_CONTROL, PRIVATE_REVALIDATED)]))
}

//! `POST /orders/{id}/cancel`, `…/payment`, `…/address` and `…/email`.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use orders::{AddressRequest, EmailRequest, OrderId, PaymentRequest};
use serde::Deserialize;

use super::body::{JsonBody, JsonInput};
use super::caller::Principal;
use super::failure::Failure;
use super::named::Named;
use super::order::written;
use super::state::HttpState;

/// The body of `…/payment`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewPayment {
    payment: PaymentRequest,
}

/// The body of `…/address`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewAddress {
    ship_to: AddressRequest,
}

impl JsonInput for NewPayment {}

impl JsonInput for NewAddress {}

/// Cancels an order. A body is ignored.
pub async fn cancel(
    State(state): State<HttpState>,
    principal: Principal,
    Named(id): Named<OrderId>,
) -> Result<Response, Failure> {
    written(StatusCode::ACCEPTED, state.orders.cancel(&principal.caller, id).await?)
}

/// Gives another payment.
pub async fn payment(
    State(state): State<HttpState>,
    principal: Principal,
    Named(id): Named<OrderId>,
    JsonBody(new): JsonBody<NewPayment>,
) -> Result<Response, Failure> {
    let order = state.orders.provide_payment(&principal.caller, id, new.payment).await?;
    written(StatusCode::ACCEPTED, order)
}

/// Corrects the address.
pub async fn address(
    State(state): State<HttpState>,
    principal: Principal,
    Named(id): Named<OrderId>,
    JsonBody(new): JsonBody<NewAddress>,
) -> Result<Response, Failure> {
    let order = state.orders.correct_address(&principal.caller, id, new.ship_to).await?;
    written(StatusCode::ACCEPTED, order)
}

/// Corrects the e-mail address.
pub async fn email(
    State(state): State<HttpState>,
    principal: Principal,
    Named(id): Named<OrderId>,
    JsonBody(new): JsonBody<EmailRequest>,
) -> Result<Response, Failure> {
    let order = state.orders.correct_email(&principal.caller, id, new).await?;
    written(StatusCode::ACCEPTED, order)
}

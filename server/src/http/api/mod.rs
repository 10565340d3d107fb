//! The table of all calls. The router and the OpenAPI document are both made from it, so they cannot differ.

mod call;
mod carrier;
mod desk;
mod shop;

use axum::Router;

pub use self::call::{Answer, Call, Content};

use super::state::HttpState;

/// The path of the API.
pub const BASE: &str = "/api/v1";

/// Returns every call, in the order of the document.
pub fn calls() -> Vec<Call> {
    let mut calls = shop::calls();
    calls.extend(carrier::calls());
    calls.extend(desk::calls());
    calls
}

/// Returns the calls as routes.
pub fn routes() -> Router<HttpState> {
    calls()
        .into_iter()
        .fold(Router::new(), |routes, call| routes.route(&format!("{BASE}{}", call.path), call.handler))
}

//! Every route of the sandbox.

use axum::http::StatusCode;
use axum::{Router, middleware};

use super::faults::SimulatedService;
use super::{Sandbox, carrier, fault_routes, ledger_routes, payment};

const NOT_FOUND: &str = "There is nothing here. The sandbox answers at /v1/payment_intents, /v1/refunds, /shipments, \
                       /faults and /ledger.\n";

impl Sandbox {
    /// Returns every route. Only [`super::serve()`] gives the faults a connection to cut.
    pub(super) fn router(&self) -> Router {
        let faulty = |service| {
            let sandbox = self.clone();
            middleware::from_fn(move |request, next| {
                fault_routes::apply(sandbox.clone(), service, request, next)
            })
        };
        Router::new()
            .merge(payment::routes().layer(faulty(SimulatedService::Payment)))
            .merge(carrier::routes().layer(faulty(SimulatedService::Carrier)))
            .merge(carrier::tracking_routes())
            .merge(fault_routes::routes())
            .merge(ledger_routes::routes())
            .fallback(|| async { (StatusCode::NOT_FOUND, NOT_FOUND) })
            .with_state(self.clone())
    }
}

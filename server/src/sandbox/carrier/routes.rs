use axum::{
    Json, Router,
    extract::{Path, Query, State, rejection::JsonRejection},
    http::{HeaderMap, header::HOST},
    response::Response,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::booking::{self, BookingRequest, later, refused, shipment_json};
use crate::{
    sandbox::{
        Sandbox,
        keys::{self, key_of},
    },
    store::sandbox_ledger::{Answered, LedgerError, Reply, Shipment, ShipmentStatus},
};

pub fn routes() -> Router<Sandbox> {
    Router::new().route("/shipments", get(list).post(book)).route("/shipments/{id}/cancel", post(cancel))
}

async fn book(
    State(sandbox): State<Sandbox>,
    headers: HeaderMap,
    request: Result<Json<BookingRequest>, JsonRejection>,
) -> Response {
    let request = match request {
        Ok(Json(request)) => request,
        Err(rejection) => {
            let status = rejection.status().as_u16();
            return keys::json(refused(status, "malformed", &rejection.body_text()));
        }
    };
    if let Some(refusal) = request.refusal() {
        return keys::json(refusal);
    }
    let key = key_of("carrier", &headers, "/shipments", &request.parts());
    let id = sandbox.new_id();
    let now = sandbox.now();
    let shipment = Shipment {
        id: format!("shp_{id}"),
        key: key.as_ref().map(|key| key.value.clone()),
        order_id: request.reference,
        tracking_number: format!("SP{id}"),
        status: ShipmentStatus::Booked,
        created_at: now,
        moves_at: later(now, sandbox.pickup().or(sandbox.delivery())),
    };
    let reply = Reply { status: 201, body: shipment_json(&shipment, host(&headers)).to_string() };
    let answered = sandbox.ledger().add_shipment(key, shipment, reply).await;
    sandbox.booked().notify_one();
    answer(answered.map(Some))
}

#[derive(Deserialize)]
struct Page {
    reference: String,
}

async fn list(State(sandbox): State<Sandbox>, headers: HeaderMap, Query(which): Query<Page>) -> Response {
    keys::json(match sandbox.ledger().shipments_of(which.reference).await {
        Ok(shipments) => {
            let host = host(&headers);
            let shipments: Vec<Value> =
                shipments.iter().map(|shipment| shipment_json(shipment, host)).collect();
            Reply { status: 200, body: json!({"shipments": shipments}).to_string() }
        }
        Err(error) => broken(&error),
    })
}

async fn cancel(State(sandbox): State<Sandbox>, Path(id): Path<String>, headers: HeaderMap) -> Response {
    let host = host(&headers).to_owned();
    // Cancelling is idempotent in itself, so it stores no key.
    let change = move |shipment: &mut Shipment| booking::cancel(shipment, &host);
    answer(sandbox.ledger().change_shipment(None, id, change).await)
}

fn answer(answered: Result<Option<Answered>, LedgerError>) -> Response {
    match answered {
        Ok(Some(Answered::First(reply))) => keys::json(reply),
        Ok(Some(Answered::Replayed(reply))) => keys::replayed(reply),
        Ok(Some(Answered::KeyReused)) => {
            let message = "This Idempotency-Key was used for another shipment.";
            keys::json(refused(409, "idempotency_key_reused", message))
        }
        Ok(None) => keys::json(refused(404, "not_found", "There is no such shipment.")),
        Err(error) => keys::json(broken(&error)),
    }
}

/// Returns the host by which the caller reached us, for links.
fn host(headers: &HeaderMap) -> &str {
    headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost")
}

fn broken(error: &LedgerError) -> Reply {
    tracing::error!(%error, "the sandbox could not use its ledger");
    refused(500, "internal", "The ledger could not be read or written.")
}

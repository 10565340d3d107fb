use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::{Html, IntoResponse as _, Response},
    routing::get,
};

use crate::{
    sandbox::{Sandbox, rfc3339::rfc3339},
    store::sandbox_ledger::{Shipment, ShipmentStatus},
};

/// The page that a tracking link opens. It is not part of the API, so faults do not affect it.
pub fn tracking_routes() -> Router<Sandbox> {
    Router::new().route("/track/{number}", get(track))
}

async fn track(State(sandbox): State<Sandbox>, Path(number): Path<String>) -> Response {
    match sandbox.ledger().tracked_shipment(number).await {
        Ok(Some(shipment)) => Html(page(&shipment)).into_response(),
        Ok(None) => (StatusCode::NOT_FOUND, "We have no parcel with this number.\n").into_response(),
        Err(error) => {
            tracing::error!(%error, "the sandbox could not read its ledger");
            (StatusCode::INTERNAL_SERVER_ERROR, "The parcel cannot be looked up now.\n").into_response()
        }
    }
}

fn page(shipment: &Shipment) -> String {
    let news = match shipment.status {
        ShipmentStatus::Booked => "It waits to be picked up.",
        ShipmentStatus::Cancelled => "It was cancelled before it left.",
        ShipmentStatus::PickedUp => "It is on its way.",
        ShipmentStatus::Delivered => "It has been delivered.",
    };
    // Both texts are our own and need no escaping.
    let (number, booked_at) = (&shipment.tracking_number, rfc3339(shipment.created_at).unwrap_or_default());
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\">\
         <title>Parcel {number}</title><style>body{{font:1rem/1.5 system-ui;max-width:36rem;margin:4rem auto;\
         padding:0 1rem}}</style><h1>Parcel {number}</h1><p>{news}</p><p>Booked <time>{booked_at}</time>.</p>\
         <p>Sandbox Post is a pretend carrier: no parcel moves.</p></html>"
    )
}

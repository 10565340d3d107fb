//! `POST /carrier-events`: the carrier's webhook, signed as Standard Webhooks defines.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use orders::carrier_event::{CarrierReport, Handled};
use orders::{Problem, ProblemCode};
use serde::Serialize;

use super::body::{RawBody, tolerant};
use super::conditional::{json, to_json};
use super::failure::Failure;
use super::state::HttpState;
use crate::identity::webhook_signature::Signed;

/// The outcome of an event.
#[derive(Debug, Serialize)]
struct Taken {
    outcome: Handled,
}

/// Handles an event. The signature and its time are verified before the body is parsed.
pub async fn take(
    State(state): State<HttpState>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Response, Failure> {
    let message = signed(&headers)?;
    let key = state.config.carrier_key.as_ref().ok_or_else(|| {
        unbelieved("No report is believed until DOCKET_CARRIER_SECRET is set to the carrier's secret.")
    })?;
    let now = state.now().as_millis().div_euclid(1000);
    key.judge(message, &body, now).map_err(|why| unbelieved(&format!("{why}.")))?;
    let report: CarrierReport = tolerant(&body)?;
    let outcome = state.carrier_events.handle(message.id, &report).await?;
    Ok(json(StatusCode::ACCEPTED, to_json(&Taken { outcome })?, []))
}

fn signed(headers: &HeaderMap) -> Result<Signed<'_>, Problem> {
    let text = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let only = values.next().filter(|_| values.next().is_none());
        only.and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty())
    };
    match (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature")) {
        (Some(id), Some(timestamp), Some(signature)) if id.len() <= 255 => {
            Ok(Signed { id, timestamp, signature })
        }
        _ => Err(unbelieved(
            "Send webhook-id (at most 255 characters), webhook-timestamp and webhook-signature, each once.",
        )),
    }
}

fn unbelieved(why: &str) -> Problem {
    Problem::new(ProblemCode::Unauthorized).detail(why)
}

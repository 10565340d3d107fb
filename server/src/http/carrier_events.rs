//! `POST /carrier-events`: the carrier's webhook, signed as Standard Webhooks defines.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use orders::carrier_event::{CarrierReport, Handled};
use orders::{Problem, ProblemCode};
use serde::Serialize;

use super::body::{RawBody, from_json_tolerant};
use super::conditional::{json, to_json};
use super::failure::Failure;
use super::state::HttpState;
use crate::identity::webhook_signature::SignedMessage;

/// The outcome of an event.
#[derive(Debug, Serialize)]
struct Answer {
    outcome: Handled,
}

/// Handles an event. The signature and its time are verified before the body is parsed.
pub async fn receive(
    State(state): State<HttpState>,
    headers: HeaderMap,
    RawBody(body): RawBody,
) -> Result<Response, Failure> {
    let message = signed(&headers)?;
    let key = state.config.carrier_key.as_ref().ok_or_else(|| {
        signature_refused("No report is believed until DOCKET_CARRIER_SECRET is set to the carrier's secret.")
    })?;
    let now = state.now().as_millis().div_euclid(1000);
    key.verify(message, &body, now).map_err(|why| signature_refused(&format!("{why}.")))?;
    let report: CarrierReport = from_json_tolerant(&body)?;
    let outcome = state.carrier_events.handle(message.id, &report).await?;
    Ok(json(StatusCode::ACCEPTED, to_json(&Answer { outcome })?, []))
}

fn signed(headers: &HeaderMap) -> Result<SignedMessage<'_>, Problem> {
    let text = |name: &str| {
        let mut values = headers.get_all(name).iter();
        let only = values.next().filter(|_| values.next().is_none());
        only.and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty())
    };
    match (text("webhook-id"), text("webhook-timestamp"), text("webhook-signature")) {
        (Some(id), Some(timestamp), Some(signature)) if id.len() <= 255 => {
            Ok(SignedMessage { id, timestamp, signature })
        }
        _ => Err(signature_refused(
            "Send webhook-id (at most 255 characters), webhook-timestamp and webhook-signature, each once.",
        )),
    }
}

fn signature_refused(why: &str) -> Problem {
    Problem::new(ProblemCode::Unauthorized).detail(why)
}

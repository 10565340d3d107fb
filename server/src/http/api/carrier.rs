//! The calls of carriers.

use axum::routing::post;
use orders::ProblemCode as Is;

use super::call::{Call, json};
use crate::http::carrier_events;

/// The calls of carriers.
pub(super) fn calls() -> Vec<Call> {
    vec![Call {
        method: "post",
        path: "/carrier-events",
        name: "reportParcel",
        summary: "Tell that a parcel was picked up, delivered or returned; signed as Standard Webhooks 1.0 says, each id counts once",
        parameters: &["webhook-id", "webhook-timestamp", "webhook-signature"],
        body: Some("CarrierReport"),
        answers: vec![json(202, "Taken, now or before", "TakenReport")],
        problems: &[
            Is::MalformedJson,
            Is::Unauthorized,
            Is::NotFound,
            Is::WrongState,
            Is::BodyTooLarge,
            Is::ValidationFailed,
            Is::Overloaded,
            Is::CommitUnknown,
        ],
        handler: post(carrier_events::receive),
    }]
}

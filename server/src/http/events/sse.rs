//! Events as `text/event-stream`.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures::stream;
use orders::ProblemCode;

use super::super::caller::Principal;
use super::super::failure::Failure;
use super::super::query::cursor;
use super::super::state::HttpState;
use super::super::streams::StreamPermit;
use crate::metrics::{OpenStream, StreamKind};
use crate::push::{Feed, Grant, RECONNECT};

const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store, no-transform")),
    // nginx buffers answers without it.
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")),
    (header::VARY, HeaderValue::from_static("Accept")),
];

/// Returns the `Last-Event-ID` of a reconnecting `EventSource`. It overrides the cursor in the address.
pub(super) fn last_event_id(headers: &HeaderMap) -> Option<u64> {
    headers
        .get("last-event-id")
        .and_then(|id| id.to_str().ok())
        .and_then(|id| cursor("Last-Event-ID", id).ok())
}

/// Opens a stream; 204, after which an `EventSource` does not reconnect, when no event can follow.
pub(super) async fn open(
    state: &HttpState,
    principal: &Principal,
    grant: Grant,
    cursor: Option<u64>,
) -> Result<Response, Failure> {
    let permit = state.streams.take(principal.subject)?;
    let feed = Feed::open(state.log.clone(), &state.hub, grant, cursor).await?;
    if feed.is_revoked() {
        return Err(ProblemCode::NotFound.into());
    }
    if state.hub.is_closed() {
        // After another status an `EventSource` does not reconnect.
        return Ok((HEADERS, RECONNECT).into_response());
    }
    if feed.is_over() {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let open = state.metrics.streams.open(StreamKind::Sse);
    Ok((HEADERS, Body::from_stream(frames(feed, (permit, open)))).into_response())
}

fn frames(
    feed: Feed,
    permit: (StreamPermit, OpenStream),
) -> impl futures::Stream<Item = Result<Bytes, std::convert::Infallible>> {
    stream::unfold((feed, permit, true), |(mut feed, permit, first)| async move {
        let frame = feed.next().await?;
        Some((Ok(frame.sse(first)), (feed, permit, false)))
    })
}

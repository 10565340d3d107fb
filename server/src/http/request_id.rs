//! Every answer has an `X-Request-Id`, and so has the log line of the request.
//!
//! Every request is counted in the metrics. A failed one is logged at INFO, or at WARN for a 5xx; every other request at DEBUG.

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::caller;
use super::state::HttpState;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const MAX_LENGTH: usize = 128;

/// The id of one request.
#[derive(Debug, Clone)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// Accepts the caller's id if it has the form of one.
    fn from_caller(value: &HeaderValue) -> Option<Self> {
        let fits = (1..=MAX_LENGTH).contains(&value.len());
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':');
        (fits && value.as_bytes().iter().all(plain)).then(|| Self(value.clone()))
    }

    fn new(random: [u8; 16]) -> Self {
        let text = format!("{:032x}", u128::from_be_bytes(random));
        // Hexadecimal digits are a valid header value, so the fallback is never used.
        Self(HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("")))
    }
}

/// Assigns the id of a request, for its answer, its problem and its log line.
pub async fn name(State(state): State<HttpState>, mut request: Request, next: Next) -> Response {
    let id = request.headers().get(X_REQUEST_ID).and_then(RequestId::from_caller);
    let id = id.unwrap_or_else(|| RequestId::new(state.random()));
    request.extensions_mut().insert(id.clone());
    // The route pattern, not the path: a path may contain a tracking token.
    let path = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let caller = caller::kind(request.headers(), &state);
    let started = Instant::now();
    let span = tracing::debug_span!("request", request.id = id.as_str());
    let mut answer = async {
        let answer = next.run(request).await;
        let (status, route) = (answer.status(), path.as_ref().map_or("none", MatchedPath::as_str));
        let took = started.elapsed();
        state.metrics.http.answered(&method, path.as_ref(), status, took);
        let (code, duration_ms, request_id) = (status.as_u16(), took.as_millis(), id.as_str());
        if status.is_server_error() {
            tracing::warn!(%method, route, status = code, duration_ms, caller, request_id, "request failed");
        } else if status.is_client_error() {
            tracing::info!(%method, route, status = code, duration_ms, caller, request_id, "request failed");
        } else {
            tracing::debug!(%method, route, status = code, duration_ms, caller, request_id, "request answered");
        }
        answer
    }
    .instrument(span)
    .await;
    answer.headers_mut().insert(X_REQUEST_ID, id.0);
    answer
}

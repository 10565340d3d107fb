//! The log line of a request, and the id that names it in the answer, in its problem and in the log.
//!
//! Every request is counted in the metrics. A failed one is logged at INFO, or at WARN for a 5xx; every other request
//! at DEBUG.

use axum::extract::{MatchedPath, Request};
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::response::Response;
use tokio::time::Instant;
use tracing::{Level, Span};

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

    /// Returns the caller's id, or a new one.
    fn of(request: &Request, state: &HttpState) -> Self {
        let id = request.headers().get(X_REQUEST_ID).and_then(Self::from_caller);
        id.unwrap_or_else(|| Self::new(state.random()))
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

/// What is logged of a request once it is answered.
pub struct RequestLog {
    id: RequestId,
    method: Method,
    /// The route pattern, not the path: a path may contain a tracking token.
    route: Option<MatchedPath>,
    has_key: bool,
    cookies: Vec<HeaderValue>,
    started: Instant,
}

impl RequestLog {
    /// Begins with the arrival of a request.
    pub fn begin(request: &Request, state: &HttpState) -> Self {
        let headers = request.headers();
        Self {
            id: RequestId::of(request, state),
            method: request.method().clone(),
            route: request.extensions().get().cloned(),
            has_key: headers.contains_key(header::AUTHORIZATION),
            cookies: headers.get_all(header::COOKIE).iter().cloned().collect(),
            started: Instant::now(),
        }
    }

    /// Returns the id of the request.
    pub const fn id(&self) -> &RequestId {
        &self.id
    }

    /// Returns the span of the call.
    pub fn span(&self) -> Span {
        tracing::debug_span!("request", request.id = self.id.as_str())
    }

    /// Counts and logs the answered request, and writes its id into the answer.
    pub fn end(self, answer: &mut Response, state: &HttpState) {
        let (status, took) = (answer.status(), self.started.elapsed());
        state.metrics.http.answered(&self.method, self.route.as_ref(), status, took);
        let method = &self.method;
        let route = self.route.as_ref().map_or("none", MatchedPath::as_str);
        let (code, duration_ms, request_id) = (status.as_u16(), took.as_millis(), self.id.as_str());
        // To name a session, its signature is verified; so only for a line that is written.
        let caller = || caller::kind(self.has_key, &self.cookies, state);
        if status.is_server_error() {
            tracing::warn!(%method, route, status = code, duration_ms, caller = caller(), request_id, "request failed");
        } else if status.is_client_error() {
            tracing::info!(%method, route, status = code, duration_ms, caller = caller(), request_id, "request failed");
        } else if tracing::enabled!(Level::DEBUG) {
            tracing::debug!(%method, route, status = code, duration_ms, caller = caller(), request_id, "request answered");
        }
        answer.headers_mut().insert(X_REQUEST_ID, self.id.0);
    }
}

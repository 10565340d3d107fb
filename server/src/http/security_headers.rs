//! Security headers, and `X-Robots-Tag` for private pages.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

const ALWAYS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // Forms without JavaScript are redirected by it, and other sites do not learn the address of an order.
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];
const PERMISSIONS: (HeaderName, &str) =
    (HeaderName::from_static("permissions-policy"), "camera=(), geolocation=(), microphone=()");
/// The content policy of everything but pages, which have their own.
const POLICY_WITHOUT_CONTENT: &str = "default-src 'none'; frame-ancestors 'none'";
/// Paths with the data of one person: search engines must not list them, even if somebody publishes a private link.
const PRIVATE_PATHS: [&str; 9] = [
    "/actions",
    "/api/v1/desk",
    "/api/v1/events",
    "/api/v1/orders",
    "/api/v1/stream",
    "/cart",
    "/checkout",
    "/orders",
    "/track",
];
const NOT_INDEXED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-robots-tag"), HeaderValue::from_static("noindex"));
const HTTPS_ONLY: &str = "max-age=31536000";

/// Adds the headers to the answer to a request for this path.
pub fn add(headers: &mut HeaderMap, path: &str, public_url: &str) {
    headers.reserve(8);
    for (name, value) in ALWAYS.into_iter().chain([PERMISSIONS]) {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(POLICY_WITHOUT_CONTENT));
    if is_private(path) {
        headers.extend([NOT_INDEXED]);
    }
    if public_url.starts_with("https://") {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
}

fn is_private(path: &str) -> bool {
    PRIVATE_PATHS.iter().any(|address| {
        path.strip_prefix(address).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}

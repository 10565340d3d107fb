//! Conditional requests and caching.

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::failure::Failure;

/// Public, revalidated each time.
pub const PUBLIC_REVALIDATED: HeaderValue = HeaderValue::from_static("no-cache");
/// Private, revalidated each time.
pub const PRIVATE_REVALIDATED: HeaderValue = HeaderValue::from_static("private, no-cache");
/// Not stored, because it may be outdated a moment later, even for the back button.
pub const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Whether `If-None-Match` names this version.
pub fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let mut known = headers.get_all(header::IF_NONE_MATCH).iter().filter_map(|tags| tags.to_str().ok());
    known.any(|tags| {
        tags.split(',').map(str::trim).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
    })
}

/// Returns a 304 answer.
pub fn not_modified(etag: &str, caching: HeaderValue) -> Response {
    (StatusCode::NOT_MODIFIED, [(header::ETAG, tag(etag)), (header::CACHE_CONTROL, caching)]).into_response()
}

/// Returns JSON whose entity tag is a hash of its text.
///
/// # Errors
/// `internal` when it cannot be serialised.
pub fn hashed_json(headers: &HeaderMap, value: &impl Serialize) -> Result<Response, Failure> {
    let body = to_json(value)?;
    let etag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(&Sha256::digest(&body)[..12]));
    if is_known(headers, &etag) {
        return Ok(not_modified(&etag, PUBLIC_REVALIDATED));
    }
    Ok(json(StatusCode::OK, body, [(header::ETAG, tag(&etag)), (header::CACHE_CONTROL, PUBLIC_REVALIDATED)]))
}

/// Returns JSON with some headers.
pub fn json<const N: usize>(
    status: StatusCode,
    body: Vec<u8>,
    headers: [(HeaderName, HeaderValue); N],
) -> Response {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, JSON)], headers, body).into_response()
}

/// Serialises a value as JSON.
///
/// # Errors
/// `internal` when it cannot be serialised.
pub fn to_json(value: &impl Serialize) -> Result<Vec<u8>, Failure> {
    serde_json::to_vec(value).map_err(|error| {
        tracing::error!(%error, "an answer could not be written");
        orders::ProblemCode::Internal.into()
    })
}

/// Returns an entity tag as a header.
pub fn tag(etag: &str) -> HeaderValue {
    // Our tags have only letters, digits and quotes.
    HeaderValue::from_str(etag).unwrap_or(HeaderValue::from_static("\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn knows(tags: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::IF_NONE_MATCH, HeaderValue::from_static(tags));
        is_known(&headers, "\"v7\"")
    }

    #[test]
    fn a_known_version_is_recognised_in_every_spelling() {
        assert!(knows("\"v7\"") && knows("W/\"v7\"") && knows("\"v6\", \"v7\"") && knows("*"));
        assert!(!knows("\"v6\"") && !knows("v7") && !knows("\"v70\""));
        assert!(!is_known(&HeaderMap::new(), "\"v7\""));
    }
}

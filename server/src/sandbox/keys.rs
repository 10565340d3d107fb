use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse as _, Response},
};
use sha2::{Digest as _, Sha256};

use crate::store::sandbox_ledger::{Key, Reply};

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// Returns the Idempotency-Key of a call, if it has one, with the fingerprint of the request.
pub fn key_of(
    service: &'static str,
    headers: &HeaderMap,
    path: &str,
    asked: &[impl AsRef<[u8]>],
) -> Option<Key> {
    let value = headers.get("idempotency-key")?.to_str().ok().filter(|value| !value.is_empty())?.to_owned();
    let mut hash = Sha256::new();
    hash.update(path);
    for part in asked {
        // The length before each part distinguishes "ab","c" from "a","bc".
        hash.update((part.as_ref().len() as u64).to_be_bytes());
        hash.update(part);
    }
    Some(Key { service, value, fingerprint: hash.finalize().into() })
}

pub fn json(reply: Reply) -> Response {
    let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let json = HeaderValue::from_static("application/json");
    (status, [(CONTENT_TYPE, json)], reply.body).into_response()
}

/// Returns a stored answer.
pub fn replayed(reply: Reply) -> Response {
    let mut response = json(reply);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

//! Compresses answers with tower-http, which negotiates the encoding.
//!
//! Its body has the state of an encoder inside, 5.6 KB that every answer and every open stream would have. So only an
//! answer that is compressed passes through it.

use std::convert::Infallible;
use std::future::ready;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use tower::util::ServiceExt as _;
use tower::{Layer as _, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate as _};

/// A compromise between ratio and speed, for brotli and gzip.
const QUALITY: CompressionLevel = CompressionLevel::Precise(4);

/// The encodings that a client can read, as its request lists them.
pub struct AcceptEncoding(Vec<HeaderValue>);

impl AcceptEncoding {
    /// Returns the encodings of a request with these headers.
    pub fn of(headers: &HeaderMap) -> Self {
        Self(headers.get_all(header::ACCEPT_ENCODING).iter().cloned().collect())
    }

    /// Compresses an answer if its client can read that, unless it is tiny, an image, or a stream of events.
    pub async fn compress(self, mut answer: Response) -> Response {
        let is_encoded = answer.headers().contains_key(header::CONTENT_ENCODING);
        if is_encoded || !DefaultPredicate::new().should_compress(&answer) {
            return answer;
        }
        if self.0.is_empty() {
            // A cache must not give it to a client of another kind.
            if !varies_by_encoding(answer.headers()) {
                answer.headers_mut().append(header::VARY, HeaderValue::from_static("accept-encoding"));
            }
            return answer;
        }
        let mut request = Request::new(Body::empty());
        for encodings in self.0 {
            request.headers_mut().append(header::ACCEPT_ENCODING, encodings);
        }
        let mut answer = Some(answer);
        let answered =
            service_fn(move |_: Request| ready(Ok::<_, Infallible>(answer.take().unwrap_or_default())));
        let layer = CompressionLayer::new().quality(QUALITY);
        let Ok(compressed) = layer.layer(answered).oneshot(request).await;
        compressed.map(Body::new)
    }
}

/// Whether the answer is already marked as one that depends on the encodings of the client.
fn varies_by_encoding(headers: &HeaderMap) -> bool {
    let listed = headers.get_all(header::VARY).iter().filter_map(|value| value.to_str().ok());
    listed.flat_map(|value| value.split(',')).any(|name| name.trim().eq_ignore_ascii_case("accept-encoding"))
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn vary_of(answer: Response, headers: &HeaderMap) -> Vec<String> {
        let answer = AcceptEncoding::of(headers).compress(answer).await;
        let values = answer.headers().get_all(header::VARY).iter();
        values.map(|value| value.to_str().unwrap().to_ascii_lowercase()).collect()
    }

    #[tokio::test]
    async fn an_answer_says_once_that_it_depends_on_the_encodings() {
        let brotli = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("br"))]);
        for headers in [HeaderMap::new(), brotli] {
            for (set, expected) in [
                (None, vec!["accept-encoding"]),
                (Some("Accept"), vec!["accept", "accept-encoding"]),
                (Some("Accept, Accept-Encoding"), vec!["accept, accept-encoding"]),
            ] {
                let mut answer = Response::new(Body::from("x".repeat(1_000)));
                if let Some(set) = set {
                    answer.headers_mut().insert(header::VARY, HeaderValue::from_static(set));
                }
                assert_eq!(vary_of(answer, &headers).await, expected, "{set:?} {headers:?}");
            }
        }
    }
}

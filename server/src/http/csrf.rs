//! Protection against cross-site request forgery.
//!
//! tower-http decides by `Sec-Fetch-Site` and `Origin` whether a request comes from our own pages. Requests with a
//! bearer key are exempt: no browser adds one by itself.

use std::convert::Infallible;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, Method, Response as HttpResponse, StatusCode, header};
use orders::ProblemCode;
use tower::util::ServiceExt as _;
use tower::{Layer as _, service_fn};
use tower_http::csrf::{ConfigError, CsrfLayer};

use super::failure::Failure;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Decides where a request comes from.
#[derive(Clone)]
pub struct CsrfGuard(CsrfLayer);

impl CsrfGuard {
    /// Trusts the pages at this address, also behind a proxy.
    ///
    /// # Errors
    /// When it is not the address of a site.
    pub fn trusting(public_url: &str) -> Result<Self, ConfigError> {
        CsrfLayer::new().add_trusted_origin(origin_of(public_url)).map(Self)
    }

    /// Refuses requests from other sites.
    ///
    /// # Errors
    /// `forbidden` for such a request.
    pub fn check<'a>(&'a self, request: &Request) -> impl Future<Output = Result<(), Failure>> + use<'a> {
        let head = subject_of_check(request);
        async move {
            let Some(head) = head else { return Ok(()) };
            if self.refuses(head).await { Err(ProblemCode::Forbidden.into()) } else { Ok(()) }
        }
    }

    async fn refuses(&self, head: Request) -> bool {
        let pass = service_fn(|_: Request| async { Ok::<_, Infallible>(HttpResponse::new(Body::empty())) });
        let Ok(verdict) = self.0.layer(pass).oneshot(head).await;
        verdict.status() == StatusCode::FORBIDDEN
    }
}

/// Returns what is checked of a request; none when the request cannot change anything.
fn subject_of_check(request: &Request) -> Option<Request> {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if harmless || has_bearer(request.headers()) {
        return None;
    }
    let mut head = Request::new(Body::empty());
    *head.method_mut() = request.method().clone();
    *head.uri_mut() = request.uri().clone();
    for name in [header::ORIGIN, header::HOST, SEC_FETCH_SITE] {
        if let Some(value) = request.headers().get(&name) {
            head.headers_mut().insert(name, value.clone());
        }
    }
    Some(head)
}

/// Whether a WebSocket may be opened from its origin. Browsers let other sites open one, so this is checked for every
/// request.
pub fn may_open_stream(headers: &HeaderMap, public_url: &str) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).map(|host| host.as_bytes());
    let authority =
        origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, rest)| rest.as_bytes());
    origin.as_bytes() == origin_of(public_url).as_bytes() || (authority.is_some() && authority == host)
}

fn has_bearer(headers: &HeaderMap) -> bool {
    headers.get(header::AUTHORIZATION).is_some_and(|value| super::caller::bearer(value).is_some())
}

/// Returns scheme, host and port of an address.
fn origin_of(url: &str) -> &str {
    let host_at = url.find("://").map_or(0, |at| at + 3);
    let end = url[host_at..].find('/').map_or(url.len(), |at| host_at + at);
    &url[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_ends_before_the_path() {
        assert_eq!(origin_of("https://shop.example:8443/docket"), "https://shop.example:8443");
        assert_eq!(origin_of("http://127.0.0.1:3000"), "http://127.0.0.1:3000");
    }
}

//! The one file that turns a refusal into an answer: `application/problem+json` as in RFC 9457, or a plain HTML page
//! for a browser.
//!
//! A call returns a [`Failure`], which only carries the problem. The layer around all calls knows the address and the
//! request's id and writes the answer ([`Recipient::render`]).

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use orders::{Problem, ProblemCode};

use super::failure::Failure;
use super::request_log::RequestId;
use super::state::HttpState;

/// The path to which programs submit orders; the page of the checkout counts its refusals itself.
const SUBMISSIONS: &str = "/api/v1/orders";

/// Who is told of a refusal, and where it was refused.
pub struct Recipient {
    uri: Uri,
    is_submission: bool,
    reads_html: bool,
}

impl Recipient {
    /// Returns the recipient of the answer to a request.
    pub fn of(request: &Request) -> Self {
        Self {
            uri: request.uri().clone(),
            is_submission: request.uri().path() == SUBMISSIONS && *request.method() == Method::POST,
            reads_html: accepts_html(request.headers()),
        }
    }

    /// Returns the path of the request.
    pub fn path(&self) -> &str {
        self.uri.path()
    }

    /// Writes the problem of a refused call into its answer, and counts a refused submission.
    pub fn render(&self, answer: &mut Response, id: &RequestId, state: &HttpState) {
        let Some(Failure(problem)) = answer.extensions_mut().remove::<Failure>() else { return };
        if self.is_submission {
            state.metrics.orders.refuse(problem.code);
        }
        let of_the_api = self.path() == "/api" || self.path().starts_with("/api/");
        let mut problem = problem.published_at(&state.config.public_url);
        // The address of a tracking page is a secret, so only the API names its resource.
        problem.instance = problem.instance.or_else(|| of_the_api.then(|| self.path().to_owned()));
        problem.request_id = Some(id.as_str().to_owned());
        let (kind, body) = if self.reads_html && !of_the_api { page(&problem) } else { json(&problem) };
        let headers = answer.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(header::CONTENT_TYPE, kind);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(seconds) = retry_after(&problem) {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if problem.code == ProblemCode::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"docket\""));
        }
        *answer.body_mut() = body.into();
    }
}

/// Returns the answer to a call that panicked. The panic's message is only logged.
pub fn after_panic(said: Box<dyn std::any::Any + Send>) -> Response {
    let text = said.downcast_ref::<String>().map(String::as_str).or(said.downcast_ref::<&str>().copied());
    tracing::error!(panic = text.unwrap_or("without words"), "a call panicked");
    Failure::from(ProblemCode::Internal).into_response()
}

/// The fallback for unknown addresses.
pub async fn not_found() -> Failure {
    ProblemCode::NotFound.into()
}

/// The fallback for unsupported methods.
pub async fn method_not_allowed() -> Failure {
    ProblemCode::MethodNotAllowed.into()
}

/// Returns the `Retry-After`: that of the problem, or one second where the answer needs one.
fn retry_after(problem: &Problem) -> Option<u32> {
    let needed = matches!(problem.status, 429 | 503) || problem.code == ProblemCode::IdempotencyKeyInUse;
    problem.retry_after.or(needed.then_some(1))
}

fn accepts_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

fn json(problem: &Problem) -> (HeaderValue, Vec<u8>) {
    // A problem consists of strings, numbers and enums, so it always serialises.
    let body = serde_json::to_vec(problem).unwrap_or_default();
    (HeaderValue::from_static("application/problem+json"), body)
}

/// Returns a page of our own fixed texts, so nothing needs escaping.
fn page(problem: &Problem) -> (HeaderValue, Vec<u8>) {
    let words = problem.code.words();
    let body = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{0}</title></head>\
         <body><main><h1>{0}</h1><p>{1}</p><p>{2}</p>\
         <p><a href=\"/\">To the shop</a> · <a href=\"{3}\">What this means</a></p></main></body></html>\n",
        words.heading, words.body, words.next_step, problem.help
    );
    (HeaderValue::from_static("text/html; charset=utf-8"), body.into_bytes())
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use tower::util::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use axum::http::StatusCode;

    use super::*;

    async fn panics() -> StatusCode {
        panic!("the password is swordfish")
    }

    #[tokio::test]
    async fn a_panic_becomes_a_problem_that_does_not_repeat_what_it_said() {
        let routes = Router::new().route("/", get(panics)).layer(CatchPanicLayer::custom(after_panic));
        let answer = routes.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let Failure(problem) = answer.extensions().get::<Failure>().unwrap();
        assert_eq!(problem.code, ProblemCode::Internal);
        assert!(!serde_json::to_string(problem).unwrap().contains("swordfish"));
    }

    #[test]
    fn answers_that_ask_to_retry_have_a_retry_after() {
        for code in ProblemCode::ALL.iter().filter(|code| code.retryable() && code.status() != 500) {
            assert_eq!(retry_after(&Problem::new(*code)), Some(1), "{}", code.as_str());
        }
        assert_eq!(retry_after(&Problem::new(ProblemCode::RateLimited).retry_after(40)), Some(40));
        assert_eq!(retry_after(&Problem::new(ProblemCode::NotFound)), None);
    }
}

//! Refuses requests without a path.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use orders::ProblemCode;

use super::failure::Failure;

/// Refuses a request target that has a host and no path, such as `CONNECT example.org:443` or `GET example.org`: it
/// is meant for a proxy, and no handler expects it.
pub async fn guard(request: Request, next: Next) -> Response {
    if request.uri().path_and_query().is_none() {
        return Failure::from(ProblemCode::NotFound).into_response();
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::middleware::from_fn;
    use tower::util::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_target_without_a_path_is_refused() {
        let router = Router::new().fallback(|| async { "here" }).layer(from_fn(guard));
        for (target, status) in [
            ("example.org:443", StatusCode::NOT_FOUND),
            ("example", StatusCode::NOT_FOUND),
            ("/example", StatusCode::OK),
            ("http://example.org", StatusCode::OK),
            ("*", StatusCode::OK),
        ] {
            let request = Request::builder().uri(target).body(Body::empty()).unwrap();
            assert_eq!(router.clone().oneshot(request).await.unwrap().status(), status, "{target}");
        }
    }
}

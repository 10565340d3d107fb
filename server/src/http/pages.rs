//! Mounts the pages: the only file that knows the app.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use orders::ProblemCode;
use tokio::time::timeout;

use super::caller::{self, Principal};
use super::conditional::NO_STORE;
use super::failure::Failure;
use super::rate_limit::Allowance;
use super::state::HttpState;
use super::submissions;
use crate::http::site::Site;
use crate::identity::session::Session;
use crate::platform::entropy::{SystemEntropy, random_bytes};

/// The time limit for rendering a page: a panic in a part of it leaves the rest waiting.
const RENDER_TIMEOUT: Duration = Duration::from_secs(30);

/// Returns the routes of the pages and their files.
pub fn routes(state: &HttpState, site: &Site) -> io::Result<Router> {
    let pages = app::ssr::routes(site.options())
        .layer(from_fn(limit_time))
        .layer(from_fn_with_state((state.clone(), Arc::<app::ssr::RecentCarts>::default()), add_caller));
    Ok(pages.merge(site.routes()?))
}

/// Limits the time of a page. A form has no limit, because its effect may already be there.
async fn limit_time(request: Request, next: Next) -> Response {
    if !request.method().is_safe() {
        return next.run(request).await;
    }
    // The route pattern, not the path: a path may contain a tracking token.
    let path = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    timeout(RENDER_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
        tracing::error!(path = path.as_deref().unwrap_or("none"), "rendering a page timed out");
        Failure::from(ProblemCode::Internal).into_response()
    })
}

/// Adds the caller to a page request, and gives a browser a session when it has none.
async fn add_caller(
    State((state, carts)): State<(HttpState, Arc<app::ssr::RecentCarts>)>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let address = caller::address(&parts, &state);
    let (principal, new) = match caller::session(&parts.headers, &state) {
        Some(session) => (Principal::browser(&session, address), None),
        None => {
            let session = Session::new(state.random(), &state.config.session_key);
            let caller = Principal::browser(&session, address).caller;
            // Submissions of a browser without a session count for its address.
            (Principal { caller, ..Principal::anonymous(address) }, Some(session))
        }
    };
    parts.extensions.insert(app::ssr::PageContext {
        service: state.orders.clone(),
        admission: Arc::new({
            let admission = state.admission.clone();
            move || admission.check()
        }),
        rate_limit: Arc::new({
            let state = state.clone();
            move || submissions::take(&state, &principal).map_or(Ok(()), Allowance::check)
        }),
        refused: Arc::new({
            let metrics = state.metrics.clone();
            move |problem| metrics.orders.refuse(problem.code)
        }),
        caller: principal.caller,
        now: state.now(),
        carts,
        random: || random_bytes(&SystemEntropy),
        public_url: state.config.public_url.clone(),
        secure: state.config.public_url.starts_with("https://"),
        sandbox: state.config.sandbox,
        country: state.config.country,
    });
    let mut page = next.run(Request::from_parts(parts, body)).await;
    let headers = page.headers_mut();
    // The back button then shows that the cart was ordered.
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    if let Some(cookie) =
        new.and_then(|session| HeaderValue::try_from(session.to_set_cookie(state.cookie())).ok())
    {
        headers.append(header::SET_COOKIE, cookie);
    }
    page
}

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use axum::http::StatusCode;
    use axum::routing::get;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_page_that_never_renders_times_out_with_an_explanation() {
        let never = Router::new().route("/", get(std::future::pending::<()>)).layer(from_fn(limit_time));
        let answer = never.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(answer.extensions().get::<Failure>().is_some(), "the outermost layer writes it");
    }
}

//! The routes of pages, forms and server functions.

use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, StatusCode, header};
use axum::middleware::{Next, from_fn};
use axum::routing::post;
use leptos::config::LeptosOptions;
use leptos_axum::{AxumRouteListing, LeptosRoutes, generate_route_list, render_app_async_with_context};

use super::forms::{ACTIONS, post_action};
use super::{post_page, provide_page_context};
use crate::app::{App, shell};

/// The list of pages, computed once in a process: while it is computed, Leptos lets no page in the process load its
/// data, and a page that starts then never completes (leptos-rs/leptos#4773).
static PAGES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();

/// Returns all routes: the pages, each page's forms at its own address, the server functions below `/actions`, and
/// the 404 page.
///
/// Every request must have a [`PageContext`](super::PageContext) in its extensions.
pub fn routes(options: &LeptosOptions) -> Router {
    let pages = PAGES.get_or_init(|| generate_route_list(App));
    let mut router = Router::new();
    for page in pages {
        let options = options.clone();
        let answer = move |request: Request<Body>| post_page(options.clone(), request);
        router = router.route(page.path(), post(answer));
    }
    let document = {
        let options = options.clone();
        move || shell(options.clone())
    };
    let nothing = render_app_async_with_context(provide_page_context, document.clone());
    let for_actions = options.clone();
    router
        .leptos_routes_with_context(options, pages.clone(), provide_page_context, document)
        .fallback(move |request: Request<Body>| {
            let nothing = nothing.clone();
            async move {
                let mut page = nothing(request).await;
                if page.status() == StatusCode::OK {
                    *page.status_mut() = StatusCode::NOT_FOUND;
                }
                page
            }
        })
        .with_state(options.clone())
        .layer(from_fn(move |request: Request<Body>, next: Next| {
            let options = for_actions.clone();
            async move {
                if is_page_wanted_from_action(&request) {
                    post_action(options, request).await
                } else {
                    next.run(request).await
                }
            }
        }))
}

/// Whether a browser without JavaScript posts to a server function.
fn is_page_wanted_from_action(request: &Request<Body>) -> bool {
    let accepts = |types: &HeaderValue| types.to_str().is_ok_and(|types| types.contains("text/html"));
    request.method() == Method::POST
        && request.uri().path().starts_with(ACTIONS)
        && request.headers().get_all(header::ACCEPT).iter().any(accepts)
}

//! Forms without JavaScript.
//!
//! A form is posted to the address of its own page and names its server function. The JSON of that function is
//! converted to HTML here: a redirect to the page with the result, or the same page again with the submitted values
//! and the errors of the fields.

use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Form, FromRequest};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use leptos::config::LeptosOptions;
use leptos::prelude::*;
use leptos::server_fn::error::FromServerFnError;
use leptos_axum::{handle_server_fns_with_context, render_app_async_with_context};
use orders::{Problem, ProblemCode};
use tokio::time::timeout;

use super::provide_page_context;
use crate::app::shell;
use crate::components::address::ASKED_COUNTRY;
use crate::outcome::{Outcome, Refused, SubmittedForm};
use crate::page_error::PageError;

/// The server functions that forms name.
const FORMS: [&str; 9] = [
    "add_to_cart",
    "change_cart",
    "send_order",
    "use_another_card",
    "correct_address",
    "correct_email",
    "cancel_order",
    "order_again",
    "replace_link",
];
pub const ACTIONS: &str = "/actions/";
const RENDER_TIMEOUT: Duration = Duration::from_secs(30);
const NOT_RENDERED: &str = "The page could not be shown. Nothing was ordered by it. Load it again.";
/// The size limit of a form, as for the body of an order.
const MAX_FORM_BYTES: usize = 64 * 1024;

/// Answers a form that was posted to its page.
pub async fn post_page(options: LeptosOptions, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MAX_FORM_BYTES).await else {
        return refuse(&options, parts, ProblemCode::BodyTooLarge).await;
    };
    let mut typed = fields(&parts, body.clone()).await;
    let form = typed.iter().position(|(name, _)| name == "form").map(|at| typed.swap_remove(at).1);
    let Some(form) = form.filter(|form| FORMS.contains(&form.as_str())) else {
        let refused = Some(Problem::new(ProblemCode::ValidationFailed).into());
        return render_again(&options, parts, SubmittedForm { form: String::new(), refused, typed }).await;
    };
    if let Some(refused) = changed_country(&typed) {
        return render_again(&options, parts, SubmittedForm { form, refused, typed }).await;
    }
    let submitted = SubmittedForm { form: form.clone(), refused: None, typed };
    call_and_render(&options, parts, &form, body, submitted).await
}

/// Answers a form that a browser without JavaScript has posted directly to a server function: with a redirect, or
/// with an error page.
pub async fn post_action(options: LeptosOptions, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    let form = parts.uri.path().strip_prefix(ACTIONS).unwrap_or_default().to_owned();
    let Ok(body) = to_bytes(body, MAX_FORM_BYTES).await else {
        return refuse(&options, parts, ProblemCode::BodyTooLarge).await;
    };
    if !FORMS.contains(&form.as_str()) {
        return refuse(&options, parts, ProblemCode::NotFound).await;
    }
    call_and_render(&options, parts, &form, body, SubmittedForm::default()).await
}

/// Calls a server function and redirects to its result, or renders the page of `submitted` again.
async fn call_and_render(
    options: &LeptosOptions,
    parts: Parts,
    function: &str,
    body: Bytes,
    submitted: SubmittedForm,
) -> Response {
    let (answer, outcome) = call(&parts, function, body).await;
    let refused = match outcome {
        Ok(Outcome::Done(done)) => return with_cookies(&answer, see_other(&done.next)),
        Ok(Outcome::Refused(refused)) => refused,
        Err(error) => error.into(),
    };
    let page = render_again(options, parts, SubmittedForm { refused: Some(refused), ..submitted }).await;
    with_cookies(&answer, page)
}

fn with_cookies(answer: &HeaderMap, mut page: Response) -> Response {
    for cookie in answer.get_all(header::SET_COOKIE) {
        page.headers_mut().append(header::SET_COOKIE, cookie.clone());
    }
    page
}

/// Returns the names and values of a form; empty for any other body.
async fn fields(parts: &Parts, body: Bytes) -> Vec<(String, String)> {
    let request = Request::from_parts(parts.clone(), Body::from(body));
    Form::from_request(request, &()).await.map(|Form(fields)| fields).unwrap_or_default()
}

/// Whether to show the page again with the fields of another country: the button beside the country was pressed, or
/// the form has the fields of the previous country.
fn changed_country(typed: &[(String, String)]) -> Option<Option<Refused>> {
    let value = |is: &dyn Fn(&str) -> bool| typed.iter().find(|(name, _)| is(name)).map(|(_, value)| value);
    if value(&|name| name == "change-country").is_some() {
        return Some(None);
    }
    let asked = value(&|name| name == ASKED_COUNTRY)?;
    let chosen = value(&|name| name.ends_with("[country]"))?;
    (asked != chosen).then(|| {
        Some(Refused::from(PageError::new(
            422,
            "Look at the address once more",
            "You changed the country, and the form now asks for what an address has there. Nothing was sent.",
            "Fill in what is missing, then send it.",
            "/help/address",
        )))
    })
}

/// Calls the server function as the browser's code would.
async fn call(parts: &Parts, form: &str, body: Bytes) -> (HeaderMap, Result<Outcome, PageError>) {
    let mut parts = parts.clone();
    parts.uri = format!("{ACTIONS}{form}").parse().unwrap_or_default();
    parts.headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    parts.headers.remove(header::REFERER);
    let request = Request::from_parts(parts, Body::from(body));
    let answer = handle_server_fns_with_context(provide_page_context, request).await.into_response();
    let (head, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let outcome = if head.status.is_success() {
        serde_json::from_slice(&body).map_err(|_| Problem::new(ProblemCode::Internal).into())
    } else {
        Err(PageError::de(body))
    };
    (head.headers, outcome)
}

async fn refuse(options: &LeptosOptions, parts: Parts, code: ProblemCode) -> Response {
    let refused = Some(Problem::new(code).into());
    render_again(options, parts, SubmittedForm { refused, ..SubmittedForm::default() }).await
}

/// Renders the page again with the submitted values and errors.
async fn render_again(options: &LeptosOptions, mut parts: Parts, submitted: SubmittedForm) -> Response {
    let status = submitted
        .refused
        .as_ref()
        .map_or(Ok(StatusCode::OK), |refused| StatusCode::from_u16(refused.error.status));
    parts.method = Method::GET;
    for about_the_body in [header::CONTENT_TYPE, header::CONTENT_LENGTH] {
        parts.headers.remove(about_the_body);
    }
    let request = Request::from_parts(parts, Body::empty());
    let context = move || {
        provide_page_context();
        provide_context(submitted.clone());
    };
    let options = options.clone();
    let page = render_app_async_with_context(context, move || shell(options.clone()))(request);
    let Ok(mut page) = timeout(RENDER_TIMEOUT, page).await else {
        return (StatusCode::SERVICE_UNAVAILABLE, NOT_RENDERED).into_response();
    };
    if page.status() == StatusCode::OK {
        *page.status_mut() = status.unwrap_or(StatusCode::UNPROCESSABLE_ENTITY);
    }
    page
}

fn see_other(next: &str) -> Response {
    let next = next.parse::<Uri>().ok().and_then(|_| HeaderValue::from_str(next).ok());
    let next = next.unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, next)]).into_response()
}

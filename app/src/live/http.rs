//! Plain HTTP, as far as the browser's code needs it.

use gloo_net::http::{Request, Response};
use js_sys::Reflect;
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use web_sys::{RequestInit, UrlSearchParams};

use crate::json;

const PAGE: &str = "text/html";

/// What was answered.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub text: String,
    /// Where it came from in the end.
    pub address: String,
}

impl Answer {
    /// It was done as asked.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The path that it came from in the end.
    pub fn path(&self) -> Option<&str> {
        let path = self.address.strip_prefix(&window().location().origin().ok()?)?;
        path.split(['?', '#']).next()
    }
}

/// Sends a GET request. None when there was no answer.
pub async fn get(address: &str, headers: &[(&str, &str)]) -> Option<Answer> {
    let mut request = Request::get(address);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    read(request.send().await).await
}

/// Posts the fields of a form, URL-encoded, and asks for an answer in JSON. None when there was no answer.
pub async fn post(address: &str, fields: &str) -> Option<Answer> {
    send(address, fields, "application/json").await
}

/// Asks a server function about what the page at an address shows. None when no answer came that can be read.
pub async fn ask_about<T: DeserializeOwned>(function: &str, page: &str) -> Option<T> {
    let fields = UrlSearchParams::new().ok()?;
    fields.append("page", page);
    let answer = post(function, &String::from(fields.to_string())).await.filter(Answer::is_ok)?;
    json::read(&answer.text)
}

/// The same as [`post`], and asks for the page that a browser would show then.
pub async fn post_for_page(address: &str, fields: &str) -> Option<Answer> {
    send(address, fields, PAGE).await
}

/// Sends a GET request for a page.
pub async fn get_page(address: &str) -> Option<Answer> {
    get(address, &[("accept", PAGE)]).await
}

async fn send(address: &str, fields: &str, accept: &str) -> Option<Answer> {
    let request = Request::post(address)
        .header("accept", accept)
        .header("content-type", "application/x-www-form-urlencoded;charset=UTF-8")
        .body(fields)
        .ok()?;
    // The request completes even when the page is left meanwhile. gloo-net has no such option yet.
    let keepalive = RequestInit::new();
    Reflect::set(&keepalive, &"keepalive".into(), &JsValue::TRUE).ok()?;
    let request = web_sys::Request::new_with_request_and_init(&request.into(), &keepalive).ok()?;
    read(Request::from(request).send().await).await
}

async fn read(response: Result<Response, gloo_net::Error>) -> Option<Answer> {
    let response = response.ok()?;
    let text = response.text().await.ok()?;
    Some(Answer { status: response.status(), text, address: response.url() })
}

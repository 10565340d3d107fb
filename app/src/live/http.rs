//! Plain HTTP requests.

use gloo_net::http::{Request, Response};
use js_sys::Reflect;
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;
use web_sys::{RequestInit, UrlSearchParams};

use crate::json;

const PAGE: &str = "text/html";

pub struct Answer {
    pub status: u16,
    pub text: String,
    /// The final address after redirects.
    pub address: String,
}

impl Answer {
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the path of the final address.
    pub fn path(&self) -> Option<&str> {
        let path = self.address.strip_prefix(&window().location().origin().ok()?)?;
        path.split(['?', '#']).next()
    }
}

/// Sends a GET request. Returns none without an answer.
pub async fn get(address: &str, headers: &[(&str, &str)]) -> Option<Answer> {
    let mut request = Request::get(address);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    read(request.send().await).await
}

/// Posts URL-encoded fields and asks for JSON. Returns none without an answer.
pub async fn post(address: &str, fields: &str) -> Option<Answer> {
    send(address, fields, "application/json").await
}

/// Calls a server function about the page at an address. Returns none without a readable answer.
pub async fn call_for_page<T: DeserializeOwned>(function: &str, page: &str) -> Option<T> {
    let fields = UrlSearchParams::new().ok()?;
    fields.append("page", page);
    let answer = post(function, &String::from(fields.to_string())).await.filter(Answer::is_ok)?;
    json::read(&answer.text)
}

/// The same as [`post`], asking for the page that a browser would show.
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
    // The request completes even when the page is left. gloo-net has no such option yet.
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

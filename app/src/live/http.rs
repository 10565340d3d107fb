//! Plain HTTP, as far as the browser's code needs it.

use js_sys::Reflect;
use leptos::prelude::window;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, RequestInit, Response, UrlSearchParams};

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

/// Asks for something. None when no answer came.
pub async fn get(address: &str, headers: &[(&str, &str)]) -> Option<Answer> {
    ask(address, &RequestInit::new(), headers).await.ok()
}

/// Sends the fields of a form, as browsers write them, and asks for an answer in JSON. None when none came.
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

/// Asks for a page.
pub async fn get_page(address: &str) -> Option<Answer> {
    get(address, &[("accept", PAGE)]).await
}

async fn send(address: &str, fields: &str, accept: &str) -> Option<Answer> {
    let request = RequestInit::new();
    request.set_method("POST");
    // It goes on when somebody leaves the page meanwhile.
    let _ = Reflect::set(&request, &"keepalive".into(), &JsValue::TRUE);
    request.set_body(&JsValue::from_str(fields));
    let headers = [("accept", accept), ("content-type", "application/x-www-form-urlencoded;charset=UTF-8")];
    ask(address, &request, &headers).await.ok()
}

async fn ask(address: &str, request: &RequestInit, headers: &[(&str, &str)]) -> Result<Answer, JsValue> {
    let all = Headers::new()?;
    for (name, value) in headers {
        all.set(name, value)?;
    }
    request.set_headers(&all);
    let answer = JsFuture::from(window().fetch_with_str_and_init(address, request)).await?;
    let answer: Response = answer.dyn_into()?;
    let text = JsFuture::from(answer.text()?).await?;
    Ok(Answer { status: answer.status(), text: text.as_string().unwrap_or_default(), address: answer.url() })
}

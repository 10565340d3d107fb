//! Docket's HTTP API as the rig uses it.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request};
use orders::{Event, Order, OrderId, OrderPage, ProductPage, State};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::Instant;

use crate::client::{Connection, HttpRequest, HttpResponse, RequestError};
use crate::history::{History, Outcome};
use crate::workload::OrderPlan;

/// A caller with one connection.
#[derive(Debug)]
pub struct ApiClient {
    connection: Connection,
    key: String,
}

/// Returns a request with an API key, and with a JSON body if given.
pub fn request(method: Method, path: &str, key: &str, body: Option<&Value>) -> HttpRequest {
    let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
    let mut request = Request::new(bytes.into());
    *request.method_mut() = method;
    // The rig uses only valid paths.
    *request.uri_mut() = path.parse().unwrap_or_default();
    if body.is_some() {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Ok(bearer) = HeaderValue::try_from(format!("Bearer {key}")) {
        request.headers_mut().insert(AUTHORIZATION, bearer);
    }
    request
}

/// Returns the request that submits an order.
pub fn submission(key: &str, idempotency_key: &str, body: &Value) -> HttpRequest {
    let mut request = request(Method::POST, "/api/v1/orders", key, Some(body));
    let key_header = HeaderValue::from_str(idempotency_key).unwrap_or(HeaderValue::from_static("?"));
    request.headers_mut().insert("idempotency-key", key_header);
    request
}

/// Returns the outcome of a command for its caller.
pub fn outcome_of(result: Result<HttpResponse, RequestError>) -> Outcome {
    let response = match result {
        Ok(response) => response,
        Err(RequestError::NotSent(reason)) => return Outcome::NotSent(reason),
        Err(RequestError::Unknown(reason)) => return Outcome::Unknown(reason),
    };
    if response.status == 202 {
        return match serde_json::from_slice(&response.body) {
            Ok(order) => Outcome::Acknowledged(Box::new(order)),
            Err(error) => Outcome::Unknown(format!("a 202 whose body is no order: {error}")),
        };
    }
    let problem: Value = serde_json::from_slice(&response.body).unwrap_or_default();
    let code = problem["code"].as_str().unwrap_or("no problem code").to_owned();
    match (response.status, code.as_str()) {
        // These answers leave open whether it was stored.
        (409, "idempotency-key-in-use") | (503, "commit-unknown") => Outcome::Unknown(code),
        (400..=499 | 503, _) => {
            let has_retry_after = response.headers.contains_key(RETRY_AFTER);
            Outcome::Refused { status: response.status, code, has_retry_after }
        }
        (status, _) => Outcome::Unknown(format!("{status} {code}")),
    }
}

impl ApiClient {
    /// Returns a caller with an API key.
    pub fn new(address: &str, key: &str) -> Self {
        Self { connection: Connection::to(address), key: key.to_owned() }
    }

    /// Submits an order and records it in the history.
    pub async fn submit_order(&mut self, history: &History, key: &str, plan: &OrderPlan) -> Outcome {
        history.submitting(key, plan);
        let began = Instant::now();
        let outcome = self.submit_unrecorded(key, &plan.body(key)).await;
        history.submitted(key, &outcome, began.elapsed());
        outcome
    }

    /// Submits an order without recording it.
    pub async fn submit_unrecorded(&mut self, idempotency_key: &str, body: &Value) -> Outcome {
        outcome_of(self.connection.send(submission(&self.key, idempotency_key, body)).await)
    }

    /// Cancels an order. The history has the request before it is sent, and its outcome afterwards.
    pub async fn cancel(&mut self, history: &History, id: OrderId) {
        history.cancelling(id);
        let outcome = self.command(id, "cancel", None).await;
        history.cancelled(id, &outcome);
    }

    /// Sends a command to an order: `cancel`, `payment`, `address`.
    pub async fn command(&mut self, id: OrderId, command: &str, body: Option<&Value>) -> Outcome {
        let path = format!("/api/v1/orders/{id}/{command}");
        outcome_of(self.connection.send(request(Method::POST, &path, &self.key, body)).await)
    }

    /// Returns the caller's orders, in one state or in all; it reads no further page once it has `most` orders.
    ///
    /// # Errors
    /// When a request is not answered with 200.
    pub async fn orders(&mut self, state: Option<State>, most: usize) -> Result<Vec<Order>> {
        let mut orders = Vec::new();
        let mut token = String::new();
        loop {
            let state = state.map_or("", State::as_str);
            let size = most.min(100);
            let path = format!("/api/v1/orders?state={state}&page_size={size}&page_token={token}");
            let page: OrderPage = serde_json::from_slice(&self.get(&path).await?)?;
            orders.extend(page.orders);
            match page.next_page_token {
                Some(next) if orders.len() < most => token = next,
                _ => return Ok(orders),
            }
        }
    }

    /// Passes every event of the log to `each`, page by page.
    ///
    /// # Errors
    /// When a request is not answered with 200.
    pub async fn events(&mut self, mut each: impl FnMut(Event)) -> Result<()> {
        let mut token = "0".to_owned();
        loop {
            let path = format!("/api/v1/events?page_size=1000&page_token={token}");
            let mut page: Value = serde_json::from_slice(&self.get(&path).await?)?;
            for event in page["events"].as_array_mut().context("a page without events")? {
                each(serde_json::from_value(event.take())?);
            }
            match page["next_page_token"].as_str() {
                Some(next) => token = next.to_owned(),
                None => return Ok(()),
            }
        }
    }

    /// Returns the stock of each product.
    ///
    /// # Errors
    /// When a request is not answered with 200.
    pub async fn stock(&mut self) -> Result<BTreeMap<String, u32>> {
        let page: ProductPage = serde_json::from_slice(&self.get("/api/v1/products?page_size=100").await?)?;
        Ok(page.products.into_iter().map(|product| (product.sku, product.stock)).collect())
    }

    /// Sends a GET request and parses the body of its response.
    ///
    /// # Errors
    /// When the status is not 200, or the body is something else.
    pub async fn read<T: DeserializeOwned>(&mut self, path: &str) -> Result<T> {
        Ok(serde_json::from_slice(&self.get(path).await?)?)
    }

    async fn get(&mut self, path: &str) -> Result<Bytes> {
        let request = request(Method::GET, path, &self.key, None);
        let response = self.connection.send(request).await.with_context(|| format!("GET {path}"))?;
        if response.status != 200 {
            let body = String::from_utf8_lossy(&response.body);
            bail!("GET {path} was answered {}: {body}", response.status);
        }
        Ok(response.body)
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderMap;

    use super::*;
    use crate::checker::fixtures;

    fn outcome(status: u16, body: impl Into<Bytes>) -> Outcome {
        outcome_of(Ok(HttpResponse { status, headers: HeaderMap::new(), body: body.into() }))
    }

    #[test]
    fn only_a_202_with_its_order_is_an_acknowledgement() {
        let order = fixtures::order(1);
        let body = serde_json::to_vec(&order).unwrap_or_default();
        assert_eq!(outcome(202, body), Outcome::Acknowledged(Box::new(order)));
        assert!(matches!(outcome(202, "{"), Outcome::Unknown(_)));
    }

    #[test]
    fn a_refusal_says_that_nothing_happened_and_a_broken_answer_does_not() {
        assert!(matches!(outcome(503, r#"{"code":"overloaded"}"#), Outcome::Refused { status: 503, .. }));
        assert!(matches!(outcome(422, r#"{"code":"unknown-product"}"#), Outcome::Refused { .. }));
        assert!(matches!(outcome(503, r#"{"code":"commit-unknown"}"#), Outcome::Unknown(_)));
        assert!(matches!(outcome(409, r#"{"code":"idempotency-key-in-use"}"#), Outcome::Unknown(_)));
        assert!(matches!(outcome(500, "oh"), Outcome::Unknown(_)));
        assert!(matches!(outcome_of(Err(RequestError::NotSent("refused".to_owned()))), Outcome::NotSent(_)));
    }
}

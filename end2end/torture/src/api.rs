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

use crate::client::{Answer, Connection, HttpRequest, RequestError};
use crate::history::{History, Outcome};
use crate::workload::OrderPlan;

/// A caller with one connection.
#[derive(Debug)]
pub struct ApiClient {
    connection: Connection,
    key: String,
}

/// Returns a request, with a JSON body if given.
pub fn request(method: Method, path: &str, key: &str, body: Option<&Value>) -> HttpRequest {
    let bytes = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
    let mut ask = Request::new(bytes.into());
    *ask.method_mut() = method;
    // Paths consist of our own ids and words.
    *ask.uri_mut() = path.parse().unwrap_or_default();
    if body.is_some() {
        ask.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    if let Ok(bearer) = HeaderValue::try_from(format!("Bearer {key}")) {
        ask.headers_mut().insert(AUTHORIZATION, bearer);
    }
    ask
}

/// Returns the submission of an order.
pub fn submission(key: &str, idempotency_key: &str, body: &Value) -> HttpRequest {
    let mut ask = request(Method::POST, "/api/v1/orders", key, Some(body));
    let by_name = HeaderValue::from_str(idempotency_key).unwrap_or(HeaderValue::from_static("?"));
    ask.headers_mut().insert("idempotency-key", by_name);
    ask
}

/// Returns what a command's answer means for the caller.
pub fn outcome_of(answered: Result<Answer, RequestError>) -> Outcome {
    let answer = match answered {
        Ok(answer) => answer,
        Err(RequestError::NotSent(why)) => return Outcome::NotSent(why),
        Err(RequestError::Unknown(why)) => return Outcome::Unknown(why),
    };
    if answer.status == 202 {
        return match serde_json::from_slice(&answer.body) {
            Ok(order) => Outcome::Acknowledged(Box::new(order)),
            Err(error) => Outcome::Unknown(format!("a 202 that is no order: {error}")),
        };
    }
    let problem: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let code = problem["code"].as_str().unwrap_or("no problem code").to_owned();
    match (answer.status, code.as_str()) {
        // These answers do not say whether it was stored.
        (409, "idempotency-key-in-use") | (503, "commit-unknown") => Outcome::Unknown(code),
        (400..=499 | 503, _) => {
            let has_retry_after = answer.headers.contains_key(RETRY_AFTER);
            Outcome::Refused { status: answer.status, code, has_retry_after }
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
    pub async fn order(&mut self, history: &History, key: &str, plan: &OrderPlan) -> Outcome {
        history.submitting(key, plan);
        let asked = Instant::now();
        let outcome = self.submit(key, &plan.body(key)).await;
        history.submitted(key, &outcome, asked.elapsed());
        outcome
    }

    /// Submits an order without recording it.
    pub async fn submit(&mut self, idempotency_key: &str, body: &Value) -> Outcome {
        outcome_of(self.connection.ask(submission(&self.key, idempotency_key, body)).await)
    }

    /// Cancels an order and records it in the history, even if the answer is not waited for.
    pub async fn cancel(&mut self, history: &History, id: OrderId) {
        history.cancels(id);
        let outcome = self.command(id, "cancel", None).await;
        history.cancelled(id, &outcome);
    }

    /// Sends a command to an order: `cancel`, `payment`, `address`.
    pub async fn command(&mut self, id: OrderId, command: &str, body: Option<&Value>) -> Outcome {
        let path = format!("/api/v1/orders/{id}/{command}");
        outcome_of(self.connection.ask(request(Method::POST, &path, &self.key, body)).await)
    }

    /// Returns the caller's orders, all or in one state, at most this many.
    ///
    /// # Errors
    /// When there is no answer.
    pub async fn orders(&mut self, state: Option<State>, most: usize) -> Result<Vec<Order>> {
        let mut found = Vec::new();
        let mut token = String::new();
        loop {
            let state = state.map_or("", State::as_str);
            let size = most.min(100);
            let path = format!("/api/v1/orders?state={state}&page_size={size}&page_token={token}");
            let page: OrderPage = serde_json::from_slice(&self.get(&path).await?)?;
            found.extend(page.orders);
            match page.next_page_token {
                Some(next) if found.len() < most => token = next,
                _ => return Ok(found),
            }
        }
    }

    /// Reads the log of all events after a cursor, page by page.
    ///
    /// # Errors
    /// When there is no answer.
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
    /// When there is no answer.
    pub async fn stock(&mut self) -> Result<BTreeMap<String, u32>> {
        let page: ProductPage = serde_json::from_slice(&self.get("/api/v1/products?page_size=100").await?)?;
        Ok(page.products.into_iter().map(|product| (product.sku, product.stock)).collect())
    }

    /// Sends a request and parses its 200 answer.
    ///
    /// # Errors
    /// For any other answer.
    pub async fn read<T: DeserializeOwned>(&mut self, path: &str) -> Result<T> {
        Ok(serde_json::from_slice(&self.get(path).await?)?)
    }

    async fn get(&mut self, path: &str) -> Result<Bytes> {
        let ask = request(Method::GET, path, &self.key, None);
        let answer = self.connection.ask(ask).await.with_context(|| format!("GET {path}"))?;
        if answer.status != 200 {
            bail!("GET {path} was answered {}: {}", answer.status, String::from_utf8_lossy(&answer.body));
        }
        Ok(answer.body)
    }
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderMap;

    use super::*;
    use crate::checker::fixtures;

    fn answer(status: u16, body: impl Into<Bytes>) -> Outcome {
        outcome_of(Ok(Answer { status, headers: HeaderMap::new(), body: body.into() }))
    }

    #[test]
    fn only_a_202_with_its_order_is_an_acknowledgement() {
        let order = fixtures::order(1);
        let body = serde_json::to_vec(&order).unwrap_or_default();
        assert_eq!(answer(202, body), Outcome::Acknowledged(Box::new(order)));
        assert!(matches!(answer(202, "{"), Outcome::Unknown(_)));
    }

    #[test]
    fn a_refusal_says_that_nothing_happened_and_a_broken_answer_does_not() {
        assert!(matches!(answer(503, r#"{"code":"overloaded"}"#), Outcome::Refused { status: 503, .. }));
        assert!(matches!(answer(422, r#"{"code":"unknown-product"}"#), Outcome::Refused { .. }));
        assert!(matches!(answer(503, r#"{"code":"commit-unknown"}"#), Outcome::Unknown(_)));
        assert!(matches!(answer(409, r#"{"code":"idempotency-key-in-use"}"#), Outcome::Unknown(_)));
        assert!(matches!(answer(500, "oh"), Outcome::Unknown(_)));
        assert!(matches!(outcome_of(Err(RequestError::NotSent("refused".to_owned()))), Outcome::NotSent(_)));
    }
}

//! Submissions of orders, and when their work starts.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use jiff::Timestamp;
use serde_json::Value;

use crate::client::{Ask, AskError, Connection};

const ORDER: &[u8] = br#"{"customer":{"name":"Ada","email":"ada@example.org"},"ship_to":{"name":"Ada","street":"1 Main St","city":"Pavia","postcode":"27100","country":"IT"},"lines":[{"sku":"mug-blue","quantity":2}],"payment":{"method":"card","token":"pm_card_visa"}}"#;

/// Returns the submission of an order under a key of its own.
pub fn submission(key: &str, run: &str, number: u64) -> Ask {
    let mut ask = Request::new(Full::new(Bytes::from_static(ORDER)));
    *ask.method_mut() = hyper::Method::POST;
    *ask.uri_mut() = hyper::Uri::from_static("/api/v1/orders");
    let headers = ask.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("idempotency-key", text(format!("{run}-{number}")));
    headers.insert(AUTHORIZATION, text(format!("Bearer {key}")));
    ask
}

/// Submits orders one by one to an idle server, and returns how long after its acceptance the first step of each
/// started, by the server's clock.
pub async fn first_steps(address: &str, key: &str, orders: u64) -> Result<Vec<Duration>, AskError> {
    let mut connection = Connection::open(address).await?;
    let mut waits = Vec::new();
    for number in 0..orders {
        let (_, body) = connection.ask(submission(key, "first-steps", number)).await?;
        let mut order: Value = serde_json::from_slice(&body).unwrap_or_default();
        let path = format!("/api/v1/orders/{}", order["id"].as_str().unwrap_or_default());
        while order["state"] == "received" || order["state"] == "processing" {
            let mut ask = Ask::default();
            *ask.uri_mut() = path.parse().unwrap_or_default();
            let headers = ask.headers_mut();
            headers.insert(AUTHORIZATION, text(format!("Bearer {key}")));
            headers.insert("prefer", HeaderValue::from_static("wait=25"));
            headers.insert("if-none-match", text(format!("\"v{}\"", order["version"])));
            let (_, body) = connection.ask(ask).await?;
            order = serde_json::from_slice(&body).unwrap_or_default();
        }
        waits.extend(wait_of(&order));
    }
    Ok(waits)
}

/// Returns a header value; an invalid one becomes a question mark, which the server reports.
fn text(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("?"))
}

fn wait_of(order: &Value) -> Option<Duration> {
    let time = |value: &Value| value.as_str()?.parse::<Timestamp>().ok();
    let (accepted, began) = (time(&order["created_at"])?, time(&order["steps"][0]["started_at"])?);
    Duration::try_from(began.duration_since(accepted)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_is_from_the_acceptance_to_the_first_step() {
        let order = serde_json::json!({
            "created_at": "2026-11-23T10:00:00.000Z",
            "steps": [{"started_at": "2026-11-23T10:00:00.003Z"}]
        });
        assert_eq!(wait_of(&order), Some(Duration::from_millis(3)));
        assert_eq!(wait_of(&Value::Null), None);
    }
}

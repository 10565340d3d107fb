//! Submissions of orders, and when their work starts.

use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use serde_json::Value;

use crate::client::{ClientError, Connection, Request};

const ORDER: &[u8] = br#"{"customer":{"name":"Ada","email":"ada@example.org"},"ship_to":{"name":"Ada","street":"1 Main St","city":"Pavia","postcode":"27100","country":"IT"},"lines":[{"sku":"mug-blue","quantity":2}],"payment":{"method":"card","token":"pm_card_visa"}}"#;

/// Returns the submission of an order under a key of its own.
pub fn submission(key: &str, run: &str, number: u64) -> Request {
    Request { body: Bytes::from_static(ORDER), ..Request::post("/api/v1/orders") }
        .header("content-type", "application/json")
        .header("idempotency-key", format!("{run}-{number}"))
        .by(key)
}

/// Returns the submissions of one measurement.
pub fn submissions(key: &str, connections: usize) -> impl Fn(u64) -> Request + Clone + Send + 'static {
    let (key, run) = (key.to_owned(), format!("{connections}-{}", std::process::id()));
    move |number| submission(&key, &run, number)
}

/// Submits orders one by one to an idle server, and returns how long after its acceptance the first step of each
/// started, by the server's clock.
pub async fn first_steps(address: &str, key: &str, orders: u64) -> Result<Vec<Duration>, ClientError> {
    let mut connection = Connection::open(address).await?;
    let mut waits = Vec::new();
    for number in 0..orders {
        let is_open = |order: &Value| order["state"] == "received" || order["state"] == "processing";
        let order = follow(&mut connection, key, submission(key, "first-steps", number), is_open).await?;
        waits.extend(wait_of(&order));
    }
    Ok(waits)
}

/// Submits an order and reads it as long as it is `unfinished`.
pub async fn follow(
    connection: &mut Connection,
    key: &str,
    submission: Request,
    unfinished: impl Fn(&Value) -> bool,
) -> Result<Value, ClientError> {
    let (_, body) = connection.send(&submission).await?;
    let mut order: Value = serde_json::from_slice(&body).unwrap_or_default();
    while unfinished(&order) {
        let request = Request::get(path(&order))
            .by(key)
            .header("prefer", "wait=25")
            .header("if-none-match", format!("\"v{}\"", order["version"]));
        let (_, body) = connection.send(&request).await?;
        order = serde_json::from_slice(&body).unwrap_or_default();
    }
    Ok(order)
}

/// Returns the path of an order.
pub fn path(order: &Value) -> String {
    format!("/api/v1/orders/{}", order["id"].as_str().unwrap_or_default())
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

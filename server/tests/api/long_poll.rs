//! `Prefer: wait` on one order.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::Value;

use crate::app::{TestApp, header};

#[tokio::test]
async fn a_wait_ends_with_the_next_version() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let etag = format!("\"v{}\"", placed.order["version"]);
    let wait = app.get(&placed.path("")).header("Prefer", "wait=25").header("If-None-Match", &etag).send();
    let wait = tokio::spawn(wait);
    app.post(&placed.path("/cancel")).send().await.unwrap();
    let answer = tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap().unwrap().unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(header(&answer, "preference-applied"), "wait=25");
    assert_ne!(header(&answer, "etag"), etag);
    let order: Value = answer.json().await.unwrap();
    assert_eq!(order["state"], "cancelled");
}

#[tokio::test]
async fn a_version_that_is_newer_already_is_not_waited_for() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let ask = app.get(&placed.path("")).header("Prefer", "wait=60").header("If-None-Match", "\"v0\"");
    let answer = ask.timeout(Duration::from_secs(20)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

#[tokio::test]
async fn at_the_limit_the_order_is_not_modified() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    for (wish, etag) in [("wait=0", "\"v1\""), ("wait=1", "*")] {
        let ask = app.get(&placed.path("")).header("Prefer", wish).header("If-None-Match", etag);
        let answer = ask.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
        assert_eq!(header(&answer, "preference-applied"), wish);
    }
}

#[tokio::test]
async fn a_wait_ends_when_the_server_stops() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let ask = app.get(&placed.path("")).header("Prefer", "wait=60").header("If-None-Match", "\"v1\"");
    let wait = tokio::spawn(ask.timeout(Duration::from_secs(20)).send());
    app.hub.close();
    assert_eq!(wait.await.unwrap().unwrap().status(), StatusCode::NOT_MODIFIED);
    // While the server drains, a poll waits for a moment, so that a client that polls in a loop is not a load.
    let ask = app.get(&placed.path("")).header("Prefer", "wait=60").header("If-None-Match", "\"v1\"");
    let answer = ask.timeout(Duration::from_secs(20)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_MODIFIED);
}

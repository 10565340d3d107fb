//! Answers of an overloaded server.

use std::time::Duration;

use reqwest::StatusCode;
use server::identity::keys::KeyScope;
use server::load::admission::HealthSample;

use crate::app::{TestApp, mug, problem};

fn overworked() -> HealthSample {
    HealthSample { oldest_job: Duration::from_secs(67), ..HealthSample::default() }
}

#[tokio::test]
async fn an_overloaded_server_refuses_orders_with_a_retry_after() {
    let app = TestApp::start().await;
    app.admission.update(&overworked());
    let answer = app.submit("one", &mug()).send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "7");
    let refusal = problem(answer, 503, "overloaded").await;
    assert!(refusal["detail"].as_str().unwrap().contains("same key"), "{refusal}");
    assert_eq!(refusal["retryable"], true);
    app.admission.update(&HealthSample::default());
    let answer = app.submit("one", &mug()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "a refusal does not use up the key");
    assert_eq!(app.orders_kept().await, 1);
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_takes_no_order() {
    let app = TestApp::start().await;
    app.admission.update(&HealthSample { free_bytes: Some(0), ..HealthSample::default() });
    let answer = app.submit("one", &mug()).send().await.unwrap();
    assert!(answer.headers().contains_key("retry-after"));
    problem(answer, 503, "storage-unavailable").await;
}

#[tokio::test]
async fn an_overloaded_server_refuses_before_reading_key_caller_or_body() {
    let app = TestApp::start().await;
    app.admission.update(&overworked());
    let answer = app.post("/orders").bearer_auth("dk_nobody").body("{").send().await.unwrap();
    problem(answer, 503, "overloaded").await;
}

#[tokio::test]
async fn reads_cancellations_and_health_work_while_orders_are_refused() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    app.admission.update(&overworked());
    let read = app.get(&placed.path("")).send().await.unwrap();
    assert_eq!(read.status(), StatusCode::OK);
    let cancelled = app.post(&placed.path("/cancel")).send().await.unwrap();
    assert_eq!(cancelled.status(), StatusCode::ACCEPTED);
    let desk = app.key(KeyScope::Desk).await;
    let list = app.get("/orders").bearer_auth(desk).send().await.unwrap();
    assert_eq!(list.status(), StatusCode::OK);
    for address in [app.address, app.internal] {
        for path in ["healthz", "readyz"] {
            let health = app.client.get(format!("http://{address}/{path}")).send().await.unwrap();
            assert_eq!(health.status(), StatusCode::OK, "{path}");
        }
    }
}

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
async fn a_house_with_too_much_work_takes_no_order_and_says_when_to_come_back() {
    let app = TestApp::start().await;
    app.admission.look(&overworked());
    let answer = app.submit("one", &mug()).send().await.unwrap();
    assert_eq!(answer.headers()["retry-after"], "7");
    let refusal = problem(answer, 503, "overloaded").await;
    assert!(refusal["detail"].as_str().unwrap().contains("same key"), "{refusal}");
    assert_eq!(refusal["retryable"], true);
    app.admission.look(&HealthSample::default());
    let answer = app.submit("one", &mug()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "a refusal does not use up the key");
    assert_eq!(app.orders_kept().await, 1);
}

#[tokio::test]
async fn a_disk_that_is_nearly_full_takes_no_order() {
    let app = TestApp::start().await;
    app.admission.look(&HealthSample { free_bytes: Some(0), ..HealthSample::default() });
    let answer = app.submit("one", &mug()).send().await.unwrap();
    assert!(answer.headers().contains_key("retry-after"));
    problem(answer, 503, "storage-unavailable").await;
}

#[tokio::test]
async fn an_order_is_refused_before_its_key_its_sender_or_its_body_is_looked_at() {
    let app = TestApp::start().await;
    app.admission.look(&overworked());
    let answer = app.post("/orders").bearer_auth("dk_nobody").body("{").send().await.unwrap();
    problem(answer, 503, "overloaded").await;
}

#[tokio::test]
async fn what_was_accepted_can_be_read_and_cancelled_and_health_answers_while_orders_are_refused() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    app.admission.look(&overworked());
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

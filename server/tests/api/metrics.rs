//! `GET /metrics` of the internal listener.

use reqwest::StatusCode;
use serde_json::json;

use crate::app::{TestApp, client, header, mug};
use crate::house::House;

/// The metrics of a whole server.
async fn metrics(house: &House) -> String {
    let url = format!("http://{}/metrics", house.running.internal);
    house.client.get(url).send().await.unwrap().text().await.unwrap()
}

fn has(text: &str, line: &str) -> bool {
    text.lines().any(|exported| exported == line)
}

#[tokio::test]
async fn the_internal_listener_answers_in_the_format_that_is_accepted() {
    let app = TestApp::start().await;
    let url = format!("http://{}/metrics", app.internal);
    let plain = client().get(&url).send().await.unwrap();
    assert_eq!(plain.status(), StatusCode::OK);
    assert_eq!(header(&plain, "content-type"), "text/plain; version=0.0.4; charset=utf-8");
    assert_eq!(header(&plain, "cache-control"), "no-store");
    assert!(!plain.text().await.unwrap().contains("# EOF"));
    let accept = "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.4,*/*;q=0.1";
    let open = client().get(&url).header("Accept", accept).send().await.unwrap();
    assert_eq!(open.status(), StatusCode::OK);
    assert_eq!(header(&open, "content-type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
    let text = open.text().await.unwrap();
    assert!(text.ends_with("# EOF\n"));
    let first = r#"http_server_request_duration_seconds_count{http_request_method="GET",http_route="/metrics",http_response_status_code="200"} 1"#;
    assert!(has(&text, first), "{text}");
    let post = client().post(&url).send().await.unwrap();
    assert_eq!(post.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn the_public_listener_does_not_serve_them() {
    let api = TestApp::start().await;
    let pages = TestApp::start_with_pages(|_| {}).await;
    for app in [api, pages] {
        let answer = app.client.get(app.url("/metrics")).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND);
        assert!(!answer.text().await.unwrap().contains("docket_build_info"));
    }
}

#[tokio::test]
async fn refused_submissions_are_counted_by_code_on_the_api_and_on_the_checkout_page() {
    let app = TestApp::start_with_pages(|config| config.orders_per_minute = 1).await;
    let mut unknown = mug();
    unknown["lines"] = json!([{"sku": "no-such-thing", "quantity": 1}]);
    assert_eq!(app.submit("unknown", &unknown).send().await.unwrap().status(), 422);
    let without_key = app.post("/orders").json(&mug()).send().await.unwrap();
    assert_eq!(without_key.status(), 400);
    app.checkout(1).send().await.unwrap();
    assert_eq!(app.post("/products").send().await.unwrap().status(), 405);
    let text = client().get(format!("http://{}/metrics", app.internal)).send().await.unwrap().text().await;
    let text = text.unwrap();
    for (code, count) in [
        ("unknown-product", 1),
        ("idempotency-key-missing", 1),
        ("rate-limited", 1),
        ("method-not-allowed", 0),
    ] {
        assert!(
            has(&text, &format!("docket_orders_refused_total{{code=\"{code}\"}} {count}")),
            "{code}: {text}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_worked_to_confirmed_moves_the_counters() {
    let house = House::open().await;
    let before = metrics(&house).await;
    assert!(has(&before, "docket_orders_accepted_total 0"), "{before}");
    let placed = house.place(&mug()).await;
    house.order_in(&placed, "confirmed").await;
    // The receipt follows the confirmation.
    let mut after = metrics(&house).await;
    while !has(&after, r#"docket_mails_total{outcome="sent"} 1"#)
        || !has(&after, r#"docket_queue_attempts_total{queue="mail",outcome="completed"} 1"#)
    {
        after = metrics(&house).await;
    }
    for line in [
        "docket_orders_accepted_total 1",
        "docket_orders_confirmed_total 1",
        "docket_orders_cancelled_total 0",
        "docket_order_confirmation_duration_seconds_count 1",
        r#"docket_orders{state="confirmed"} 1"#,
        r#"docket_step_results_total{step="reserve_stock",action="run",outcome="succeeded"} 1"#,
        r#"docket_step_results_total{step="authorise_payment",action="run",outcome="succeeded"} 1"#,
        r#"docket_step_results_total{step="capture_payment",action="run",outcome="succeeded"} 1"#,
        r#"docket_step_results_total{step="notify",action="run",outcome="succeeded"} 1"#,
        r#"docket_step_duration_seconds_count{step="arrange_shipping",action="run"} 1"#,
        r#"docket_queue_attempts_total{queue="payment",outcome="completed"} 2"#,
        r#"docket_queue_jobs{queue="payment",state="due"} 0"#,
        r#"docket_breaker_state{service="payment",state="closed"} 1"#,
        r#"docket_streams_open{kind="long_poll"} 0"#,
        r#"http_server_request_duration_seconds_count{http_request_method="POST",http_route="/api/v1/orders",http_response_status_code="202"} 1"#,
    ] {
        assert!(has(&after, line), "{line} is not in\n{after}");
    }
    for name in [
        "docket_store_transaction_commands_sum ",
        "docket_store_wal_bytes ",
        "process_resident_memory_bytes ",
    ] {
        let line = after.lines().find_map(|line| line.strip_prefix(name));
        assert!(line.is_some_and(|value| value.parse::<f64>().unwrap() > 0.0), "{name}: {after}");
    }
    assert!(!after.contains(&placed.id) && !after.contains(&placed.token), "no label has an id");
}

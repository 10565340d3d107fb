//! The headers of every answer, and unknown addresses.

use reqwest::{Method, Response, StatusCode};

use crate::app::{TestApp, faulty_key, header, mug, problem};

fn assert_is_secure(answer: &Response) {
    assert_eq!(header(answer, "x-content-type-options"), "nosniff");
    assert_eq!(header(answer, "referrer-policy"), "same-origin");
    assert_eq!(header(answer, "content-security-policy"), "default-src 'none'; frame-ancestors 'none'");
}

#[tokio::test]
async fn every_answer_carries_the_request_id_of_its_caller_or_a_new_one() {
    let app = TestApp::start().await;
    let named = app.get("/products").header("X-Request-Id", "trace-42").send().await.unwrap();
    assert_eq!(header(&named, "x-request-id"), "trace-42");
    let mut seen = std::collections::HashSet::new();
    for bad in ["", "has blanks", "<script>", &"x".repeat(200)] {
        let answer = app.get("/products").header("X-Request-Id", bad).send().await.unwrap();
        let id = header(&answer, "x-request-id").to_owned();
        assert_eq!(id.len(), 32, "{id}");
        assert!(seen.insert(id));
    }
    let missing = app.client.get(app.url("/nowhere")).send().await.unwrap();
    assert_eq!(header(&missing, "x-request-id").len(), 32);
}

#[tokio::test]
async fn no_answer_can_be_framed_sniffed_or_run() {
    let app = TestApp::start().await;
    for path in ["/api/v1/products", "/api/v1/nothing", "/healthz", "/api/openapi.json"] {
        let answer = app.client.get(app.url(path)).send().await.unwrap();
        assert_is_secure(&answer);
    }
}

#[tokio::test]
async fn a_refusal_of_another_site_and_the_answer_after_a_panic_have_all_headers() {
    let app = TestApp::start().await;
    let foreign = app.submit("k1", &mug()).header("Origin", "https://evil.example");
    let panicking = app.get("/orders").bearer_auth(faulty_key());
    for (request, status, code) in [(foreign, 403, "forbidden"), (panicking, 500, "internal")] {
        let answer = request.header("X-Request-Id", "trace-42").send().await.unwrap();
        assert_is_secure(&answer);
        assert_eq!(header(&answer, "x-request-id"), "trace-42");
        assert_eq!(problem(answer, status, code).await["request_id"], "trace-42");
    }
}

#[tokio::test]
async fn an_address_of_the_api_that_does_not_exist_is_a_problem() {
    let app = TestApp::start().await;
    for path in ["/api", "/api/", "/api/v1", "/api/v1/desk/nothing", "/api/v1/carrier", "/api/v2/orders"] {
        for method in [Method::GET, Method::POST] {
            let answer = app.client.request(method, app.url(path)).send().await.unwrap();
            problem(answer, 404, "not-found").await;
        }
    }
}

#[tokio::test]
async fn an_unsupported_method_is_answered_with_the_allowed_ones() {
    let app = TestApp::start().await;
    for (method, path, allowed) in [
        (Method::DELETE, "/api/v1/orders", "POST"),
        (Method::PUT, "/api/v1/products", "GET"),
        (Method::GET, "/api/v1/orders/ord_x/cancel", "POST"),
    ] {
        let answer = app.client.request(method, app.url(path)).send().await.unwrap();
        assert!(header(&answer, "allow").contains(allowed), "{}", header(&answer, "allow"));
        problem(answer, 405, "method-not-allowed").await;
    }
}

#[tokio::test]
async fn a_browser_gets_a_page_for_a_problem() {
    let app = TestApp::start().await;
    let answer = app.client.get(app.url("/nowhere")).header("Accept", "text/html,*/*").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert!(header(&answer, "content-type").starts_with("text/html"));
    assert!(answer.text().await.unwrap().contains("There is nothing at this address"));
}

#[tokio::test]
async fn answers_are_compressed_for_those_who_can_read_it() {
    let app = TestApp::start().await;
    let answer = app.get("/products").header("Accept-Encoding", "br").send().await.unwrap();
    assert_eq!(header(&answer, "content-encoding"), "br");
    assert!(header(&answer, "vary").to_lowercase().contains("accept-encoding"));
}

#[tokio::test]
async fn a_stream_of_events_is_not_compressed() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let request = app.get(&placed.path("/events")).header("Accept", "text/event-stream");
    let mut answer = request.header("Accept-Encoding", "br, gzip").send().await.unwrap();
    assert_eq!(header(&answer, "content-type"), "text/event-stream");
    assert_eq!(header(&answer, "content-encoding"), "");
    let first = answer.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"retry: "), "{first:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn private_pages_are_not_indexed() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let placed = app.place().await;
    let (page, track) = (format!("/orders/{}", placed.id), format!("/track/{}", placed.token));
    let api = format!("/api/v1{}", placed.path(""));
    let events = format!("/api/v1{}", placed.path("/events"));
    for path in
        [&page, &track, &api, &events, "/orders", "/track/nothing", "/cart", "/checkout", "/api/v1/orders"]
    {
        let answer = app.client.get(app.url(path)).send().await.unwrap();
        assert_eq!(header(&answer, "x-robots-tag"), "noindex", "{path}");
    }
    for path in ["/", "/help", "/help/tracking", "/api/v1/products", "/api/docs", "/ordersome"] {
        let answer = app.client.get(app.url(path)).send().await.unwrap();
        assert_eq!(header(&answer, "x-robots-tag"), "", "{path}");
    }
}

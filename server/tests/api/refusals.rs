//! What `POST /orders` refuses: each has its answer, and nothing is stored.

use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use server::identity::keys::KeyScope;

use crate::app::{TestApp, header, mug, problem};

/// Sends a changed order, asserts the refusal, and that the key and the store are unchanged.
async fn refused(change: impl FnOnce(&mut Value), status: u16, code: &str) -> Value {
    let app = TestApp::start().await;
    let mut order = mug();
    change(&mut order);
    let refusal = problem(app.submit("k1", &order).send().await.unwrap(), status, code).await;
    assert_eq!(app.orders_kept().await, 0, "a refused order leaves nothing behind");
    let mended = app.submit("k1", &mug()).send().await.unwrap();
    assert_eq!(mended.status(), StatusCode::ACCEPTED, "a refused order does not use up its key");
    refusal
}

fn pointers(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_unknown_product_is_pointed_at() {
    let refusal = refused(|order| order["lines"][0]["sku"] = json!("unicorn"), 422, "unknown-product").await;
    assert_eq!(pointers(&refusal), ["/lines/0/sku"]);
}

#[tokio::test]
async fn no_items_and_a_thousand_items_are_refused() {
    for quantity in [0, -1, 1_000] {
        let refusal =
            refused(|order| order["lines"][0]["quantity"] = json!(quantity), 422, "validation-failed").await;
        assert_eq!(pointers(&refusal), ["/lines/0/quantity"]);
    }
    let refusal = refused(|order| order["lines"] = json!([]), 422, "validation-failed").await;
    assert_eq!(pointers(&refusal), ["/lines"]);
    let many: Vec<Value> = (0..51).map(|n| json!({"sku": format!("sku-{n}"), "quantity": 1})).collect();
    let refusal = refused(|order| order["lines"] = json!(many), 422, "validation-failed").await;
    assert_eq!(pointers(&refusal), ["/lines"]);
}

#[tokio::test]
async fn a_price_sent_by_the_caller_is_refused() {
    let change =
        |order: &mut Value| order["lines"][0]["unit_price"] = json!({"amount": 1, "currency": "EUR"});
    let refusal = refused(change, 422, "validation-failed").await;
    assert_eq!(pointers(&refusal), ["/lines/0/unit_price"]);
    let refusal = refused(|order| order["total"] = json!(1), 422, "validation-failed").await;
    assert_eq!(pointers(&refusal), ["/total"]);
}

#[tokio::test]
async fn a_card_number_is_refused_wherever_it_stands() {
    for (pointer, number) in [
        ("/payment/token", "4242424242424242"),
        ("/note", "my card: 4242-4242-4242-4242"),
        ("/customer/name", "3782 822463 10005"),
        ("/ship_to/street", "5555 5555 5555 4444"),
    ] {
        let change = |order: &mut Value| match order.pointer_mut(pointer) {
            Some(field) => *field = json!(number),
            None => order[&pointer[1..]] = json!(number),
        };
        let refusal = refused(change, 422, "card-number-refused").await;
        assert_eq!(pointers(&refusal), [pointer]);
        let digits = number.split(|c: char| !c.is_ascii_digit()).next_back().unwrap();
        let mut told = refusal.clone();
        // Random letters and digits.
        assert!(told.as_object_mut().unwrap().remove("request_id").is_some(), "{refusal}");
        assert!(!told.to_string().contains(digits), "what must not be kept is not repeated: {refusal}");
    }
}

#[tokio::test]
async fn every_invalid_field_is_reported_at_once() {
    let refusal = refused(
        |order| {
            order["customer"]["email"] = json!("ada");
            order["ship_to"]["country"] = json!("Italy");
            order["payment"]["method"] = json!("barter");
            order["note"] = json!("x".repeat(501));
        },
        422,
        "validation-failed",
    )
    .await;
    assert_eq!(pointers(&refusal), ["/customer/email", "/ship_to/country", "/payment/method", "/note"]);
}

#[tokio::test]
async fn missing_and_mistyped_fields_are_pointed_at() {
    let drop_city = |order: &mut Value| drop(order["ship_to"].as_object_mut().unwrap().remove("city"));
    assert_eq!(pointers(&refused(drop_city, 422, "validation-failed").await), ["/ship_to/city"]);
    let quantity = |order: &mut Value| order["lines"][0]["quantity"] = json!("two");
    assert_eq!(pointers(&refused(quantity, 422, "validation-failed").await), ["/lines/0/quantity"]);
}

/// Sends a malformed request, and asserts its refusal and that nothing was stored.
async fn refused_as_sent(
    send: impl FnOnce(RequestBuilder) -> RequestBuilder,
    status: u16,
    code: &str,
) -> Value {
    let app = TestApp::start().await;
    let answer: Response = send(app.post("/orders")).send().await.unwrap();
    let refusal = problem(answer, status, code).await;
    assert_eq!(app.orders_kept().await, 0);
    refusal
}

#[tokio::test]
async fn a_body_of_a_megabyte_is_too_large() {
    let note = "x".repeat(1024 * 1024);
    let mut order = mug();
    order["note"] = json!(note);
    refused_as_sent(|request| request.header("Idempotency-Key", "k1").json(&order), 413, "body-too-large")
        .await;
}

#[tokio::test]
async fn a_body_that_is_not_json_is_refused_with_line_and_column() {
    let send = |request: RequestBuilder| {
        request
            .header("Idempotency-Key", "k1")
            .header(CONTENT_TYPE, "application/json")
            .body("{\n \"customer\": nobody}")
    };
    let refusal = refused_as_sent(send, 400, "malformed-json").await;
    assert!(refusal["detail"].as_str().unwrap().contains("line 2"), "{refusal}");
    let deep = format!("{{\"customer\":{}", "[".repeat(60_000));
    let send = |request: RequestBuilder| {
        request.header("Idempotency-Key", "k1").header(CONTENT_TYPE, "application/json").body(deep)
    };
    let app = TestApp::start().await;
    let answer = send(app.post("/orders")).send().await.unwrap();
    assert!(answer.status().is_client_error());
}

#[tokio::test]
async fn a_form_is_not_json() {
    let form = |request: RequestBuilder| request.header("Idempotency-Key", "k1").form(&[("sku", "mug-blue")]);
    refused_as_sent(form, 415, "unsupported-media-type").await;
    let bare = |request: RequestBuilder| request.header("Idempotency-Key", "k1").body(mug().to_string());
    refused_as_sent(bare, 415, "unsupported-media-type").await;
}

#[tokio::test]
async fn an_order_needs_a_key_that_can_be_printed() {
    refused_as_sent(|request| request.json(&mug()), 400, "idempotency-key-missing").await;
    for key in ["", &"k".repeat(256), "k\u{e9}"] {
        let send = |request: RequestBuilder| request.header("Idempotency-Key", key).json(&mug());
        refused_as_sent(send, 400, "idempotency-key-invalid").await;
    }
    let twice = |request: RequestBuilder| {
        request.header("Idempotency-Key", "a").header("Idempotency-Key", "b").json(&mug())
    };
    refused_as_sent(twice, 400, "idempotency-key-invalid").await;
}

#[tokio::test]
async fn the_longest_key_is_taken() {
    let app = TestApp::start().await;
    let answer = app.submit(&"~".repeat(255), &mug()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn an_order_above_the_limit_gets_a_retry_after() {
    let app = TestApp::start_with(|config| config.orders_per_minute = 2).await;
    for (key, left) in [("a", "r=1"), ("b", "r=0")] {
        let answer = app.submit(key, &mug()).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        assert!(header(&answer, "ratelimit").contains(left), "{}", header(&answer, "ratelimit"));
        assert_eq!(header(&answer, "ratelimit-policy"), "\"orders\";q=2;w=60");
    }
    let answer = app.submit("c", &mug()).send().await.unwrap();
    let seconds: u32 = header(&answer, "retry-after").parse().unwrap();
    assert!((1..=60).contains(&seconds));
    assert!(header(&answer, "ratelimit").contains("r=0"));
    problem(answer, 429, "rate-limited").await;
    assert_eq!(app.orders_kept().await, 2);
}

#[tokio::test]
async fn an_api_key_has_no_limit_unless_it_was_made_with_one() {
    let app = TestApp::start_with(|config| config.orders_per_minute = 1).await;
    let free = app.key(KeyScope::Orders).await;
    for key in ["a", "b", "c"] {
        let answer = app.submit(key, &mug()).bearer_auth(&free).send().await.unwrap();
        assert_eq!((answer.status(), header(&answer, "ratelimit")), (StatusCode::ACCEPTED, ""));
    }
    let limited = app.key_with_limit(KeyScope::Orders, Some(2)).await;
    for (key, status) in [("a", 202), ("b", 202), ("c", 429)] {
        let answer = app.submit(key, &mug()).bearer_auth(&limited).send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
}

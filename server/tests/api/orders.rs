//! `POST /orders`, its replays, `GET /orders/{id}` and `GET /orders`.

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::identity::keys::KeyScope;

use crate::app::{TestApp, cookie, header, mug, problem};

#[tokio::test]
async fn an_order_is_acknowledged_with_everything_its_caller_needs() {
    let app = TestApp::start().await;
    let answer = app.submit("k1", &mug()).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let location = header(&answer, "location").to_owned();
    assert_eq!(header(&answer, "retry-after"), "1");
    assert_eq!(header(&answer, "idempotent-replayed"), "");
    let etag = header(&answer, "etag").to_owned();
    let order: Value = answer.json().await.unwrap();
    assert_eq!(location, format!("/api/v1/orders/{}", order["id"].as_str().unwrap()));
    assert_eq!(etag, format!("\"v{}\"", order["version"]));
    assert_eq!(order["state"], "received");
    assert_eq!(order["lines"][0]["quantity"], 2);
    assert_eq!(order["total"]["amount"], 2 * order["lines"][0]["unit_price"]["amount"].as_i64().unwrap());
    assert_eq!(order["steps"].as_array().unwrap().len(), 5);
    assert!(order["tracking_token"].as_str().unwrap().starts_with("trk_"));
    assert_eq!(order["actions"][0]["name"], "cancel");
    for null in ["reason", "shipment", "problem"] {
        assert_eq!(order.get(null), Some(&Value::Null), "{null} is there and null");
    }
}

#[tokio::test]
async fn the_same_key_and_body_answer_with_the_same_order() {
    let app = TestApp::start().await;
    let first: Value = app.submit("k1", &mug()).send().await.unwrap().json().await.unwrap();
    // The same JSON value, formatted differently.
    let spelled = serde_json::to_string_pretty(&mug()).unwrap();
    let again = app
        .post("/orders")
        .header("Idempotency-Key", "k1")
        .header("Content-Type", "application/json; charset=utf-8")
        .body(spelled)
        .send()
        .await
        .unwrap();
    assert_eq!(again.status(), StatusCode::ACCEPTED);
    assert_eq!(header(&again, "idempotent-replayed"), "true");
    let again: Value = again.json().await.unwrap();
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["tracking_token"], first["tracking_token"]);
    assert_eq!(app.orders_kept().await, 1);
}

#[tokio::test]
async fn a_key_used_with_another_body_is_refused_and_the_first_order_stands() {
    let app = TestApp::start().await;
    app.submit("k1", &mug()).send().await.unwrap();
    let mut other = mug();
    other["lines"][0]["quantity"] = json!(3);
    problem(app.submit("k1", &other).send().await.unwrap(), 422, "idempotency-key-reused").await;
    assert_eq!(app.orders_kept().await, 1);
}

#[tokio::test]
async fn a_hundred_submissions_at_once_with_one_key_make_one_order() {
    let app = TestApp::start_with(|config| config.orders_per_minute = 1_000).await;
    let answers = (0..100).map(|_| app.submit("k1", &mug()).send());
    let mut ids = std::collections::HashSet::new();
    for answer in futures::future::join_all(answers).await {
        let answer = answer.unwrap();
        match answer.status() {
            StatusCode::ACCEPTED => {
                let order: Value = answer.json().await.unwrap();
                ids.insert(order["id"].as_str().unwrap().to_owned());
            }
            StatusCode::CONFLICT => {
                assert!(!header(&answer, "retry-after").is_empty());
                problem(answer, 409, "idempotency-key-in-use").await;
            }
            other => panic!("{other}"),
        }
    }
    assert_eq!(ids.len(), 1);
    assert_eq!(app.orders_kept().await, 1);
}

#[tokio::test]
async fn one_key_of_two_callers_makes_two_orders() {
    let app = TestApp::start().await;
    let (a, b) = (app.key(KeyScope::Orders).await, app.key(KeyScope::Orders).await);
    let first: Value = app.submit("k1", &mug()).bearer_auth(&a).send().await.unwrap().json().await.unwrap();
    let second: Value = app.submit("k1", &mug()).bearer_auth(&b).send().await.unwrap().json().await.unwrap();
    let third: Value =
        app.submit("k1", &mug()).header("Cookie", cookie(1)).send().await.unwrap().json().await.unwrap();
    assert!(first["id"] != second["id"] && second["id"] != third["id"]);
}

#[tokio::test]
async fn an_order_is_read_by_its_version() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let answer = app.get(&placed.path("")).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let etag = header(&answer, "etag").to_owned();
    assert_eq!(header(&answer, "retry-after"), "1", "a received order moves");
    assert_eq!(header(&answer, "cache-control"), "private, no-cache");
    let order: Value = answer.json().await.unwrap();
    assert_eq!(order.get("tracking_token"), None, "the token is told on submission only");
    let known = app.get(&placed.path("")).header("If-None-Match", &etag).send().await.unwrap();
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    let unknown = app.get(&placed.path("")).header("If-None-Match", "\"v99\"").send().await.unwrap();
    assert_eq!(unknown.status(), StatusCode::OK);
}

#[tokio::test]
async fn somebody_else_s_order_is_not_found() {
    let app = TestApp::start().await;
    let key = app.key(KeyScope::Orders).await;
    let other = app.key(KeyScope::Orders).await;
    let placed = app.place_as(|request| request.bearer_auth(&key)).await;
    let path = format!("/orders/{}", placed.id);
    let mut answers = Vec::new();
    for path in [path.as_str(), "/orders/ord_00000000000000000000000000", "/orders/nonsense"] {
        let mut answer = problem(
            app.get(path).bearer_auth(&other).header("X-Request-Id", "same").send().await.unwrap(),
            404,
            "not-found",
        )
        .await;
        answer["instance"] = Value::Null;
        answers.push(answer["user"].clone());
        problem(app.get(path).send().await.unwrap(), 404, "not-found").await;
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]));
    assert_eq!(app.get(&path).bearer_auth(&key).send().await.unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn orders_are_listed_newest_first_in_pages_and_only_to_their_owner() {
    let app = TestApp::start().await;
    let (mine, other) = (app.key(KeyScope::Orders).await, app.key(KeyScope::Orders).await);
    let mut placed = Vec::new();
    for _ in 0..5 {
        placed.push(app.place_as(|request| request.bearer_auth(&mine)).await.id);
    }
    app.place_as(|request| request.bearer_auth(&other)).await;
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let path = format!("/orders?page_size=2&page_token={token}");
        let page: Value = app.get(&path).bearer_auth(&mine).send().await.unwrap().json().await.unwrap();
        seen.extend(page["orders"].as_array().unwrap().iter().map(|o| o["id"].as_str().unwrap().to_owned()));
        match page["next_page_token"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
    }
    placed.reverse();
    assert_eq!(seen, placed);
}

#[tokio::test]
async fn a_list_is_filtered_by_state_and_time() {
    let app = TestApp::start().await;
    let key = app.key(KeyScope::Orders).await;
    let placed = app.place_as(|request| request.bearer_auth(&key)).await;
    let found = async |query: &str| {
        let answer = app.get(&format!("/orders?{query}")).bearer_auth(&key).send().await.unwrap();
        let page: Value = answer.json().await.unwrap();
        page["orders"].as_array().unwrap().len()
    };
    assert_eq!(found("state=received").await, 1);
    assert_eq!(found("state=delivered").await, 0);
    assert_eq!(found("updated_after=2000-01-01T00:00:00Z").await, 1);
    let updated = placed.order["updated_at"].as_str().unwrap();
    assert_eq!(found(&format!("updated_after={updated}")).await, 0);
    assert_eq!(found("page_size=100000").await, 1, "a larger page is capped, not refused");
}

#[tokio::test]
async fn a_list_needs_credentials_and_a_query_that_can_be_read() {
    let app = TestApp::start().await;
    let answer = app.get("/orders").send().await.unwrap();
    assert!(header(&answer, "www-authenticate").starts_with("Bearer"));
    problem(answer, 401, "unauthorized").await;
    let key = app.key(KeyScope::Orders).await;
    for query in ["state=lost", "updated_after=yesterday", "page_size=-1", "page_token=%00", "owner=me"] {
        let answer = app.get(&format!("/orders?{query}")).bearer_auth(&key).send().await.unwrap();
        problem(answer, 400, "malformed-query").await;
    }
}

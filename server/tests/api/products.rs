//! `GET /products` and `GET /products/{sku}`.

use reqwest::StatusCode;
use serde_json::Value;

use crate::app::{TestApp, header, problem};

#[tokio::test]
async fn the_catalogue_is_listed_with_prices_and_stock() {
    let app = TestApp::start().await;
    let answer = app.get("/products").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let page: Value = answer.json().await.unwrap();
    let mug = page["products"].as_array().unwrap().iter().find(|p| p["sku"] == "mug-blue").unwrap();
    assert!(mug["price"]["amount"].as_i64().unwrap() > 0);
    assert_eq!(mug["price"]["currency"], "EUR");
    assert!(mug["stock"].as_u64().is_some());
    assert!(mug["image"].as_str().unwrap().starts_with('/'));
    assert_eq!(page["next_page_token"], Value::Null);
}

#[tokio::test]
async fn pages_of_the_catalogue_follow_each_other_without_a_gap() {
    let app = TestApp::start().await;
    let whole: Value = app.get("/products").send().await.unwrap().json().await.unwrap();
    let (mut seen, mut token) = (Vec::new(), String::new());
    loop {
        let path = format!("/products?page_size=7&page_token={token}");
        let page: Value = app.get(&path).send().await.unwrap().json().await.unwrap();
        seen.extend(page["products"].as_array().unwrap().clone());
        match page["next_page_token"].as_str() {
            Some(next) => token = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(&seen, whole["products"].as_array().unwrap());
}

#[tokio::test]
async fn products_are_found_by_words_and_category() {
    let app = TestApp::start().await;
    let page: Value = app.get("/products?query=blue+mug").send().await.unwrap().json().await.unwrap();
    assert_eq!(page["products"][0]["sku"], "mug-blue");
    let category = page["products"][0]["category"].as_str().unwrap();
    let found = app.get("/products").query(&[("category", category)]).send().await.unwrap();
    let found: Value = found.json().await.unwrap();
    assert!(found["products"].as_array().unwrap().iter().all(|p| p["category"] == category));
}

#[tokio::test]
async fn a_catalogue_that_is_known_is_not_sent_again() {
    let app = TestApp::start().await;
    for path in ["/products", "/products/mug-blue"] {
        let first = app.get(path).send().await.unwrap();
        let etag = header(&first, "etag").to_owned();
        assert!(etag.starts_with('"') && etag.len() > 2);
        let again = app.get(path).header("If-None-Match", &etag).send().await.unwrap();
        assert_eq!((again.status(), header(&again, "etag")), (StatusCode::NOT_MODIFIED, etag.as_str()));
        assert!(again.text().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_product_that_is_not_sold_is_not_found() {
    let app = TestApp::start().await;
    problem(app.get("/products/no-such-thing").send().await.unwrap(), 404, "not-found").await;
    problem(app.get("/products/%FF").send().await.unwrap(), 404, "not-found").await;
}

#[tokio::test]
async fn a_wrong_query_is_refused_by_name() {
    let app = TestApp::start().await;
    for (query, name) in
        [("page_size=0", "page_size"), ("page_size=x", "page_size"), ("colour=blue", "colour")]
    {
        let answer = app.get(&format!("/products?{query}")).send().await.unwrap();
        let problem = problem(answer, 400, "malformed-query").await;
        assert!(problem["detail"].as_str().unwrap().contains(name), "{problem}");
    }
}

//! `POST /orders/{id}/cancel`, and commands that were not asked for.

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::identity::keys::KeyScope;

use crate::app::{TestApp, mug, problem};

#[tokio::test]
async fn an_order_is_cancelled_once_however_often_it_is_asked() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let first = app.post(&placed.path("/cancel")).send().await.unwrap();
    assert_eq!(first.status(), StatusCode::ACCEPTED);
    let first: Value = first.json().await.unwrap();
    assert_eq!((&first["state"], &first["reason"]), (&json!("cancelled"), &json!("customer")));
    let again = app.post(&placed.path("/cancel")).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::ACCEPTED);
    let again: Value = again.json().await.unwrap();
    assert_eq!(again["version"], first["version"]);
}

#[tokio::test]
async fn an_answer_to_no_question_is_refused_with_the_state() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let address = json!({"ship_to": mug()["ship_to"]});
    let payment = json!({"payment": mug()["payment"]});
    for (call, body) in [("/address", address), ("/payment", payment)] {
        let answer = app.post(&placed.path(call)).json(&body).send().await.unwrap();
        let refusal = problem(answer, 409, "wrong-state").await;
        assert_eq!(refusal["state"], "received");
    }
}

#[tokio::test]
async fn commands_are_validated_like_orders() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let send = |call: &str, body: Value| app.post(&placed.path(call)).json(&body).send();
    let refusal =
        send("/payment", json!({"payment": {"method": "card", "token": "4242424242424242"}})).await.unwrap();
    let refusal = problem(refusal, 422, "card-number-refused").await;
    assert_eq!(refusal["errors"][0]["pointer"], "/payment/token");
    let refusal = send("/payment", json!({"payment": {"method": "card"}, "amount": 1})).await.unwrap();
    let refusal = problem(refusal, 422, "validation-failed").await;
    assert_eq!(refusal["errors"][0]["pointer"], "/amount");
    let refusal = send("/address", json!({"ship_to": {"name": "Ada"}})).await.unwrap();
    let refusal = problem(refusal, 422, "validation-failed").await;
    assert_eq!(refusal["errors"][0]["pointer"], "/ship_to/street");
}

#[tokio::test]
async fn somebody_else_s_order_cannot_be_changed() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let path = format!("/orders/{}/cancel", placed.id);
    problem(app.post(&path).send().await.unwrap(), 404, "not-found").await;
    let other = app.key(KeyScope::Orders).await;
    problem(app.post(&path).bearer_auth(&other).send().await.unwrap(), 404, "not-found").await;
    let order: Value = app.get(&placed.path("")).send().await.unwrap().json().await.unwrap();
    assert_eq!(order["state"], "received");
    let desk = app.key(KeyScope::Desk).await;
    let answer = app.post(&path).bearer_auth(&desk).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED, "the desk may cancel every order");
}

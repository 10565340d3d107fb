//! Sessions, API keys, tracking tokens, and cross-site requests.

use reqwest::StatusCode;
use serde_json::Value;
use server::identity::keys::KeyScope;

use crate::app::{TestApp, cookie, header, mug, problem};

#[tokio::test]
async fn a_session_sees_its_own_orders() {
    let app = TestApp::start().await;
    let placed = app.place_as(|request| request.header("Cookie", cookie(1))).await;
    let path = format!("/orders/{}", placed.id);
    let seen = app.get(&path).header("Cookie", cookie(1)).send().await.unwrap();
    assert_eq!(seen.status(), StatusCode::OK);
    assert_eq!(header(&seen, "set-cookie"), "", "only pages give sessions");
    problem(app.get(&path).header("Cookie", cookie(2)).send().await.unwrap(), 404, "not-found").await;
    let page: Value =
        app.get("/orders").header("Cookie", cookie(1)).send().await.unwrap().json().await.unwrap();
    assert_eq!(page["orders"][0]["id"], placed.id);
}

#[tokio::test]
async fn a_wrong_key_is_refused_and_not_treated_as_anonymous() {
    let app = TestApp::start().await;
    let placed = app.place_as(|request| request.header("Cookie", cookie(1))).await;
    let unknown = format!("dk_{}", "A".repeat(43));
    for credentials in ["Bearer nonsense", &format!("Bearer {unknown}"), "Basic YTpi", "Bearer", ""] {
        let ask = |path: &str| {
            app.get(path).header("Authorization", credentials).header("Cookie", cookie(1)).send()
        };
        problem(ask("/orders").await.unwrap(), 401, "unauthorized").await;
        problem(ask(&placed.path("")).await.unwrap(), 401, "unauthorized").await;
        let submit = app.submit("k1", &mug()).header("Authorization", credentials);
        problem(submit.send().await.unwrap(), 401, "unauthorized").await;
    }
    assert_eq!(app.orders_kept().await, 1);
}

#[tokio::test]
async fn the_desk_sees_all_orders() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let desk = app.key(KeyScope::Desk).await;
    let seen = app.get(&format!("/orders/{}", placed.id)).bearer_auth(&desk).send().await.unwrap();
    assert_eq!(seen.status(), StatusCode::OK);
    assert_eq!(app.orders_kept().await, 1);
}

#[tokio::test]
async fn a_token_opens_one_order_and_no_other() {
    let app = TestApp::start().await;
    let (mine, other) = (app.place().await, app.place().await);
    assert_eq!(app.get(&mine.path("")).send().await.unwrap().status(), StatusCode::OK);
    for path in [
        format!("/orders/{}?token={}", other.id, mine.token),
        format!("/orders/{}?token=trk_nonsense", mine.id),
        format!("/orders/{}?token=", mine.id),
        format!("/orders/{}/events?token={}", other.id, mine.token),
    ] {
        problem(app.get(&path).send().await.unwrap(), 404, "not-found").await;
    }
    let cancel = format!("/orders/{}/cancel?token={}", other.id, mine.token);
    problem(app.post(&cancel).send().await.unwrap(), 404, "not-found").await;
    assert_eq!(app.post(&mine.path("/cancel")).send().await.unwrap().status(), StatusCode::ACCEPTED);
}

#[tokio::test]
async fn another_site_cannot_act_with_or_without_a_visitors_cookie() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    for (name, value) in
        [("Origin", "https://evil.example"), ("Sec-Fetch-Site", "cross-site"), ("Origin", "null")]
    {
        for cookies in [cookie(1), String::new()] {
            let submit = app.submit("k1", &mug()).header(name, value).header("Cookie", &cookies);
            problem(submit.send().await.unwrap(), 403, "forbidden").await;
        }
        let cancel = app.post(&placed.path("/cancel")).header(name, value);
        problem(cancel.send().await.unwrap(), 403, "forbidden").await;
    }
    assert_eq!(app.orders_kept().await, 1);
}

#[tokio::test]
async fn our_own_pages_and_programs_with_a_key_are_let_through() {
    let app = TestApp::start().await;
    let own = format!("http://{}", app.address);
    let page = app.submit("k1", &mug()).header("Origin", own).header("Sec-Fetch-Site", "same-origin");
    assert_eq!(page.send().await.unwrap().status(), StatusCode::ACCEPTED);
    let key = app.key(KeyScope::Orders).await;
    let program = app.submit("k2", &mug()).header("Origin", "https://partner.example").bearer_auth(key);
    assert_eq!(program.send().await.unwrap().status(), StatusCode::ACCEPTED);
    let read = app.get("/products").header("Sec-Fetch-Site", "cross-site");
    assert_eq!(read.send().await.unwrap().status(), StatusCode::OK);
}

//! `POST /orders/{id}/tracking-link`, and the previous link.

use std::time::Duration;

use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use server::identity::keys::KeyScope;

use crate::app::{Placed, TestApp, cookie, header, mug, problem};

/// An order of browser 1.
async fn placed(app: &TestApp) -> Placed {
    app.place_as(|request| request.header("Cookie", cookie(1))).await
}

fn ask_for_new_link(app: &TestApp, id: &str) -> RequestBuilder {
    app.post(&format!("/orders/{id}/tracking-link"))
}

/// Returns the token of a new link, requested by the caller that `sign` authenticates.
async fn new_link(app: &TestApp, id: &str, sign: impl FnOnce(RequestBuilder) -> RequestBuilder) -> String {
    let answer = sign(ask_for_new_link(app, id)).send().await.unwrap();
    assert_eq!((answer.status(), header(&answer, "cache-control")), (StatusCode::OK, "no-store"));
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer.as_object().unwrap().len(), 1, "{answer}");
    answer["tracking_token"].as_str().unwrap().to_owned()
}

async fn get(app: &TestApp, path: String) -> Response {
    app.get(&path).send().await.unwrap()
}

#[tokio::test]
async fn a_new_link_opens_the_order_and_the_previous_one_opens_nothing() {
    let app = TestApp::start().await;
    let order = placed(&app).await;
    let mut dead = vec![order.token.clone()];
    for _ in 0..3 {
        let token = new_link(&app, &order.id, |ask| ask.header("Cookie", cookie(1))).await;
        assert_eq!(get(&app, format!("/orders/{}?token={token}", order.id)).await.status(), StatusCode::OK);
        for token in &dead {
            for rest in ["", "/events"] {
                let path = format!("/orders/{}{rest}?token={token}", order.id);
                problem(get(&app, path.clone()).await, 404, "not-found").await;
                let stream = app.get(&path).header("Accept", "text/event-stream").send().await.unwrap();
                problem(stream, 404, "not-found").await;
            }
            let wait = app.get(&format!("/orders/{}?token={token}", order.id)).header("Prefer", "wait=25");
            problem(wait.header("If-None-Match", "\"v1\"").send().await.unwrap(), 404, "not-found").await;
            problem(
                app.post(&format!("/orders/{}/cancel?token={token}", order.id)).send().await.unwrap(),
                404,
                "not-found",
            )
            .await;
            for (rest, body) in [
                ("payment", json!({"payment": {"method": "invoice"}})),
                ("address", json!({"ship_to": mug()["ship_to"]})),
            ] {
                let call = app.post(&format!("/orders/{}/{rest}?token={token}", order.id)).json(&body);
                problem(call.send().await.unwrap(), 404, "not-found").await;
            }
        }
        assert!(!dead.contains(&token), "each call makes another one");
        dead.push(token);
    }
    let by_cookie = app.get(&format!("/orders/{}?token={}", order.id, dead[0])).header("Cookie", cookie(1));
    let by_cookie = by_cookie.send().await.unwrap();
    assert_eq!(by_cookie.status(), StatusCode::OK, "whoever sent it sees it whatever link they used");
    let order: Value = by_cookie.json().await.unwrap();
    assert_eq!((&order["version"], &order["link_generation"]), (&json!(4), &json!(3)));
}

#[tokio::test]
async fn a_replay_of_the_order_gives_the_link_of_now() {
    let app = TestApp::start().await;
    let submit = || app.submit("k1", &mug()).header("Cookie", cookie(1));
    let order = Placed::of(submit().send().await.unwrap().json().await.unwrap());
    let token = new_link(&app, &order.id, |ask| ask.header("Cookie", cookie(1))).await;
    let replayed = submit().send().await.unwrap();
    assert_eq!(header(&replayed, "idempotent-replayed"), "true");
    assert_eq!(Placed::of(replayed.json().await.unwrap()).token, token);
}

#[tokio::test]
async fn only_the_owner_and_the_desk_can_replace_the_link() {
    let app = TestApp::start().await;
    let key = app.key(KeyScope::Orders).await;
    let (browsers, programs, nobodys) =
        (placed(&app).await, app.place_as(|request| request.bearer_auth(&key)).await, app.place().await);
    let refused = async |ask: RequestBuilder| problem(ask.send().await.unwrap(), 404, "not-found").await;
    for order in [&browsers, &programs, &nobodys] {
        refused(ask_for_new_link(&app, &order.id)).await;
        refused(ask_for_new_link(&app, &order.id).header("Cookie", cookie(2))).await;
        // The holder of the link may not replace it.
        refused(app.post(&order.path("/tracking-link"))).await;
        refused(app.post(&order.path("/tracking-link")).header("Cookie", cookie(2))).await;
        assert_eq!(get(&app, order.path("")).await.status(), StatusCode::OK, "nothing changed");
    }
    refused(ask_for_new_link(&app, &browsers.id).bearer_auth(&key)).await;
    refused(ask_for_new_link(&app, "ord_00000000000000000000000000").header("Cookie", cookie(1))).await;
    let unknown = ask_for_new_link(&app, &browsers.id).bearer_auth("dk_nonsense");
    problem(unknown.send().await.unwrap(), 401, "unauthorized").await;
    let foreign = ask_for_new_link(&app, &browsers.id).header("Cookie", cookie(1));
    problem(foreign.header("Origin", "https://evil.example").send().await.unwrap(), 403, "forbidden").await;

    new_link(&app, &programs.id, |ask| ask.bearer_auth(&key)).await;
    let desk = app.key(KeyScope::Desk).await;
    for order in [&browsers, &nobodys] {
        let token = new_link(&app, &order.id, |ask| ask.bearer_auth(&desk)).await;
        problem(get(&app, order.path("")).await, 404, "not-found").await;
        assert_eq!(get(&app, format!("/orders/{}?token={token}", order.id)).await.status(), StatusCode::OK);
    }
    refused(ask_for_new_link(&app, "ord_00000000000000000000000000").bearer_auth(&desk)).await;
}

#[tokio::test]
async fn a_replaced_link_is_an_event_and_the_audit_names_the_operator() {
    let app = TestApp::start().await;
    let desk = app.key(KeyScope::Desk).await;
    let order = placed(&app).await;
    let mut tokens = vec![order.token.clone()];
    tokens.push(new_link(&app, &order.id, |ask| ask.header("Cookie", cookie(1))).await);
    tokens.push(new_link(&app, &order.id, |ask| ask.bearer_auth(&desk)).await);
    let log =
        app.get(&format!("/orders/{}/events", order.id)).header("Cookie", cookie(1)).send().await.unwrap();
    let text = log.text().await.unwrap();
    assert!(tokens.iter().all(|token| !text.contains(token)), "{text}");
    let log: Value = serde_json::from_str(&text).unwrap();
    let told: Vec<_> = log["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| (&event["type"], &event["data"]["version"]))
        .collect();
    let replaced = json!("order.link.replaced");
    assert_eq!(told, [(&json!("order.received"), &json!(1)), (&replaced, &json!(2)), (&replaced, &json!(3))]);
    let audit: Value = app
        .get(&format!("/desk/audit?subject={}", order.id))
        .bearer_auth(&desk)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let acts: Vec<_> =
        audit["audit"].as_array().unwrap().iter().map(|entry| (&entry["act"], &entry["outcome"])).collect();
    assert_eq!(
        acts,
        [(&json!("order.replace-link"), &json!("done"))],
        "only what an operator does is an act"
    );
}

#[tokio::test]
async fn a_long_poll_by_the_link_before_ends_at_once() {
    let app = TestApp::start().await;
    let order = placed(&app).await;
    let wait = app.get(&order.path("")).header("Prefer", "wait=60").header("If-None-Match", "\"v1\"");
    let waiting = tokio::spawn(wait.timeout(Duration::from_secs(20)).send());
    let owner = app.get(&format!("/orders/{}", order.id)).header("Cookie", cookie(1));
    let owner = owner.header("Prefer", "wait=60").header("If-None-Match", "\"v1\"");
    let owners = tokio::spawn(owner.timeout(Duration::from_secs(20)).send());
    new_link(&app, &order.id, |ask| ask.header("Cookie", cookie(1))).await;
    problem(waiting.await.unwrap().unwrap(), 404, "not-found").await;
    assert_eq!(owners.await.unwrap().unwrap().status(), StatusCode::OK);
}

#[tokio::test]
async fn new_links_count_like_orders_against_the_limit_of_a_minute() {
    let app = TestApp::start_with(|config| config.orders_per_minute = 3).await;
    let order = placed(&app).await;
    for _ in 0..2 {
        new_link(&app, &order.id, |ask| ask.header("Cookie", cookie(1))).await;
    }
    let third = ask_for_new_link(&app, &order.id).header("Cookie", cookie(1)).send().await.unwrap();
    assert!(!header(&third, "retry-after").is_empty());
    problem(third, 429, "rate-limited").await;
    let desk = app.key(KeyScope::Desk).await;
    new_link(&app, &order.id, |ask| ask.bearer_auth(&desk)).await;
}

#[tokio::test]
async fn the_link_of_an_order_that_has_ended_can_still_be_replaced() {
    let app = TestApp::start().await;
    let order = placed(&app).await;
    assert_eq!(app.post(&order.path("/cancel")).send().await.unwrap().status(), StatusCode::ACCEPTED);
    let token = new_link(&app, &order.id, |ask| ask.header("Cookie", cookie(1))).await;
    problem(get(&app, order.path("")).await, 404, "not-found").await;
    let seen: Value = get(&app, format!("/orders/{}?token={token}", order.id)).await.json().await.unwrap();
    assert_eq!((&seen["state"], &seen["version"]), (&json!("cancelled"), &json!(3)));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_javascript_only_the_owner_has_a_form_for_a_new_link() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let order = placed(&app).await;
    let page = format!("/orders/{}", order.id);
    let look = async |path: &str, n: u8| {
        app.client.get(app.url(path)).header("Cookie", cookie(n)).send().await.unwrap()
    };
    let text = look(&page, 1).await.text().await.unwrap();
    assert!(
        text.contains("value=\"replace_link\"") && text.contains(&format!("/track/{}", order.token)),
        "{text}"
    );
    let tracked = look(&format!("/track/{}", order.token), 2).await;
    assert_eq!(tracked.status(), StatusCode::OK);
    let tracked = tracked.text().await.unwrap();
    assert!(!tracked.contains("value=\"replace_link\""), "{tracked}");

    let send = async |page: &str, n: u8| {
        let form = [("form", "replace_link"), ("page", page)];
        app.client.post(app.url(page)).header("Cookie", cookie(n)).form(&form).send().await.unwrap()
    };
    let refused = send(&format!("/track/{}", order.token), 2).await;
    assert_eq!(refused.status(), StatusCode::NOT_FOUND, "whoever has the link may not take it from others");
    assert_eq!(send(&page, 2).await.status(), StatusCode::NOT_FOUND);
    let done = send(&page, 1).await;
    assert_eq!(
        (done.status(), header(&done, "location")),
        (StatusCode::SEE_OTHER, format!("{page}#link").as_str())
    );
    let text = look(&page, 1).await.text().await.unwrap();
    assert!(
        !text.contains(&order.token) && text.contains("The link before this one opens nothing any more."),
        "{text}"
    );
    assert!(text.contains("The private link was replaced"), "{text}");
    let dead = look(&format!("/track/{}", order.token), 2).await;
    assert_eq!(dead.status(), StatusCode::NOT_FOUND);
    assert!(dead.text().await.unwrap().contains("This link opens no order"));
    let link = text
        .split("/track/")
        .nth(1)
        .unwrap()
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
        .next();
    assert_eq!(look(&format!("/track/{}", link.unwrap()), 2).await.status(), StatusCode::OK);
}

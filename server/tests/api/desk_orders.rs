//! Operators search orders and decide about them.

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::identity::keys::KeyScope;

use crate::app::{Placed, TestApp, mug, problem};
use crate::house::House;

async fn find(app: &TestApp, desk: &str, query: &[(&str, &str)]) -> Vec<String> {
    let answer = app.get("/desk/orders").query(query).bearer_auth(desk).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let page: Value = answer.json().await.unwrap();
    page["orders"].as_array().unwrap().iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect()
}

async fn place(app: &TestApp, key: &str, name: &str, email: &str) -> Placed {
    let mut order = mug();
    order["customer"] = json!({"name": name, "email": email});
    Placed::of(app.submit(key, &order).send().await.unwrap().json().await.unwrap())
}

#[tokio::test]
async fn an_order_is_found_by_number_id_e_mail_name_and_state() {
    let app = TestApp::start().await;
    let desk = app.key(KeyScope::Desk).await;
    let ada = place(&app, "k1", "Ada Lovelace", "Ada@Example.org").await;
    let zoe = place(&app, "k2", "Zoë Walter", "zoe@example.org").await;
    let number = ada.order["number"].as_str().unwrap();
    let spelled = number.to_lowercase().replace('-', " ");
    for query in [number, &spelled, &ada.id, "ada@example.ORG", "LOVE"] {
        assert_eq!(find(&app, &desk, &[("query", query)]).await, std::slice::from_ref(&ada.id), "{query}");
    }
    for query in ["zoË", "walter"] {
        assert_eq!(find(&app, &desk, &[("query", query)]).await, std::slice::from_ref(&zoe.id), "{query}");
    }
    assert_eq!(find(&app, &desk, &[]).await, [zoe.id.clone(), ada.id.clone()], "newest first");
    app.post(&zoe.path("/cancel")).send().await.unwrap();
    assert_eq!(find(&app, &desk, &[("state", "cancelled")]).await, std::slice::from_ref(&zoe.id));
    assert_eq!(find(&app, &desk, &[("state", "received"), ("query", "walter")]).await, Vec::<String>::new());
    for query in ["ZZZ-ZZ9", "nobody@example.org", "Grace", "ord_01K9ZZZZZZZZZZZZZZZZZZZZZZ"] {
        assert_eq!(find(&app, &desk, &[("query", query)]).await, Vec::<String>::new(), "{query}");
    }
    let page = app.get("/desk/orders?page_size=1").bearer_auth(&desk).send().await.unwrap();
    let page: Value = page.json().await.unwrap();
    let token = page["next_page_token"].as_str().unwrap();
    assert_eq!(find(&app, &desk, &[("page_token", token)]).await, [ada.id]);
}

#[tokio::test]
async fn an_act_in_the_wrong_state_is_refused_with_the_state_and_written_down() {
    let app = TestApp::start().await;
    let desk = app.key(KeyScope::Desk).await;
    let placed = app.place().await;
    for act in ["approve", "hand-over", "deliver"] {
        let path = format!("/desk/orders/{}/{act}", placed.id);
        let refused = app.post(&path).bearer_auth(&desk).send().await.unwrap();
        let refused = problem(refused, 409, "wrong-state").await;
        assert_eq!(refused["state"], "received");
        assert!(refused["detail"].as_str().unwrap().starts_with("The order is received. Only"), "{refused}");
        let nothing = format!("/desk/orders/ord_01K9ZZZZZZZZZZZZZZZZZZZZZZ/{act}");
        problem(app.post(&nothing).bearer_auth(&desk).send().await.unwrap(), 404, "not-found").await;
    }
    let cancel = app.post(&format!("/desk/orders/{}/cancel", placed.id)).bearer_auth(&desk);
    let wrong = cancel.try_clone().unwrap().json(&json!({"reason": "customer"})).send().await.unwrap();
    assert_eq!(problem(wrong, 422, "validation-failed").await["errors"][0]["pointer"], "/reason");
    let wrong = cancel.try_clone().unwrap().json(&json!({"why": "so"})).send().await.unwrap();
    problem(wrong, 422, "validation-failed").await;
    problem(cancel.body("reason=operator").send().await.unwrap(), 415, "unsupported-media-type").await;
    let audit = app.get("/desk/audit").bearer_auth(&desk).send().await.unwrap();
    let audit: Value = audit.json().await.unwrap();
    let audit = audit["audit"].as_array().unwrap();
    assert_eq!(audit.len(), 3);
    assert!(audit.iter().all(|entry| entry["outcome"] == "refused"), "{audit:?}");
    assert!(audit.iter().all(|entry| entry["detail"] == "the order is received"), "{audit:?}");
}

fn risky() -> Value {
    let mut order = mug();
    order["payment"]["token"] = json!("pm_card_riskLevelElevated");
    order
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approved_order_is_completed_and_its_owner_never_sees_the_operator() {
    let house = House::open().await;
    let grace = house.operator("Grace at the desk").await;
    let placed = house.place(&risky()).await;
    house.order_in(&placed, "in_review").await;
    assert_eq!(grace.see("/overview").await["needs_person"]["in_review"], 1);
    assert_eq!(grace.see("/orders?state=in_review").await["orders"][0]["id"], placed.id);
    assert_eq!(grace.decide(&placed, "approve").await["state"], "processing");
    house.order_in(&placed, "confirmed").await;
    assert_eq!(grace.decide(&placed, "hand-over").await["state"], "shipped");
    assert_eq!(grace.decide(&placed, "hand-over").await["state"], "shipped", "again is as once");
    let late = grace.post(&format!("/orders/{}/cancel", placed.id)).send().await.unwrap();
    assert_eq!(problem(late, 409, "order-not-cancellable").await["state"], "shipped");
    assert_eq!(grace.decide(&placed, "deliver").await["state"], "delivered");
    assert_eq!(grace.decide(&placed, "deliver").await["state"], "delivered", "again is as once");

    let audit = grace.see(&format!("/audit?subject={}", placed.id)).await;
    let told: Vec<_> = audit["audit"]
        .as_array()
        .unwrap()
        .iter()
        .rev()
        .map(|entry| format!("{} {}", entry["act"].as_str().unwrap(), entry["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(
        told,
        [
            "order.approve done",
            "order.hand-over done",
            "order.hand-over unchanged",
            "order.cancel refused",
            "order.deliver done",
            "order.deliver unchanged"
        ]
    );
    assert!(
        audit["audit"].as_array().unwrap().iter().all(|entry| entry["who"]["name"] == "Grace at the desk")
    );
    for path in ["", "/events"] {
        let seen =
            house.client.get(house.url(&placed.path(path))).send().await.unwrap().text().await.unwrap();
        assert!(seen.contains("delivered") && !seen.contains("Grace"), "{seen}");
    }
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_is_not_trusted_ends_with_its_money_and_its_items_back() {
    let house = House::open().await;
    let grace = house.operator("Grace").await;
    let placed = house.place(&risky()).await;
    house.order_in(&placed, "in_review").await;
    grace.decide(&placed, "cancel").await;
    let cancelled = house.order_in(&placed, "cancelled").await;
    assert_eq!(cancelled["reason"], "suspected_fraud");
    assert!(["none", "voided"].contains(&cancelled["payment"]["state"].as_str().unwrap()), "{cancelled}");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_queue_holds_orders_until_it_is_resumed() {
    let house = House::open().await;
    let grace = house.operator("Grace").await;
    let paused = grace.post("/queues/shipping/pause").send().await.unwrap();
    assert_eq!(paused.json::<Value>().await.unwrap()["paused"], true);
    let placed = house.place(&mug()).await;
    let waiting = async || grace.see("/queues").await["queues"][2]["due"].as_u64().unwrap();
    while waiting().await == 0 {
        tokio::task::yield_now().await;
    }
    let resumed = grace.post("/queues/shipping/resume").send().await.unwrap();
    assert_eq!(resumed.json::<Value>().await.unwrap()["paused"], false);
    house.order_in(&placed, "confirmed").await;
    house.running.stop().await;
}

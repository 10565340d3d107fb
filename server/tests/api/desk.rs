//! The desk over an API key: authorisation, the overview, queues, jobs and the audit.

use queue::{Claim, Clock, JobId, Outcome, Settlement, Store, SystemClock, WorkerId};
use reqwest::StatusCode;
use serde_json::{Value, json};
use server::identity::keys::KeyScope;

use crate::app::{TestApp, cookie, header, problem};

const READS: [&str; 6] =
    ["/desk/overview", "/desk/queues", "/desk/jobs", "/desk/jobs/1", "/desk/orders", "/desk/audit"];

fn acts(order: &str) -> Vec<String> {
    let on_order =
        ["approve", "cancel", "hand-over", "deliver"].map(|act| format!("/desk/orders/{order}/{act}"));
    let others = [
        "/desk/queues/stock/pause",
        "/desk/queues/stock/resume",
        "/desk/jobs/1/retry",
        "/desk/jobs/1/discard",
    ];
    on_order.into_iter().chain(others.map(str::to_owned)).collect()
}

async fn see(app: &TestApp, desk: &str, path: &str) -> Value {
    let answer = app.get(path).bearer_auth(desk).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK, "{path}");
    assert_eq!(header(&answer, "cache-control"), "no-store");
    answer.json().await.unwrap()
}

/// Quarantines the first job of the stock queue, as a failing worker does.
async fn give_up(app: &TestApp) -> i64 {
    let claim = Claim {
        queue: "stock".into(),
        worker: WorkerId::from("test"),
        now: SystemClock.now(),
        limit: 1,
        lease_for: std::time::Duration::from_secs(10),
    };
    let leased = app.store.claim(claim).await.unwrap().remove(0);
    let settlement = Settlement {
        lease: leased.lease,
        now: SystemClock.now(),
        outcome: Outcome::Quarantined { error: "poison".to_owned() },
        effect: None,
        next: Vec::new(),
    };
    app.store.settle(settlement).await.unwrap();
    let JobId(id) = leased.job.id;
    id
}

#[tokio::test]
async fn the_desk_needs_its_scope() {
    let app = TestApp::start().await;
    let placed = app.place().await;
    let orders = app.key(KeyScope::Orders).await;
    let reads = READS.iter().map(|path| app.get(path));
    let acts = acts(&placed.id);
    for call in reads.chain(acts.iter().map(|path| app.post(path))) {
        let send = |call: reqwest::RequestBuilder| call.send();
        problem(send(call.try_clone().unwrap()).await.unwrap(), 401, "unauthorized").await;
        let with_token = call.try_clone().unwrap().query(&[("token", &placed.token)]);
        problem(send(with_token).await.unwrap(), 401, "unauthorized").await;
        let shopper = call.try_clone().unwrap().header("Cookie", cookie(1));
        problem(send(shopper).await.unwrap(), 403, "forbidden").await;
        problem(send(call.bearer_auth(&orders)).await.unwrap(), 403, "forbidden").await;
    }
    let desk = app.key(KeyScope::Desk).await;
    assert_eq!(see(&app, &desk, "/desk/audit").await["audit"], json!([]), "who may not act has not acted");
    let order: Value = app.get(&placed.path("")).send().await.unwrap().json().await.unwrap();
    assert_eq!(order["version"], 1);
}

#[tokio::test]
async fn the_overview_shows_orders_by_state_and_what_waits() {
    let app = TestApp::start().await;
    let desk = app.key(KeyScope::Desk).await;
    let empty = see(&app, &desk, "/desk/overview").await;
    assert_eq!((&empty["orders"]["received"], &empty["oldest_waiting"]), (&json!(0), &Value::Null));
    let cancelled = app.place().await;
    app.place().await;
    app.post(&cancelled.path("/cancel")).send().await.unwrap();
    let seen = see(&app, &desk, "/desk/overview").await;
    assert_eq!((&seen["orders"]["received"], &seen["orders"]["cancelled"]), (&json!(1), &json!(1)));
    let turns = json!({"accepted": 2, "confirmed": 0, "finished": 1});
    assert_eq!((&seen["last_minute"], &seen["last_hour"]), (&turns, &turns));
    assert_eq!(seen["oldest_waiting"]["queue"], "stock");
    let names: Vec<&str> =
        seen["queues"].as_array().unwrap().iter().map(|queue| queue["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["stock", "payment", "shipping", "mail"]);
    assert_eq!(
        seen["needs_person"],
        json!({"in_review": 0, "quarantined": 0, "undo_delayed": 0, "service_refuses_us": 0, "mail_refused": 0})
    );
    give_up(&app).await;
    let seen = see(&app, &desk, "/desk/overview").await;
    assert_eq!(seen["needs_person"]["quarantined"], 1);
}

#[tokio::test]
async fn a_queue_is_paused_and_resumed_and_both_are_written_down() {
    let app = TestApp::start().await;
    let desk = app.key(KeyScope::Desk).await;
    for (act, paused) in [("pause", true), ("pause", true), ("resume", false)] {
        let answer =
            app.post(&format!("/desk/queues/payment/{act}")).bearer_auth(&desk).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        let queue: Value = answer.json().await.unwrap();
        assert_eq!((&queue["name"], &queue["paused"]), (&json!("payment"), &json!(paused)));
    }
    let nowhere = app.post("/desk/queues/nowhere/pause").bearer_auth(&desk).send().await.unwrap();
    problem(nowhere, 404, "not-found").await;
    let audit = see(&app, &desk, "/desk/audit").await;
    let told: Vec<_> = audit["audit"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["act"].as_str().unwrap(), entry["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("queue.resume", "done"), ("queue.pause", "unchanged"), ("queue.pause", "done")]);
    let first = &audit["audit"][2];
    assert_eq!((&first["subject"], &first["who"]["name"]), (&json!("payment"), &json!("test 0")));
    assert!(first["who"]["id"].as_str().unwrap().starts_with("key_"));
}

#[tokio::test]
async fn jobs_are_listed_newest_first_with_the_orders_they_work() {
    let app = TestApp::start().await;
    let desk = app.key(KeyScope::Desk).await;
    let (first, second) = (app.place().await, app.place().await);
    let page = see(&app, &desk, "/desk/jobs?page_size=1").await;
    assert_eq!(page["jobs"][0]["order"], json!({"id": second.id, "number": second.order["number"]}));
    assert_eq!(
        (&page["jobs"][0]["state"], &page["jobs"][0]["queue"]),
        (&json!("available"), &json!("stock"))
    );
    let token = page["next_page_token"].as_str().unwrap();
    let page = see(&app, &desk, &format!("/desk/jobs?page_size=1&page_token={token}")).await;
    assert_eq!((&page["jobs"][0]["order"]["id"], &page["next_page_token"]), (&json!(first.id), &Value::Null));
    let id = page["jobs"][0]["id"].as_i64().unwrap();
    assert_eq!(see(&app, &desk, &format!("/desk/jobs/{id}")).await, page["jobs"][0]);
    for (path, jobs) in [("?state=available&queue=stock", 2), ("?state=quarantined", 0), ("?queue=mail", 0)] {
        let page = see(&app, &desk, &format!("/desk/jobs{path}")).await;
        assert_eq!(page["jobs"].as_array().unwrap().len(), jobs, "{path}");
    }
    for path in ["?state=lost", "?page_token=x", "?page_size=0", "?colour=blue"] {
        let answer = app.get(&format!("/desk/jobs{path}")).bearer_auth(&desk).send().await.unwrap();
        problem(answer, 400, "malformed-query").await;
    }
    for id in ["999", "x"] {
        let answer = app.get(&format!("/desk/jobs/{id}")).bearer_auth(&desk).send().await.unwrap();
        problem(answer, 404, "not-found").await;
    }
}

#[tokio::test]
async fn a_job_that_was_given_up_is_retried_and_one_that_an_order_needs_is_not_discarded() {
    let app = TestApp::start().await;
    let desk = app.key(KeyScope::Desk).await;
    app.place().await;
    let post = async |path: String| app.post(&path).bearer_auth(&desk).send().await.unwrap();
    let refused = problem(post("/desk/jobs/1/retry".to_owned()).await, 409, "wrong-state").await;
    assert_eq!(refused["detail"], "The job is available. Only a quarantined job can be retried.");
    let id = give_up(&app).await;
    let refused = problem(post(format!("/desk/jobs/{id}/discard")).await, 409, "wrong-state").await;
    assert_eq!(refused["state"], "received");
    let job = see(&app, &desk, &format!("/desk/jobs/{id}")).await;
    assert_eq!((&job["state"], &job["last_error"]), (&json!("quarantined"), &json!("poison")));
    let retried = post(format!("/desk/jobs/{id}/retry")).await;
    assert_eq!(retried.status(), StatusCode::ACCEPTED);
    let retried: Value = retried.json().await.unwrap();
    assert_eq!((&retried["state"], &retried["attempts"]), (&json!("available"), &json!(0)));
    let audit = see(&app, &desk, &format!("/desk/audit?subject={id}")).await;
    let outcomes: Vec<_> =
        audit["audit"].as_array().unwrap().iter().map(|entry| entry["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["done", "refused", "refused"]);
    assert_eq!(audit["audit"][1]["detail"], "its order is received");
}

#[tokio::test]
async fn cancelling_an_order_discards_its_quarantined_job() {
    let app = TestApp::start().await;
    let desk = app.key(KeyScope::Desk).await;
    let placed = app.place().await;
    let id = give_up(&app).await;
    let cancelled = app.post(&format!("/desk/orders/{}/cancel", placed.id)).bearer_auth(&desk);
    let cancelled = cancelled.json(&json!({"reason": "suspected_fraud"})).send().await.unwrap();
    assert_eq!(cancelled.status(), StatusCode::ACCEPTED);
    let order: Value = cancelled.json().await.unwrap();
    assert_eq!((&order["state"], &order["reason"]), (&json!("cancelled"), &json!("suspected_fraud")));
    assert_eq!(see(&app, &desk, &format!("/desk/jobs/{id}")).await["state"], "discarded");
    let entry = &see(&app, &desk, "/desk/audit").await["audit"][0];
    assert_eq!(
        (&entry["act"], &entry["subject"], &entry["detail"]),
        (&json!("order.cancel"), &json!(placed.id), &json!("suspected_fraud"))
    );
    let again =
        app.post(&format!("/desk/orders/{}/cancel", placed.id)).bearer_auth(&desk).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::ACCEPTED, "cancelling again is as once");
    assert_eq!(see(&app, &desk, "/desk/audit").await["audit"][0]["outcome"], "unchanged");
}

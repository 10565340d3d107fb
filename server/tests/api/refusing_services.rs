//! Services that refuse us, as callers and the desk see them, with the sandbox and a mail server.

use std::time::Duration;

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::{Placed, mug, problem};
use crate::house::House;
use crate::mail_server::MailServer;

const QUICK: [(&str, &str); 3] = [
    ("DOCKET_RETRY_BASE_MS", "20"),
    ("DOCKET_RETRY_CAP_SECONDS", "1"),
    ("DOCKET_DELAYED_AFTER_SECONDS", "1"),
];

async fn play(house: &House, service: &str, mode: &str) {
    let url = format!("http://{}/faults/{service}", house.running.sandbox.unwrap());
    let answer = house.client.put(url).json(&json!({"mode": mode})).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
}

async fn order(house: &House, placed: &Placed) -> Value {
    house.client.get(house.url(&placed.path(""))).send().await.unwrap().json().await.unwrap()
}

/// Returns the order once the condition holds: each long poll waits for the next version.
async fn order_when(house: &House, placed: &Placed, is_so: impl Fn(&Value) -> bool) -> Value {
    let mut etag = String::new();
    for _ in 0..60 {
        let ask = house.client.get(house.url(&placed.path("")));
        let answer = ask.header("Prefer", "wait=5").header("If-None-Match", &etag).send().await.unwrap();
        if answer.status() == StatusCode::OK {
            etag = answer.headers()["etag"].to_str().unwrap().to_owned();
            let order: Value = answer.json().await.unwrap();
            if is_so(&order) {
                return order;
            }
        }
    }
    panic!("it never was so: {:#}", order(house, placed).await)
}

fn waits_for_us(step: usize) -> impl Fn(&Value) -> bool {
    move |order| order["steps"][step]["reason"] == "service_refuses_us" && order["delayed"] == true
}

fn service<'v>(overview: &'v Value, name: &str) -> &'v Value {
    overview["services"].as_array().unwrap().iter().find(|service| service["name"] == name).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_waits_for_a_refusing_service_the_desk_shows_it_and_it_resumes_when_corrected() {
    let house = House::open_with(&QUICK).await;
    let desk = house.operator("olga").await;
    play(&house, "payment", "refuses").await;
    let placed = house.place(&mug()).await;
    let waiting = order_when(&house, &placed, waits_for_us(1)).await;
    assert_eq!(
        (&waiting["state"], &waiting["steps"][1]["state"]),
        (&json!("processing"), &json!("retrying"))
    );
    let body = waiting["message"]["body"].as_str().unwrap();
    assert!(body.contains("Nothing was charged.") && body.contains("by itself"), "{body}");

    let overview = desk.see("/overview").await;
    let payment = service(&overview, "payment");
    assert_eq!(payment["breaker"]["state"], "refused");
    assert_eq!((&payment["refusal"]["status"], &payment["orders_refused"]), (&json!(401), &json!(1)));
    assert_eq!(payment["refusal"]["settings"], "DOCKET_PAYMENT_KEY");
    assert!(payment["refusal"]["since"].as_str().unwrap() >= placed.order["created_at"].as_str().unwrap());
    let carrier = service(&overview, "shipping");
    assert_eq!((&carrier["refusal"], &carrier["orders_refused"]), (&Value::Null, &json!(0)));
    assert_eq!(overview["needs_person"]["service_refuses_us"], 1);
    let listed = desk.see("/orders?refused_by=payment").await;
    assert_eq!(listed["orders"][0]["id"], placed.id.as_str());
    assert_eq!(desk.see("/orders?refused_by=shipping").await["orders"], json!([]));
    let jobs = desk.see("/jobs?queue=payment&state=available").await;
    assert!(jobs["jobs"][0]["last_error"].is_string());

    play(&house, "payment", "ok").await;
    let confirmed = house.order_in(&placed, "confirmed").await;
    assert_eq!(confirmed["payment"]["state"], "captured");
    let ledger = format!("http://{}/ledger/payments?page_size=0", house.running.sandbox.unwrap());
    let ledger: Value = house.client.get(ledger).send().await.unwrap().json().await.unwrap();
    assert_eq!(ledger["payments"].as_array().unwrap().len(), 1);
    let overview = desk.see("/overview").await;
    assert_eq!(service(&overview, "payment")["breaker"]["state"], "closed");
    assert_eq!(overview["needs_person"]["service_refuses_us"], 0);
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_of_the_desk_are_used_one_at_a_time() {
    let house = House::open().await;
    let desk = house.operator("olga").await;
    for query in
        ["query=ada&refused_by=mail", "refused_by=mail&mail_refused=true", "query=ada&mail_refused=true"]
    {
        let answer = desk.get(&format!("/orders?{query}")).send().await.unwrap();
        problem(answer, 400, "malformed-query").await;
    }
    let unknown = desk.get("/orders?refused_by=nobody").send().await.unwrap();
    problem(unknown, 400, "malformed-query").await;
    assert_eq!(desk.see("/orders?mail_refused=false").await["orders"], json!([]));
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_that_wait_for_a_refusing_service_run_at_once_after_a_restart() {
    // The retry cap is longer than the test: only the restart brings the order forward.
    let house =
        House::open_with(&[("DOCKET_RETRY_CAP_SECONDS", "3600"), ("DOCKET_RETRY_BASE_MS", "20")]).await;
    play(&house, "payment", "refuses").await;
    let placed = house.place(&mug()).await;
    order_when(&house, &placed, waits_for_us(1)).await;
    // The sandbox starts without faults, like a service with the right key.
    let house = house.restart_with(&[]).await;
    let confirmed = tokio::time::timeout(Duration::from_secs(30), house.order_in(&placed, "confirmed")).await;
    assert_eq!(confirmed.unwrap()["payment"]["state"], "captured");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_that_no_server_takes_is_shown_and_sent_to_the_address_that_is_given() {
    let mail = MailServer::start().await;
    mail.reply("RCPT TO:<ada@", "550 5.1.1 nobody here");
    let house =
        House::open_with(&[("DOCKET_SMTP_URL", &mail.url), ("DOCKET_MAIL_FROM", "shop@example.org")]).await;
    let desk = house.operator("olga").await;
    let placed = house.place(&mug()).await;
    let refused = order_when(&house, &placed, |order| order["mail_refused"].is_object()).await;
    assert_eq!(
        (&refused["state"], &refused["steps"][4]["reason"]),
        (&json!("confirmed"), &json!("mail_refused"))
    );
    assert_eq!(
        (&refused["mail_refused"]["mail"], &refused["mail_refused"]["status"]),
        (&json!("confirmed"), &json!(550))
    );
    assert_eq!(desk.see("/overview").await["needs_person"]["mail_refused"], 1);
    assert_eq!(desk.see("/orders?mail_refused=true").await["orders"][0]["id"], placed.id.as_str());

    let action =
        refused["actions"].as_array().unwrap().iter().find(|action| action["name"] == "email").unwrap();
    let action = format!("http://{}{}", house.running.public, action["href"].as_str().unwrap());
    let give = |email: &str| {
        house.client.post(&action).query(&[("token", &placed.token)]).json(&json!({"email": email}))
    };
    let wrong = problem(give("ada").send().await.unwrap(), 422, "validation-failed").await;
    assert_eq!(wrong["errors"][0]["pointer"], "/email");
    let nobody = house.client.post(&action).json(&json!({"email": "eve@example.org"})).send().await.unwrap();
    problem(nobody, 404, "not-found").await;
    let given = give("lovelace@example.org").send().await.unwrap();
    assert_eq!(given.status(), StatusCode::ACCEPTED);
    let sent = order_when(&house, &placed, |order| order["steps"][4]["state"] == "succeeded").await;
    assert_eq!(
        (&sent["customer"]["email"], sent.get("mail_refused")),
        (&json!("lovelace@example.org"), None)
    );
    let taken = mail.taken();
    assert!(taken.len() == 1 && taken[0].contains("<lovelace@example.org>"), "{taken:#?}");
    problem(give("other@example.org").send().await.unwrap(), 409, "wrong-state").await;
    assert_eq!(desk.see("/overview").await["needs_person"]["mail_refused"], 0);
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_link_does_not_move_the_mails_of_an_order_that_has_an_owner() {
    let mail = MailServer::start().await;
    mail.reply("RCPT", "550 5.1.1 nobody here");
    let house =
        House::open_with(&[("DOCKET_SMTP_URL", &mail.url), ("DOCKET_MAIL_FROM", "shop@example.org")]).await;
    let session = crate::app::cookie(7);
    let submit = house.client.post(house.url("/orders")).header("Idempotency-Key", "mine").json(&mug());
    let origin = format!("http://{}", house.running.public);
    let submit = submit.header("Cookie", &session).header("Origin", &origin);
    let placed = Placed::of(submit.send().await.unwrap().json().await.unwrap());
    order_when(&house, &placed, |order| order["mail_refused"].is_object()).await;
    let by_link =
        house.client.post(house.url(&placed.path("/email"))).json(&json!({"email": "eve@example.org"}));
    problem(by_link.send().await.unwrap(), 403, "forbidden").await;
    // The mailbox was full, and its owner wants the receipt there after all.
    mail.take_all();
    let owner = house.client.post(house.url(&format!("/orders/{}/email", placed.id)));
    let owner = owner.header("Cookie", &session).header("Origin", &origin);
    let again = owner.json(&json!({"email": "ada@example.org"})).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::ACCEPTED);
    order_when(&house, &placed, |order| order["steps"][4]["state"] == "succeeded").await;
    assert_eq!(mail.taken().len(), 1);
    house.running.stop().await;
}

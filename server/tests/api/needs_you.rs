//! `…/payment` and `…/address`, asked for by an order in progress, with the sandbox.

use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::app::{mug, problem};
use crate::house::House;

#[tokio::test(flavor = "multi_thread")]
async fn another_card_saves_an_order_whose_card_was_declined() {
    let house = House::open().await;
    let mut order = mug();
    order["payment"]["token"] = json!("pm_card_chargeDeclined");
    let placed = house.place(&order).await;
    let asking = house.order_in(&placed, "action_required").await;
    assert_eq!(asking["reason"], "card-declined");
    assert_eq!(asking["problem"]["code"], "card-declined");
    let kind = asking["problem"]["type"].as_str().unwrap();
    assert_eq!(kind, format!("http://{}/problems/card-declined", house.running.public));
    let action = asking["actions"].as_array().unwrap().iter().find(|a| a["name"] == "payment").unwrap();
    let action = format!("http://{}{}", house.running.public, action["href"].as_str().unwrap());

    let address = house.client.post(house.url(&placed.path("/address")));
    let address = address.json(&json!({"ship_to": mug()["ship_to"]})).send().await.unwrap();
    problem(address, 409, "wrong-state").await;
    let body = json!({"payment": {"method": "card", "token": "pm_card_visa"}});
    let nobody = house.client.post(&action).json(&body).send().await.unwrap();
    problem(nobody, 404, "not-found").await;
    let owner = house.client.post(&action).query(&[("token", &placed.token)]).json(&body);
    let answer = owner.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    assert_eq!(answer.json::<Value>().await.unwrap()["problem"], Value::Null);
    let confirmed = house.order_in(&placed, "confirmed").await;
    assert_eq!((&confirmed["id"], &confirmed["payment"]["state"]), (&json!(placed.id), &json!("captured")));
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_address_saves_an_order_that_could_not_be_delivered() {
    let house = House::open().await;
    let mut order = mug();
    order["ship_to"]["postcode"] = json!("00000");
    let placed = house.place(&order).await;
    let asking = house.order_in(&placed, "action_required").await;
    assert_eq!(asking["reason"], "address-undeliverable");
    let address = house.client.post(house.url(&placed.path("/address")));
    let address = address.json(&json!({"ship_to": mug()["ship_to"]})).send().await.unwrap();
    assert_eq!(address.status(), StatusCode::ACCEPTED);
    let confirmed = house.order_in(&placed, "confirmed").await;
    assert_eq!(confirmed["ship_to"]["postcode"], "27100");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_confirmed_order_that_is_cancelled_gives_the_money_back() {
    let house = House::open().await;
    let placed = house.place(&mug()).await;
    house.order_in(&placed, "confirmed").await;
    let cancel = house.client.post(house.url(&placed.path("/cancel"))).send().await.unwrap();
    assert_eq!(cancel.status(), StatusCode::ACCEPTED);
    assert_eq!(cancel.json::<Value>().await.unwrap()["state"], "cancelling");
    let cancelled = house.order_in(&placed, "cancelled").await;
    assert_eq!(cancelled["payment"]["state"], "refunded");
    house.running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn folding_the_events_of_an_order_gives_the_order() {
    let house = House::open().await;
    let placed = house.place(&mug()).await;
    let confirmed = house.order_in(&placed, "confirmed").await;
    let list = house.client.get(house.url(&placed.path("/events"))).send().await.unwrap();
    let page: Value = list.json().await.unwrap();
    let mut folded = placed.order.clone();
    folded.as_object_mut().unwrap().remove("tracking_token");
    let mut folded: orders::Order = serde_json::from_value(folded).unwrap();
    for event in page["events"].as_array().unwrap() {
        if event["data"]["version"].as_u64() <= confirmed["version"].as_u64() {
            folded.apply(&serde_json::from_value(event.clone()).unwrap());
        }
    }
    assert_eq!(serde_json::to_value(&folded).unwrap(), confirmed);
    house.running.stop().await;
}

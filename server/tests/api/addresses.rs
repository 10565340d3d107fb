//! Addresses of all countries and e-mail addresses of all scripts, by the API and by forms without JavaScript.

use reqwest::StatusCode;
use serde_json::{Value, json};
use server::identity::keys::KeyScope;

use crate::app::{TestApp, cookie, mug, problem};

fn to(address: Value) -> Value {
    let mut order = mug();
    order["ship_to"] = address;
    order
}

#[tokio::test]
async fn an_order_needs_what_the_address_format_of_its_country_needs() {
    let app = TestApp::start().await;
    let accepted = [
        json!({"name": "Ada", "street": "1 Nathan Rd", "region": "Kowloon", "country": "HK"}),
        json!({"name": "Ada", "street": "1 Nathan Rd", "city": "Central", "country": "HK"}),
        json!({"name": "Ada", "street": "1 Palm St", "region": "Dubai", "country": "AE"}),
        json!({"name": "Ada", "street": "1 Pearl St", "city": "Doha", "country": "QA"}),
        json!({"name": "Ada", "street": "1 Main St", "city": "Cork", "country": "IE"}),
        json!({"name": "Ada", "street": "1 Orchard Rd", "postcode": "238801", "country": "sg"}),
    ];
    for (n, address) in accepted.iter().enumerate() {
        let answer = app.submit(&format!("k{n}"), &to(address.clone())).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{address}");
        let order: Value = answer.json().await.unwrap();
        let mut kept = address.clone();
        kept["country"] = json!(address["country"].as_str().unwrap().to_uppercase());
        assert_eq!(order["ship_to"], kept, "what was not given is absent");
    }
    for (country, missing) in [
        ("US", &["city", "region", "postcode"][..]),
        ("CA", &["city", "region", "postcode"]),
        ("AU", &["city", "region", "postcode"]),
        ("GB", &["city", "postcode"]),
        ("HK", &["region"]),
        ("JP", &["region", "postcode"]),
        ("QA", &["city"]),
    ] {
        let address = json!({"name": "Ada", "street": "1 Main St", "region": null, "country": country});
        let refusal = app.submit(country, &to(address)).send().await.unwrap();
        let refusal = problem(refusal, 422, "validation-failed").await;
        let pointers: Vec<_> =
            refusal["errors"].as_array().unwrap().iter().map(|e| e["pointer"].clone()).collect();
        let expected: Vec<_> = missing.iter().map(|field| json!(format!("/ship_to/{field}"))).collect();
        assert_eq!(pointers, expected, "{country}");
    }
    let nowhere = json!({"name": "Ada", "street": "1 Main St", "city": "Utopia", "country": "ZZ"});
    let refusal =
        problem(app.submit("zz", &to(nowhere)).send().await.unwrap(), 422, "validation-failed").await;
    assert_eq!(refusal["errors"][0]["detail"], "Use the two letters of a country, such as IT.");
    assert_eq!(app.orders_kept().await, accepted.len());
}

#[tokio::test]
async fn line2_company_and_region_are_stored_and_part_of_the_fingerprint() {
    let app = TestApp::start().await;
    let mut order = mug();
    for (field, value) in [("line2", "Floor 2"), ("company", "Engines Ltd"), ("region", "PV")] {
        order["ship_to"][field] = json!(value);
    }
    let answer = app.submit("k1", &order).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let kept: Value = answer.json().await.unwrap();
    assert_eq!(kept["ship_to"], order["ship_to"]);
    let again = app.submit("k1", &order).send().await.unwrap();
    assert_eq!(again.json::<Value>().await.unwrap()["id"], kept["id"]);
    order["ship_to"]["line2"] = json!("Floor 3");
    problem(app.submit("k1", &order).send().await.unwrap(), 422, "idempotency-key-reused").await;
}

#[tokio::test]
async fn an_international_email_is_stored_as_typed_and_found_in_every_spelling() {
    let app = TestApp::start().await;
    let mut placed = Vec::new();
    for (n, email) in ["Ada@Bücher.example", "用户@例え.jp"].into_iter().enumerate() {
        let mut order = mug();
        order["customer"]["email"] = json!(email);
        let answer = app.submit(&format!("k{n}"), &order).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "{email}");
        let order: Value = answer.json().await.unwrap();
        assert_eq!(order["customer"]["email"], email);
        placed.push(order["id"].clone());
    }
    let desk = app.key(KeyScope::Desk).await;
    for (words, place) in [
        ("ada@bücher.example", 0),
        ("ADA@BÜCHER.EXAMPLE", 0),
        ("ada@xn--bcher-kva.example", 0),
        ("用户@例え.jp", 1),
        ("用户@xn--r8jz45g.jp", 1),
    ] {
        let search = app.get("/desk/orders").query(&[("query", words)]).bearer_auth(&desk);
        let found: Value = search.send().await.unwrap().json().await.unwrap();
        let found: Vec<_> = found["orders"].as_array().unwrap().iter().map(|order| &order["id"]).collect();
        assert_eq!(found, [&placed[place]], "{words}");
    }
}

/// Fields of the checkout form without JavaScript.
fn form(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let mut form = vec![
        ("form", "send_order"),
        ("order[name]", "Ada Lovelace"),
        ("order[email]", "ada@example.org"),
        ("order[street]", "1 Main St"),
        ("order[payment]", "pm_card_visa"),
        ("order[cart]", "0123456789abcdef0123456789abcdef.mug-blue:1"),
    ];
    form.extend(more);
    form
}

async fn post(app: &TestApp, fields: &[(&'static str, &'static str)]) -> (StatusCode, String) {
    let request = app.client.post(app.url("/checkout")).header("Cookie", cookie(1)).form(fields);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.text().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_checkout_begins_with_the_country_of_the_browser_and_else_with_that_of_the_shop() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let cart = "docket_cart=0123456789abcdef0123456789abcdef.mug-blue:1";
    for (language, chosen, field) in [
        ("en-US,en;q=0.9", "<option value=\"US\" selected>United States", "ZIP code"),
        ("zh-Hant-HK", "<option value=\"HK\" selected>Hong Kong", "Area"),
        ("en", "<option value=\"IT\" selected>Italy", "Province"),
        ("en-QQ", "<option value=\"IT\" selected>Italy", "Province"),
    ] {
        let page =
            app.client.get(app.url("/checkout")).header("Cookie", cart).header("Accept-Language", language);
        let page = page.send().await.unwrap().text().await.unwrap();
        assert!(page.contains(chosen) && page.contains(field), "{language}");
        assert_eq!(
            page.contains("Such as"),
            !language.ends_with("HK"),
            "an example where there are postcodes"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_country_shows_its_fields_and_keeps_what_was_typed_without_ordering() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let change = ("change-country", "yes");
    let italian = [("order[country]", "HK"), ("order[postcode]", "27100"), ("order[city]", "Pavia"), change];
    let (status, page) = post(&app, &form(&italian)).await;
    assert_eq!(status, StatusCode::OK);
    for kept in ["Ada Lovelace", "1 Main St", "value=\"Pavia\""] {
        assert!(page.contains(kept), "{kept}");
    }
    assert!(page.contains("New Territories") && page.contains("District"), "the fields of Hong Kong");
    assert!(!page.contains("name=\"order[postcode]\""), "no postcode is asked");
    assert!(page.contains("name=\"kept[postcode]\" value=\"27100\""), "and what was typed is not lost");
    assert!(!page.contains("need another look"), "nothing was refused");
    let (_, page) = post(&app, &form(&[("order[country]", "IT"), ("kept[postcode]", "27100"), change])).await;
    assert!(page.contains("value=\"27100\""), "on the way back it is there again");
    let us = [("asked-country", "US"), ("order[region]", "WA"), ("order[country]", "AU"), change];
    let (_, page) = post(&app, &form(&us)).await;
    assert!(page.contains("Western Australia"), "the states of Australia");
    assert!(!page.contains("value=\"WA\" selected"), "Washington is none of them");
    assert_eq!(app.orders_kept().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_with_the_fields_of_another_country_is_shown_again_and_not_sent() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let austria = [("order[city]", "Wien"), ("order[postcode]", "1010"), ("order[country]", "AT")];
    let mut fields = form(&austria);
    fields.push(("asked-country", "US"));
    let (status, page) = post(&app, &fields).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("Look at the address once more") && page.contains("value=\"Wien\""), "{page}");
    assert_eq!(app.orders_kept().await, 0);
    fields.pop();
    fields.push(("asked-country", "AT"));
    assert_eq!(post(&app, &fields).await.0, StatusCode::SEE_OTHER);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_is_validated_by_the_chosen_country() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let (status, page) = post(
        &app,
        &form(&[("order[country]", "US"), ("order[city]", "Boston"), ("order[postcode]", "02101")]),
    )
    .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.contains("State: Fill this in.") && page.contains("Massachusetts"),
        "the words of that country"
    );
    assert!(!page.contains("ZIP code: "), "what was typed is right there, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shipment_without_a_recipient_has_the_customer_s_name() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let address = [("order[country]", "HK"), ("order[region]", "Kowloon"), ("order[recipient]", " ")];
    let (status, page) = post(&app, &form(&address)).await;
    assert_eq!(status, StatusCode::SEE_OTHER, "{page}");
    let list: Value =
        app.get("/orders").header("Cookie", cookie(1)).send().await.unwrap().json().await.unwrap();
    let ship_to = &list["orders"][0]["ship_to"];
    assert_eq!(
        ship_to,
        &json!({"name": "Ada Lovelace", "street": "1 Main St", "region": "Kowloon", "country": "HK"})
    );
    let mut nameless = form(&address);
    nameless.retain(|(name, _)| *name != "order[name]");
    let (status, page) = post(&app, &nameless).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("One field needs another look"), "the name is missed once, where it is asked");
}

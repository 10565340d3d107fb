//! The pages' part of the HTTP side: sessions, limits, and the same protection as the API.

use orders::{CommandContext, CustomerMail, MailRefused, OrderId};
use reqwest::StatusCode;
use server::store::change::Change;
use server::store::commands::Changed;
use server::store::{Commands as _, OrderReads as _};

use crate::app::{Placed, TestApp, cookie, header};

fn session_of(set_cookie: &str) -> &str {
    set_cookie.split(';').next().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_gives_a_browser_its_session_once() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let first = app.client.get(app.url("/")).send().await.unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    let given = header(&first, "set-cookie").to_owned();
    assert!(given.starts_with("docket_session=") && given.contains("HttpOnly"), "{given}");
    assert!(given.contains("SameSite=Lax") && given.contains("Path=/;"), "{given}");
    assert_eq!(header(&first, "cache-control"), "no-store");
    let again = app.client.get(app.url("/")).header("Cookie", session_of(&given)).send().await.unwrap();
    assert_eq!(header(&again, "set-cookie"), "", "who has one keeps it");
    let api = app.get("/products").send().await.unwrap();
    assert_eq!(header(&api, "set-cookie"), "", "the API gives none");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_brings_a_policy_of_its_own_and_the_common_headers() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let page = app.client.get(app.url("/")).header("Accept", "text/html").send().await.unwrap();
    let policy = header(&page, "content-security-policy").to_owned();
    assert!(policy.contains("script-src 'self' 'nonce-") && !policy.contains("unsafe-inline"), "{policy}");
    assert_eq!(header(&page, "referrer-policy"), "same-origin");
    assert_eq!(header(&page, "x-request-id").len(), 32);
    let nowhere = app.client.get(app.url("/nowhere")).send().await.unwrap();
    assert_eq!(nowhere.status(), StatusCode::NOT_FOUND);
    assert!(header(&nowhere, "content-type").starts_with("text/html"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_type_of_every_problem_opens_as_a_page() {
    let app = TestApp::start_with_pages(|_| {}).await;
    for code in orders::ProblemCode::ALL {
        let page = app.client.get(app.url(&code.page())).send().await.unwrap();
        assert_eq!(page.status(), StatusCode::OK, "{}", code.as_str());
    }
}

/// Every code of the contract, used or not.
const CODES_OF_THE_CONTRACT: &str = "malformed-json malformed-query idempotency-key-missing idempotency-key-invalid \
    unauthorized forbidden not-found method-not-allowed idempotency-key-in-use order-not-cancellable wrong-state \
    cursor-too-old body-too-large unsupported-media-type validation-failed unknown-product idempotency-key-reused \
    card-number-refused webhook-address-refused rate-limited too-many-streams internal overloaded storage-unavailable \
    commit-unknown card-declined insufficient-funds card-expired address-undeliverable sold-out undeliverable \
    payment-unresolved suspected-fraud";

#[tokio::test(flavor = "multi_thread")]
async fn every_code_of_the_contract_has_a_page_with_its_remedy() {
    let app = TestApp::start_with_pages(|_| {}).await;
    for code in CODES_OF_THE_CONTRACT.split_whitespace() {
        let words = orders::ProblemCode::from_word(code).expect(code).words();
        for path in [format!("/problems/{code}"), format!("/help/{code}")] {
            let page = app.client.get(app.url(&path)).header("Accept", "text/html").send().await.unwrap();
            assert_eq!(page.status(), StatusCode::OK, "{path}");
            let page = page.text().await.unwrap();
            assert!(page.contains("<h1"), "{path}");
            assert!(path.starts_with("/help") || page.contains(words.heading), "{path} names the problem");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_orders_of_a_browser_belong_to_its_session() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let answer = app.checkout(1).header("Cookie", cookie(1)).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", answer.text().await.unwrap());
    let page = header(&answer, "location").to_owned();
    assert!(page.starts_with("/orders/ord_"), "{page}");
    let order = app.get(&page).header("Cookie", cookie(1)).send().await.unwrap();
    assert_eq!(order.status(), StatusCode::OK);
    let other = app.get(&page).header("Cookie", cookie(2)).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_and_api_share_one_limit() {
    let app = TestApp::start_with_pages(|config| config.orders_per_minute = 2).await;
    let submit = |n| app.checkout(n).header("Cookie", cookie(1)).send();
    assert_eq!(submit(1).await.unwrap().status(), StatusCode::SEE_OTHER);
    let api = app.submit("k1", &crate::app::mug()).header("Cookie", cookie(1)).send().await.unwrap();
    assert_eq!(api.status(), StatusCode::ACCEPTED);
    assert_eq!(submit(2).await.unwrap().status(), StatusCode::TOO_MANY_REQUESTS);
    let mut left = 2;
    for n in 3..=5 {
        // Discarding the session each time does not help.
        let answer = app.checkout(n).send().await.unwrap();
        assert_eq!(answer.status() == StatusCode::SEE_OTHER, left > 0);
        left -= i32::from(left > 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cross_site_form_is_refused_with_an_explanation() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let form = app.checkout(1).header("Cookie", cookie(1)).header("Accept", "text/html");
    let answer = form.header("Origin", "https://evil.example").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(header(&answer, "content-type").starts_with("text/html"));
    assert!(answer.text().await.unwrap().contains("This is not open to you"));
    assert_eq!(app.orders_kept().await, 0);
}

/// Records in an order that a mail about it was refused, as the mail's job does.
async fn refuse_mail(app: &TestApp, id: OrderId) {
    let mut record = app.store.order_record(id).await.unwrap().unwrap();
    let (from, at) = (record.order.version, record.order.updated_at);
    let refused = MailRefused { mail: CustomerMail::Received, status: Some(550), at };
    let event = record.order.note_mail(Some(refused), CommandContext { at, public_url: "" }).unwrap();
    let changed = app.store.change(Change::of(from, record, vec![event]), None).await;
    assert_eq!(changed, Ok(Changed::Done));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_an_order_says_that_a_mail_was_refused_and_takes_another_address_without_javascript() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let placed = app.place_as(|request| request.header("Cookie", cookie(1))).await;
    refuse_mail(&app, placed.id.parse().unwrap()).await;
    let page = app.url(&format!("/orders/{}", placed.id));
    let see = || async {
        let answer = app.client.get(&page).header("Cookie", cookie(1)).send().await.unwrap();
        answer.text().await.unwrap()
    };
    let html = see().await;
    for said in ["A mail about this order did not reach you", "ada@example.org", "Send it to this address"] {
        assert!(html.contains(said), "{said}");
    }
    let by_link = app.client.get(app.url(&format!("/track/{}", placed.token))).send().await.unwrap();
    let by_link = by_link.text().await.unwrap();
    assert!(by_link.contains("did not reach you") && !by_link.contains("Send it to this address"));

    let give = |email: &'static str| {
        let page = page.as_str();
        let fields =
            [("form", "correct_email"), ("page", &page[page.find("/orders").unwrap()..]), ("email", email)];
        app.client.post(page).header("Cookie", cookie(1)).form(&fields).send()
    };
    let wrong = give("lovelace").await.unwrap();
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let html = wrong.text().await.unwrap();
    assert!(html.contains("Use an address such as ada@example.org.") && html.contains("value=\"lovelace\""));
    let right = give("lovelace@example.org").await.unwrap();
    assert_eq!(right.status(), StatusCode::SEE_OTHER, "{}", right.text().await.unwrap());
    let html = see().await;
    assert!(html.contains("lovelace@example.org") && !html.contains("did not reach you"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_private_link_of_an_order_without_owner_can_change_the_email() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let placed: Placed = app.place().await;
    refuse_mail(&app, placed.id.parse().unwrap()).await;
    let page = app.client.get(app.url(&format!("/track/{}", placed.token))).send().await.unwrap();
    assert!(page.text().await.unwrap().contains("Send it to this address"), "the order has nobody else");
}

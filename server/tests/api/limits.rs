//! The keys of rate limits: a signed session, or else the address, also behind a reverse proxy.

use reqwest::{RequestBuilder, StatusCode};
use server::config::TrustedProxies;

use crate::app::{TestApp, cookie, header, mug};

/// Returns how many of these orders are accepted.
async fn accepted(requests: impl IntoIterator<Item = RequestBuilder>) -> usize {
    let mut accepted = 0;
    for request in requests {
        let answer = request.send().await.unwrap();
        match answer.status() {
            StatusCode::ACCEPTED | StatusCode::SEE_OTHER => accepted += 1,
            status => assert_eq!(status, StatusCode::TOO_MANY_REQUESTS),
        }
    }
    accepted
}

fn submit(app: &TestApp, n: usize) -> RequestBuilder {
    app.submit(&format!("key-{n}"), &mug())
}

/// A well-formed cookie that no server has created.
fn invented(n: usize) -> String {
    format!("docket_session={n:A>42}A")
}

#[tokio::test(flavor = "multi_thread")]
async fn invented_sessions_share_the_limit_of_their_address_over_api_and_pages() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let api = (0..65).map(|n| submit(&app, n).header("Cookie", invented(n)));
    assert_eq!(accepted(api).await, 60);
    let pages = (65..70).map(|n| app.checkout(n).header("Cookie", invented(n)));
    assert_eq!(accepted(pages).await, 0);
    let known = submit(&app, 70).header("Cookie", cookie(1));
    assert_eq!(accepted([known]).await, 1, "a session of the server has its own limit");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invented_session_still_sees_its_own_orders() {
    let app = TestApp::start().await;
    let placed = submit(&app, 1).header("Cookie", invented(1)).send().await.unwrap();
    let path = header(&placed, "location").strip_prefix("/api/v1").unwrap().to_owned();
    let own = app.get(&path).header("Cookie", invented(1)).send().await.unwrap();
    assert_eq!(own.status(), StatusCode::OK, "as the cookie of an earlier version does");
    let other = app.get(&path).header("Cookie", invented(2)).send().await.unwrap();
    assert_eq!(other.status(), StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_sessions_of_an_address_have_ten_times_the_limit_together() {
    let app = TestApp::start_with_pages(|config| config.orders_per_minute = 2).await;
    let mut sessions = Vec::new();
    for _ in 0..15 {
        let page = app.client.get(app.url("/help")).send().await.unwrap();
        sessions.push(header(&page, "set-cookie").split(';').next().unwrap().to_owned());
    }
    let orders = sessions
        .iter()
        .enumerate()
        .flat_map(|(at, session)| [2 * at, 2 * at + 1].map(|n| submit(&app, n).header("Cookie", session)));
    assert_eq!(accepted(orders).await, 20);
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_a_trusted_proxy_each_client_has_its_own_limit() {
    let app = TestApp::start_with(|config| {
        config.orders_per_minute = 2;
        config.trusted_proxies = TrustedProxies::parse("127.0.0.0/8").unwrap();
    })
    .await;
    let from = |client: &'static str| {
        let app = &app;
        move |n| submit(app, n).header("X-Forwarded-For", client)
    };
    assert_eq!(accepted((0..3).map(from("192.0.2.1"))).await, 2);
    assert_eq!(accepted((3..6).map(from("192.0.2.2"))).await, 2);
    assert_eq!(accepted((6..9).map(from("198.51.100.9, 192.0.2.1"))).await, 0, "the client is the last one");
    assert_eq!(accepted((9..12).map(from("nonsense"))).await, 2, "it counts for the proxy");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_header_of_a_client_without_a_trusted_proxy_changes_nothing() {
    let app = TestApp::start_with(|config| config.orders_per_minute = 2).await;
    let spoofed = (0..5).map(|n| {
        let client = format!("192.0.2.{n}");
        submit(&app, n).header("X-Forwarded-For", &client).header("Forwarded", format!("for={client}"))
    });
    assert_eq!(accepted(spoofed).await, 2);
}

//! Server functions: every input is answered with a status of its own, and never with a server error.

use reqwest::{Method, RequestBuilder, StatusCode};

use crate::app::{TestApp, cookie, header};

const FORM: &str = "application/x-www-form-urlencoded";

/// Bodies that no function understands, or that have no meaning for it.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let mut bodies: Vec<(&str, Vec<u8>)> = [
        "",
        "x",
        "=",
        "&&&",
        "sku",
        "sku=",
        "sku[]=a",
        "sku[a][b][c][d][e][f][g][h]=1",
        "order=1",
        "order[]=1",
        "lines=1",
        "lines[x][sku]=a",
        "lines[99999999999999999999][sku]=a",
        "lines[0][quantity]=99999999999999999999",
        "%",
        "%zz",
        "%ff%fe",
        "sku=%00",
        "id=1&id=2",
        "sku=a&sku=b&back=/",
        "order[name]=a&order[name]=b",
        "{\"sku\":\"mug-blue\"}",
        "<sku>mug-blue</sku>",
    ]
    .map(|body| (FORM, body.as_bytes().to_vec()))
    .into();
    bodies.push((FORM, vec![0xff, 0xfe, 0x00]));
    bodies.push((FORM, (0..5_000).map(|n| format!("f{n}=1&")).collect::<String>().into_bytes()));
    bodies.push(("application/json", b"{}".to_vec()));
    bodies.push(("multipart/form-data; boundary=x", b"--x".to_vec()));
    bodies.push(("text/plain", b"sku=mug-blue&back=/".to_vec()));
    bodies.push(("", b"sku=mug-blue&back=/".to_vec()));
    bodies
}

fn functions() -> Vec<String> {
    let all = leptos::server_fn::axum::server_fn_paths();
    let paths: Vec<String> = all.map(|(path, _)| path.to_owned()).collect();
    assert!(paths.len() > 5, "{paths:?}");
    paths
}

fn with_body(request: RequestBuilder, kind: &str, body: Vec<u8>) -> RequestBuilder {
    let request = request.header("Cookie", cookie(1)).body(body);
    if kind.is_empty() { request } else { request.header("Content-Type", kind) }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_makes_a_server_function_answer_with_a_server_error() {
    let app = TestApp::start_with_pages(|_| {}).await;
    for path in functions() {
        for (kind, body) in bodies() {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let request = with_body(app.client.post(app.url(&path)), kind, body);
            let answer = request.header("Accept", "application/json").send().await.unwrap();
            let status = answer.status();
            assert!(!status.is_server_error(), "{path} {kind} {shown}: {status}");
        }
    }
    assert_eq!(app.orders_kept().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_gets_a_page_and_never_json() {
    let app = TestApp::start_with_pages(|_| {}).await;
    for path in functions() {
        for (kind, body) in bodies() {
            let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
            let request = with_body(app.client.post(app.url(&path)), kind, body);
            let answer = request.header("Accept", "text/html,*/*;q=0.8").send().await.unwrap();
            let status = answer.status();
            if status == StatusCode::SEE_OTHER {
                continue;
            }
            assert!(status.is_client_error(), "{path} {kind} {shown}: {status}");
            assert!(header(&answer, "content-type").starts_with("text/html"), "{path} {shown}");
            let page = answer.text().await.unwrap();
            assert!(page.contains("<h1") && page.contains("/orders"), "{path} {shown}: {page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_form_makes_a_page_answer_with_a_server_error() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let pages =
        ["/", "/cart", "/checkout", "/orders", "/orders/ord_x", "/track/x", "/help", "/problems/not-found"];
    for page in pages {
        for (kind, body) in bodies() {
            for form in ["", "form=send_order&", "form=change_cart&", "form=nothing&"] {
                let body = [form.as_bytes(), &body].concat();
                let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
                let answer = with_body(app.client.post(app.url(page)), kind, body).send().await.unwrap();
                let status = answer.status();
                assert!(!status.is_server_error(), "{page} {kind} {shown}: {status}");
            }
        }
    }
    assert_eq!(app.orders_kept().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_field_is_named_in_the_answer() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let missing = app.client.post(app.url("/actions/send_order")).header("Content-Type", FORM);
    let answer = missing.header("Accept", "application/json").body("order=1").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let trouble: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(trouble["status"], 422);
    assert!(trouble["next_step"].as_str().is_some_and(|words| !words.is_empty()));
}

#[tokio::test(flavor = "multi_thread")]
async fn unsupported_methods_and_unknown_functions_have_different_answers() {
    let app = TestApp::start_with_pages(|_| {}).await;
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        let answer =
            app.client.request(method.clone(), app.url("/actions/add_to_cart")).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{method}: {}", answer.status());
    }
    for accept in ["text/html", "application/json"] {
        let unknown = app.client.post(app.url("/actions/nothing")).header("Accept", accept);
        assert_eq!(unknown.send().await.unwrap().status(), StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn additions_to_a_cart_that_cross_are_both_in_it() {
    let app = TestApp::start_with_pages(|_| {}).await;
    let add = |sku: &'static str| {
        let request = app.client.post(app.url("/actions/add_to_cart")).header("Cookie", cookie(1));
        request.header("Accept", "application/json").form(&[("sku", sku), ("back", "/")]).send()
    };
    // Both are sent with the browser's empty cart.
    let (one, other) = tokio::join!(add("mug-blue"), add("teapot"));
    let carts = [one.unwrap(), other.unwrap()].map(|answer| {
        let cookies = answer.headers().get_all("set-cookie").iter();
        let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap().to_owned());
        cookies.find(|cookie| cookie.starts_with("docket_cart=")).unwrap()
    });
    let whole = |cart: &&String| cart.contains("mug-blue:1") && cart.contains("teapot:1");
    assert_eq!(carts.iter().filter(whole).count(), 1, "the later answer has both: {carts:?}");
}

use std::collections::BTreeMap;
use std::path::Path;
use std::pin::pin;
use std::time::Duration;

use futures::poll;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use super::*;
use crate::config::Sources;

/// The settings of a server in this folder.
fn config(folder: &Path, more: &[(&str, &str)]) -> ServeConfig {
    let database = format!("sqlite://{}", folder.join("docket.db").display());
    let mut environment = BTreeMap::from([
        ("DOCKET_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("DOCKET_INTERNAL_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("DOCKET_SANDBOX_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("DOCKET_DATABASE_URL".to_owned(), database),
    ]);
    environment.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    ServeConfig::read(&Sources::of(BTreeMap::new(), environment, "docket.toml", "").unwrap()).unwrap()
}

fn client() -> Client {
    drop(rustls::crypto::ring::default_provider().install_default());
    Client::new()
}

/// Submits an order for a blue mug.
async fn submit_a_mug(public_url: &str, key: &str) -> Response {
    let body = json!({
        "customer": {"name": "Ada", "email": "ada@example.org"},
        "ship_to": {"name": "Ada", "street": "1 Main St", "city": "Pavia", "postcode": "27100", "country": "IT"},
        "lines": [{"sku": "mug-blue", "quantity": 1}],
        "payment": {"method": "card", "token": "pm_card_visa"}
    });
    let orders = format!("{public_url}/api/v1/orders");
    client().post(orders).header("Idempotency-Key", key).json(&body).send().await.unwrap()
}

/// Returns the address of an accepted order, with the token that opens it.
async fn address_of(public_url: &str, answer: Response) -> String {
    assert_eq!(answer.status(), StatusCode::ACCEPTED);
    let order: Value = answer.json().await.unwrap();
    let token = order["tracking_token"].as_str().unwrap();
    format!("{public_url}/api/v1/orders/{}?token={token}", order["id"].as_str().unwrap())
}

/// Submits an order for a blue mug; returns its address, with the token that opens it.
async fn order_a_mug(running: &Running, key: &str) -> String {
    address_of(&running.public_url, submit_a_mug(&running.public_url, key).await).await
}

/// Returns the order once it is confirmed: each long poll waits for the next version.
async fn confirmed(order: &str) -> Value {
    let mut etag = String::new();
    loop {
        let request = client().get(order).header("Prefer", "wait=25").header("If-None-Match", &etag);
        let answer = request.send().await.unwrap();
        if answer.status() == StatusCode::NOT_MODIFIED {
            continue;
        }
        etag = answer.headers()["etag"].to_str().unwrap().to_owned();
        let order: Value = answer.json().await.unwrap();
        if order["state"] == "confirmed" {
            return order;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_is_processed_by_the_whole_server_and_survives_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(&config(folder.path(), &[]), None).await.unwrap();
    let ready = client().get(format!("http://{}/readyz", running.internal)).send().await.unwrap();
    assert_eq!(ready.status(), StatusCode::OK);
    let order = order_a_mug(&running, "one").await;
    assert_eq!(confirmed(&order).await["payment"]["state"], "captured");
    let ledger = format!("http://{}/ledger/payments", running.sandbox.unwrap());
    let ledger: Value = client().get(ledger).send().await.unwrap().json().await.unwrap();
    assert_eq!(ledger["payments"].as_array().unwrap().len(), 1);
    let address = running.public;
    running.stop().await;

    let again =
        start(&config(folder.path(), &[("DOCKET_LISTEN", &address.to_string())]), None).await.unwrap();
    assert_eq!(confirmed(&order).await["state"], "confirmed");
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_ends_open_streams_and_the_server_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(&config(folder.path(), &[]), None).await.unwrap();
    let order = order_a_mug(&running, "one").await;
    confirmed(&order).await;
    let events = order.replace('?', "/events?");
    let mut stream = client().get(events).header("Accept", "text/event-stream").send().await.unwrap();
    let first = stream.chunk().await.unwrap().unwrap();
    assert!(first.starts_with(b"retry: 2000\nid: "), "{first:?}");
    let stopping = tokio::spawn(running.stop());
    while stream.chunk().await.is_ok_and(|chunk| chunk.is_some()) {}
    stopping.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_draining_server_is_not_ready_and_accepts_orders_that_the_next_start_works() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(&config(folder.path(), &[]), None).await.unwrap();
    let (public_url, public, internal) = (running.public_url.clone(), running.public, running.internal);
    let (over, drained) = oneshot::channel();
    let mut stopping = pin!(running.stop_after(async { drained.await.unwrap() }));
    assert!(poll!(stopping.as_mut()).is_pending());

    for address in [public, internal] {
        let ready = client().get(format!("http://{address}/readyz")).send().await.unwrap();
        assert_eq!(ready.status(), StatusCode::SERVICE_UNAVAILABLE);
        let healthy = client().get(format!("http://{address}/healthz")).send().await.unwrap();
        assert_eq!(healthy.status(), StatusCode::OK);
    }
    let answer = submit_a_mug(&public_url, "during the drain").await;
    assert_eq!(answer.headers()["connection"], "close");
    let order = address_of(&public_url, answer).await;
    let stored: Value = client().get(&order).send().await.unwrap().json().await.unwrap();
    assert_eq!(stored["version"], 1, "no job is taken during the drain");

    over.send(()).unwrap();
    stopping.await;
    assert!(TcpStream::connect(public).await.is_err());
    let again = start(&config(folder.path(), &[("DOCKET_LISTEN", &public.to_string())]), None).await.unwrap();
    assert_eq!(confirmed(&order).await["state"], "confirmed");
    again.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shutdown_limit_ends_a_drain() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(&config(folder.path(), &[("DOCKET_SHUTDOWN_SECONDS", "1")]), None).await.unwrap();
    let public = running.public;
    running.stop_after(std::future::pending()).await;
    assert!(TcpStream::connect(public).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_drain_takes_the_time_of_its_setting() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(&config(folder.path(), &[("DOCKET_DRAIN_SECONDS", "7")]), None).await.unwrap();
    assert_eq!(running.drain, Duration::from_secs(7));
    running.stop().await;
    let running = start(&config(folder.path(), &[("DOCKET_DRAIN_SECONDS", "0")]), None).await.unwrap();
    let public = running.public;
    running.drain_and_stop().await;
    assert!(TcpStream::connect(public).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_database_is_served_once() {
    let folder = tempfile::tempdir().unwrap();
    let running = start(&config(folder.path(), &[]), None).await.unwrap();
    let second = start(&config(folder.path(), &[]), None).await.err().unwrap();
    assert!(second.to_string().starts_with("Another docket already serves "), "{second}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_used_listen_address_stops_the_start_with_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let error = start(&config(folder.path(), &[("DOCKET_LISTEN", &address)]), None).await.err().unwrap();
    assert!(error.to_string().starts_with(&format!("Docket cannot listen at {address}: ")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn configured_services_need_no_sandbox_and_the_sample_shop_can_be_turned_off() {
    let folder = tempfile::tempdir().unwrap();
    let set = [
        ("DOCKET_PAYMENT_URL", "http://127.0.0.1:9"),
        ("DOCKET_SHIPPING_URL", "http://127.0.0.1:9"),
        ("DOCKET_SAMPLE_CATALOG", "false"),
    ];
    let running = start(&config(folder.path(), &set), None).await.unwrap();
    assert_eq!(running.sandbox, None);
    assert!(running.store.products().await.unwrap().is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_that_a_server_writes_is_private() {
    let gateways = tempfile::tempdir().unwrap();
    let data = gateways.path().join("data");
    let running = start(&config(&data, &[]), None).await.unwrap();
    confirmed(&order_a_mug(&running, "one").await).await;
    let mail = data.join("mail");
    // The receipt is sent after the order is confirmed, and its file gets its name last.
    while !mail
        .read_dir()
        .unwrap()
        .any(|mail| mail.unwrap().path().extension().is_some_and(|end| end == "eml"))
    {
        tokio::task::yield_now().await;
    }
    let mut found = Vec::new();
    let mut folders = vec![data.clone()];
    while let Some(folder) = folders.pop() {
        assert_eq!(private_files::width(&folder), None, "{}", folder.display());
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            assert_eq!(private_files::width(&path), None, "{}", path.display());
            if path.is_dir() { folders.push(path) } else { found.push(path) }
        }
    }
    for name in [
        "docket.db",
        "docket.db-wal",
        "docket.db-shm",
        "docket.db.lock",
        "docket.secret",
        "sandbox.db",
        "sandbox.db-wal",
        "sandbox.db-shm",
    ] {
        assert!(found.contains(&data.join(name)), "{name} is not among {found:?}");
    }
    running.stop().await;
}

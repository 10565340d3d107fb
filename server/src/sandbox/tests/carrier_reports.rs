use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
    routing::post,
};
use queue::{ManualClock, SeededRandom, Timestamp};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};
use tower::ServiceExt as _;

use crate::{
    identity::webhook_signature::SigningKey,
    sandbox::{Sandbox, SandboxConfig, SandboxError, report_loop},
};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A shop that accepts reports, or answers with a given status.
struct Shop {
    url: String,
    status: Arc<AtomicU16>,
    told: mpsc::UnboundedReceiver<(HeaderMap, String)>,
}

impl Shop {
    async fn open() -> Shop {
        let status = Arc::new(AtomicU16::new(202));
        let (sender, told) = mpsc::unbounded_channel();
        let answer = status.clone();
        let take = post(move |headers: HeaderMap, body: String| async move {
            sender.send((headers, body)).unwrap();
            StatusCode::from_u16(answer.load(Ordering::SeqCst)).unwrap()
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/carrier-events", listener.local_addr().unwrap());
        let router = Router::new().route("/carrier-events", take);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Shop { url, status, told }
    }

    fn news(&mut self) -> Vec<(HeaderMap, Value)> {
        let mut news = Vec::new();
        while let Ok((headers, body)) = self.told.try_recv() {
            news.push((headers, serde_json::from_str(&body).unwrap()));
        }
        news
    }
}

fn open(folder: &Path, shop: &Shop, clock: &Arc<ManualClock>, seed: u64) -> Sandbox {
    let config = SandboxConfig {
        data: folder.join("sandbox.db"),
        pickup_seconds: 10,
        delivery_seconds: 20,
        notify_url: Some(shop.url.clone()),
        carrier_secret: Some(SECRET.to_owned()),
    };
    Sandbox::open_with(config, clock.clone(), Arc::new(SeededRandom::new(seed))).unwrap()
}

async fn book(sandbox: &Sandbox, reference: &str) -> String {
    let body = json!({
        "reference": reference,
        "ship_to": {"name": "Ada", "street": "1", "city": "Pavia", "postcode": "27100", "country": "IT"},
    });
    let request = Request::post("/shipments").header("content-type", "application/json");
    let answer = sandbox.router().oneshot(request.body(Body::from(body.to_string())).unwrap()).await.unwrap();
    assert_eq!(answer.status(), 201);
    let body = axum::body::to_bytes(answer.into_body(), 10_000).await.unwrap();
    serde_json::from_slice::<Value>(&body).unwrap()["id"].as_str().unwrap().to_owned()
}

async fn tick(sandbox: &Sandbox) {
    report_loop::tick(sandbox, sandbox.reporter().unwrap()).await.unwrap();
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::at(Timestamp::from_millis(1_763_892_000_000)))
}

#[tokio::test]
async fn the_carrier_reports_movements_with_a_signature() {
    let (folder, clock, mut shop) = (tempfile::tempdir().unwrap(), clock(), Shop::open().await);
    let sandbox = open(folder.path(), &shop, &clock, 1);
    let shipment = book(&sandbox, "ord_1").await;
    tick(&sandbox).await;
    assert!(shop.news().is_empty());

    clock.advance(Duration::from_secs(10));
    tick(&sandbox).await;
    let (headers, body) = shop.told.try_recv().unwrap();
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    let timestamp: i64 = header("webhook-timestamp").parse().unwrap();
    assert_eq!(timestamp, 1_763_892_010);
    let signature = SigningKey::of(SECRET).unwrap().sign(&header("webhook-id"), timestamp, body.as_bytes());
    assert_eq!(header("webhook-signature"), signature);
    let report: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(report["type"], "shipment.picked_up");
    assert_eq!(report["timestamp"], "2025-11-23T10:00:10.000Z");
    assert_eq!(
        (&report["data"]["shipment_id"], &report["data"]["order_id"]),
        (&json!(shipment), &json!("ord_1"))
    );

    clock.advance(Duration::from_secs(20));
    tick(&sandbox).await;
    assert_eq!(shop.news()[0].1["type"], "shipment.delivered");
    clock.advance(Duration::from_secs(1_000));
    tick(&sandbox).await;
    assert!(shop.news().is_empty());
}

#[tokio::test]
async fn a_report_that_was_not_accepted_is_retried_even_after_a_restart() {
    let (folder, clock, mut shop) = (tempfile::tempdir().unwrap(), clock(), Shop::open().await);
    let sandbox = open(folder.path(), &shop, &clock, 1);
    book(&sandbox, "ord_1").await;
    shop.status.store(503, Ordering::SeqCst);
    clock.advance(Duration::from_secs(10));
    tick(&sandbox).await;
    let first = shop.news().remove(0).0["webhook-id"].clone();
    tick(&sandbox).await;
    assert!(shop.news().is_empty(), "it waits before it tries again");

    drop(sandbox);
    shop.status.store(202, Ordering::SeqCst);
    let sandbox = open(folder.path(), &shop, &clock, 2);
    clock.advance(Duration::from_secs(1));
    tick(&sandbox).await;
    let again = shop.news();
    assert_eq!(again.len(), 1);
    assert_eq!(again[0].0["webhook-id"], first);
}

#[tokio::test]
async fn a_report_that_is_refused_for_good_is_not_repeated() {
    let (folder, clock, mut shop) = (tempfile::tempdir().unwrap(), clock(), Shop::open().await);
    let sandbox = open(folder.path(), &shop, &clock, 1);
    book(&sandbox, "ord_1").await;
    shop.status.store(409, Ordering::SeqCst);
    clock.advance(Duration::from_secs(10));
    tick(&sandbox).await;
    assert_eq!(shop.news().len(), 1);
    clock.advance(Duration::from_secs(19));
    tick(&sandbox).await;
    assert!(shop.news().is_empty());
}

#[tokio::test]
async fn a_cancelled_parcel_never_moves() {
    let (folder, clock, mut shop) = (tempfile::tempdir().unwrap(), clock(), Shop::open().await);
    let sandbox = open(folder.path(), &shop, &clock, 1);
    let shipment = book(&sandbox, "ord_1").await;
    let request = Request::post(format!("/shipments/{shipment}/cancel")).body(Body::empty()).unwrap();
    assert_eq!(sandbox.router().oneshot(request).await.unwrap().status(), 200);
    clock.advance(Duration::from_secs(1_000));
    tick(&sandbox).await;
    assert!(shop.news().is_empty());
}

#[tokio::test]
async fn a_notify_address_without_a_good_secret_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for secret in [None, Some("secret".to_owned())] {
        let config = SandboxConfig {
            data: folder.path().join("sandbox.db"),
            pickup_seconds: 1,
            delivery_seconds: 1,
            notify_url: Some("http://127.0.0.1:9/carrier-events".to_owned()),
            carrier_secret: secret,
        };
        assert!(matches!(Sandbox::open(config), Err(SandboxError::Reporter(_))));
    }
}

//! A whole server with workers and the sandbox, which processes orders.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use queue::{Clock, SystemClock};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::Value;
use server::config::{ServeConfig, Sources};
use server::http::site::Site;
use server::identity::keys::{self, ApiKey, KeyScope};
use server::startup;
use server::startup::running::Running;
use server::store::order_job::to_order_time;
use tempfile::TempDir;

use crate::app::{Placed, client};

/// A server with workers and simulated services.
pub struct House {
    pub running: Running,
    pub client: Client,
    placed: AtomicU32,
    folder: TempDir,
}

impl House {
    /// A server in which no shipment moves by itself.
    pub async fn open() -> Self {
        Self::open_with(&[]).await
    }

    /// A server with these settings.
    pub async fn open_with(more: &[(&str, &str)]) -> Self {
        Self::in_folder(tempfile::tempdir().unwrap(), more).await
    }

    /// Stops it and starts another one on the same data, with these settings.
    pub async fn restart_with(self, more: &[(&str, &str)]) -> Self {
        let Self { running, folder, .. } = self;
        running.stop().await;
        Self::in_folder(folder, more).await
    }

    async fn in_folder(folder: TempDir, more: &[(&str, &str)]) -> Self {
        let database = format!("sqlite://{}", folder.path().join("docket.db").display());
        let set = [
            ("DOCKET_LISTEN", "127.0.0.1:0"),
            ("DOCKET_INTERNAL_LISTEN", "127.0.0.1:0"),
            ("DOCKET_SANDBOX_LISTEN", "127.0.0.1:0"),
            ("DOCKET_SANDBOX_PICKUP_SECONDS", "0"),
            ("DOCKET_SANDBOX_DELIVERY_SECONDS", "0"),
            ("DOCKET_DATABASE_URL", &database),
        ];
        let site = Site::at(folder.path());
        let environment: BTreeMap<String, String> =
            set.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let sources = Sources::of(BTreeMap::new(), environment, "docket.toml", "").unwrap();
        let running = startup::start(&ServeConfig::read(&sources).unwrap(), Some(&site)).await.unwrap();
        Self { running, client: client(), placed: AtomicU32::new(0), folder }
    }

    /// The address of its database.
    pub fn database(&self) -> String {
        format!("sqlite://{}", self.folder.path().join("docket.db").display())
    }

    /// Returns a page as a browser without JavaScript gets it.
    pub async fn page(&self, path: &str) -> String {
        let page =
            self.client.get(format!("http://{}{path}", self.running.public)).header("Accept", "text/html");
        page.send().await.unwrap().text().await.unwrap()
    }

    /// Returns the payments of the ledger.
    pub async fn payments(&self) -> Vec<Value> {
        let ledger = format!("http://{}/ledger/payments?page_size=0", self.running.sandbox.unwrap());
        let ledger: Value = self.client.get(ledger).send().await.unwrap().json().await.unwrap();
        ledger["payments"].as_array().unwrap().clone()
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}/api/v1{path}", self.running.public)
    }

    pub async fn place(&self, order: &Value) -> Placed {
        let key = format!("placed-{}", self.placed.fetch_add(1, Ordering::Relaxed));
        let submit = self.client.post(self.url("/orders")).header("Idempotency-Key", key).json(order);
        Placed::of(submit.send().await.unwrap().json().await.unwrap())
    }

    /// Returns the order once it is in this state: each long poll waits for the next version.
    pub async fn order_in(&self, placed: &Placed, state: &str) -> Value {
        let mut etag = String::new();
        for _ in 0..40 {
            let ask = self.client.get(self.url(&placed.path("")));
            let ask = ask.header("Prefer", "wait=25").header("If-None-Match", &etag);
            let answer = ask.send().await.unwrap();
            if answer.status() == StatusCode::OK {
                etag = answer.headers()["etag"].to_str().unwrap().to_owned();
                let order: Value = answer.json().await.unwrap();
                if order["state"] == state {
                    return order;
                }
            }
        }
        panic!("the order never was {state}")
    }

    /// Returns an operator.
    pub async fn operator(&self, name: &str) -> AtTheDesk<'_> {
        let mut random = [3; 32];
        random[..name.len().min(32)].copy_from_slice(&name.as_bytes()[..name.len().min(32)]);
        let (secret, hash) = keys::mint(random);
        let key = ApiKey {
            id: keys::owner(hash),
            name: name.to_owned(),
            scope: KeyScope::Desk,
            orders_per_minute: None,
        };
        self.running.store.add_key(key, hash, to_order_time(SystemClock.now())).await.unwrap();
        AtTheDesk { house: self, key: secret.reveal().to_owned() }
    }

    /// Returns the carrier's id of an order's shipment.
    pub async fn shipment_of(&self, order: &str) -> String {
        let ledger = format!("http://{}/ledger/shipments?page_size=0", self.running.sandbox.unwrap());
        let ledger: Value = self.client.get(ledger).send().await.unwrap().json().await.unwrap();
        let shipments = ledger["shipments"].as_array().unwrap();
        let ours = shipments.iter().find(|shipment| shipment["order_id"] == order).unwrap();
        ours["id"].as_str().unwrap().to_owned()
    }
}

/// An API key of the desk, and the server that it opens.
pub struct AtTheDesk<'h> {
    house: &'h House,
    key: String,
}

impl AtTheDesk<'_> {
    pub fn get(&self, path: &str) -> RequestBuilder {
        self.house.client.get(self.house.url(&format!("/desk{path}"))).bearer_auth(&self.key)
    }

    pub fn post(&self, path: &str) -> RequestBuilder {
        self.house.client.post(self.house.url(&format!("/desk{path}"))).bearer_auth(&self.key)
    }

    /// Returns the answer to a GET.
    pub async fn see(&self, path: &str) -> Value {
        let answer = self.get(path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        answer.json().await.unwrap()
    }

    /// A successful action on an order.
    pub async fn decide(&self, placed: &Placed, act: &str) -> Value {
        let answer = self.post(&format!("/orders/{}/{act}", placed.id)).send().await.unwrap();
        let status = answer.status();
        let order: Value = answer.json().await.unwrap();
        assert_eq!(status, StatusCode::ACCEPTED, "{act}: {order}");
        order
    }
}

//! A listening sandbox for tests.

use std::{path::PathBuf, sync::Arc};

use queue::{ManualClock, SeededRandom, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use super::{Sandbox, SandboxConfig, serve};

pub struct Running {
    pub url: String,
    pub clock: Arc<ManualClock>,
    pub client: reqwest::Client,
    folder: TempDir,
    starts: u64,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Running {
    pub async fn start() -> Running {
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(Timestamp::from_millis(1_763_892_000_000)));
        let (url, stop, served) = listen(file(&folder), clock.clone(), 1).await;
        Running {
            url,
            clock,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            folder,
            starts: 1,
            stop,
            served,
        }
    }

    /// Stops it and starts another one on the same ledger, at another address.
    pub async fn restart(&mut self) {
        self.starts += 1;
        let (stopped, _) = oneshot::channel();
        drop(std::mem::replace(&mut self.stop, stopped));
        (&mut self.served).await.unwrap();
        (self.url, self.stop, self.served) =
            listen(file(&self.folder), self.clock.clone(), self.starts).await;
    }

    pub async fn fault(&self, service: &str, fault: Value) -> Value {
        let url = format!("{}/faults/{service}", self.url);
        let answer = self.client.put(url).json(&fault).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    pub async fn mend(&self) {
        self.fault("payment", json!({"mode": "ok"})).await;
        self.fault("carrier", json!({"mode": "ok"})).await;
    }

    pub async fn get(&self, path: &str) -> Value {
        self.client.get(format!("{}{path}", self.url)).send().await.unwrap().json().await.unwrap()
    }

    /// Returns all rows of the ledger: `payments` or `shipments`.
    pub async fn ledger(&self, of: &str) -> Vec<Value> {
        self.get(&format!("/ledger/{of}?page_size=0")).await[of].as_array().unwrap().clone()
    }
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("new/sandbox.db")
}

async fn listen(
    data: PathBuf,
    clock: Arc<ManualClock>,
    seed: u64,
) -> (String, oneshot::Sender<()>, JoinHandle<()>) {
    let config = SandboxConfig {
        data,
        pickup_seconds: 0,
        delivery_seconds: 0,
        notify_url: None,
        carrier_secret: None,
    };
    let sandbox = Sandbox::open_with(config, clock, Arc::new(SeededRandom::new(seed))).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = oneshot::channel::<()>();
    let served = tokio::spawn(serve(listener, sandbox, async move { drop(stopped.await) }));
    (url, stop, served)
}

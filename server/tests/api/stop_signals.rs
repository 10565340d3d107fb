//! `docket serve` and the signals that stop it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::app::{client, header, mug};

/// The program, which would drain for nearly an hour.
struct Docket {
    process: Child,
    url: String,
    _folder: TempDir,
}

impl Docket {
    /// Starts it, and waits until it is ready.
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("site/pkg")).unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_docket"))
            .arg("serve")
            .current_dir(folder.path())
            .env_clear()
            .env("LEPTOS_SITE_ROOT", "site")
            .env("DOCKET_LISTEN", "127.0.0.1:0")
            .env("DOCKET_INTERNAL_LISTEN", "127.0.0.1:0")
            .env("DOCKET_SANDBOX_LISTEN", "127.0.0.1:0")
            .env("DOCKET_MIN_FREE_MB", "0")
            .env("DOCKET_SHUTDOWN_SECONDS", "3600")
            .env("DOCKET_DRAIN_SECONDS", "3599")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Docket is at ").unwrap().to_owned();
        Self { process, url, _folder: folder }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.process.id().cast_signed()).unwrap(), signal).unwrap();
    }

    /// Waits until it ends, and returns its exit code.
    async fn exit_code(&mut self) -> Option<i32> {
        let ended = async {
            loop {
                if let Some(status) = self.process.try_wait().unwrap() {
                    return status.code();
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(60), ended).await.expect("it does not end")
    }

    async fn readiness(&self) -> StatusCode {
        client().get(format!("{}/readyz", self.url)).send().await.unwrap().status()
    }
}

/// A failed test leaves no process.
impl Drop for Docket {
    fn drop(&mut self) {
        drop(self.process.kill());
        drop(self.process.wait());
    }
}

#[tokio::test]
async fn sigterm_begins_a_drain_in_which_orders_are_accepted_and_a_second_signal_ends_it() {
    let mut docket = Docket::start();
    assert_eq!(docket.readiness().await, StatusCode::OK);
    docket.signal(Signal::TERM);
    while docket.readiness().await != StatusCode::SERVICE_UNAVAILABLE {
        tokio::task::yield_now().await;
    }
    let orders = format!("{}/api/v1/orders", docket.url);
    let order = client().post(orders).header("Idempotency-Key", "late").json(&mug()).send().await.unwrap();
    assert_eq!((order.status(), header(&order, "connection")), (StatusCode::ACCEPTED, "close"));
    docket.signal(Signal::TERM);
    assert_eq!(docket.exit_code().await, Some(1));
}

#[tokio::test]
async fn sigint_stops_without_a_drain() {
    let mut docket = Docket::start();
    docket.signal(Signal::INT);
    assert_eq!(docket.exit_code().await, Some(0));
}

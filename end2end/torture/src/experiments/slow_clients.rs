//! Slow clients: headers and bodies that arrive very slowly, silent connections, and streams that are not read.

use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::history::SubmissionState;
use crate::measure::{millis, percentile};
use crate::system::Options;
use crate::trial::Trial;
use crate::workload::Mix;

pub const EXPERIMENT: Experiment = Experiment {
    name: "slow-clients",
    description: "slow headers and bodies, silent connections, and streams that are not read, while customers order",
    pass: "every order is accepted; memory bounded; the server ends in time",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

/// The time limit of the server for its shutdown.
const SHUTDOWN: Duration = Duration::from_secs(10);

/// The kind of a slow client.
#[derive(Debug, Clone, Copy)]
enum SlowClient {
    /// Sends a header line every second, without an end.
    SlowHeaders,
    /// Sends a byte of the body every second.
    SlowBody,
    /// Sends nothing.
    Silent,
    /// Opens a stream of all events and never reads it.
    NeverReads,
}

async fn run(config: RunConfig) -> Result<Findings> {
    let clients_of_each_kind = config.pick(50, 300, 1_000);
    let load = Load {
        clients: 8,
        orders: config.pick(300, 1_500, 6_000),
        per_second: config.pick(30.0, 50.0, 60.0),
        mix: Mix::Confirmable,
        watched_orders: 5,
        ..Load::default()
    };
    let options = Options::default()
        .with_setting("DOCKET_MAX_CONNECTIONS_PER_ADDRESS", 100_000)
        .with_setting("DOCKET_SHUTDOWN_SECONDS", SHUTDOWN.as_secs());
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, options, load).await?;
    let memory_before = trial.system.docket.memory();
    let docket = &trial.system.docket;
    let mut slow_clients = JoinSet::new();
    for kind in [SlowClient::SlowHeaders, SlowClient::SlowBody, SlowClient::Silent, SlowClient::NeverReads] {
        for _ in 0..clients_of_each_kind {
            let (address, key) = (docket.address.clone(), docket.desk_key.clone());
            slow_clients.spawn(async move {
                // A disconnected client reconnects.
                loop {
                    let _ = run_slow_client(&address, &key, kind).await;
                    sleep(Duration::from_millis(500)).await;
                }
            });
        }
    }
    trial.driver.wait_until_answered().await;
    let accepted = trial.history.count(SubmissionState::Acknowledged);
    let operations = trial.history.read();
    let latencies: Vec<_> = operations.accepted.iter().map(|(_, took)| *took).collect();
    let memory = trial.system.docket.memory();
    findings.figure("slow clients", clients_of_each_kind * 4);
    findings.figure("accepted", format!("{accepted} of {}", load.orders));
    findings.figure("p99 of accept", millis(percentile(&latencies, 0.99)));
    findings.figure("memory", format!("{} → {} MB", memory_before / 1024, memory / 1024));
    findings
        .expect(accepted == load.orders, || format!("{accepted} of {} orders were accepted", load.orders));
    let limit = memory_before / 1024 + 100 + clients_of_each_kind as u64 * 4 / 2;
    findings.expect(memory / 1024 < limit, || format!("its memory is {} MB", memory / 1024));
    let exit = trial.system.docket.stop(SHUTDOWN + Duration::from_secs(20)).await?;
    findings.figure("from SIGTERM to the end", millis(exit.took));
    findings.expect(exit.status == "exit 0" && exit.took < SHUTDOWN + Duration::from_secs(5), || {
        format!("it ended with {} after {}", exit.status, millis(exit.took))
    });
    slow_clients.shutdown().await;
    trial.system.docket.start().await?;
    trial.finish(findings).await
}

/// Connects, and behaves like this kind of client until the connection is closed.
async fn run_slow_client(address: &str, key: &str, kind: SlowClient) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!("Host: {address}\r\nAuthorization: Bearer {key}\r\n");
    match kind {
        SlowClient::SlowHeaders => {
            stream.write_all(format!("GET /api/v1/orders HTTP/1.1\r\n{head}").as_bytes()).await?;
            send_slowly(&mut stream, b"X-Slow: very\r\n").await
        }
        SlowClient::SlowBody => {
            let headers =
                "Idempotency-Key: slow\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n";
            stream.write_all(format!("POST /api/v1/orders HTTP/1.1\r\n{head}{headers}").as_bytes()).await?;
            send_slowly(&mut stream, b" ").await
        }
        SlowClient::Silent => {
            let mut buffer = [0; 64];
            while stream.read(&mut buffer).await? > 0 {}
            Ok(())
        }
        SlowClient::NeverReads => {
            let headers = "Accept: text/event-stream\r\nLast-Event-ID: 0\r\n\r\n";
            stream.write_all(format!("GET /api/v1/events HTTP/1.1\r\n{head}{headers}").as_bytes()).await?;
            // The socket's buffers fill up; the connection stays open until the server closes it.
            loop {
                sleep(Duration::from_secs(1)).await;
                stream.writable().await?;
                if stream.try_write(b"").is_err() {
                    return Ok(());
                }
            }
        }
    }
}

/// Sends these bytes every second, until the server closes the connection.
async fn send_slowly(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    loop {
        sleep(Duration::from_secs(1)).await;
        stream.write_all(bytes).await?;
    }
}

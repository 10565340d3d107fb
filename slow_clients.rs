//! Clients that are slow on purpose: slow headers and bodies, silent connections, and streams that nobody reads.

use std::time::Duration;

use anyhow::Result;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::history::SubmissionState;
use crate::statistics::format_millis;
use crate::system::Options;
use crate::trial::Trial;
use crate::workload::Mix;

pub const EXPERIMENT: Experiment = Experiment {
    name: "slow-clients",
    description: "slow headers and bodies, silent connections, and streams that nobody reads, beside customers who order",
    passes_when: "every customer is served; memory bounded; it still ends in time",
    in_smoke_run: true,
    requires: &[],
    body: |config, options| Box::pin(run(config, options)),
};

const SHUTDOWN: Duration = Duration::from_secs(10);

#[derive(Debug, Clone, Copy)]
enum SlowClient {
    /// Sends a header line every second, without an end.
    SlowHeaders,
    /// Sends a body of a byte a second.
    SlowBody,
    /// Sends nothing.
    Silent,
    /// Opens a stream of all events and never reads it.
    UnreadStream,
}

const KINDS: [SlowClient; 4] =
    [SlowClient::SlowHeaders, SlowClient::SlowBody, SlowClient::Silent, SlowClient::UnreadStream];

async fn run(config: RunConfig, options: Options) -> Result<Findings> {
    let of_each = config.pick(50, 300, 1_000);
    let load = Load {
        clients: 8,
        orders: config.pick(300, 1_500, 6_000),
        per_second: config.pick(30.0, 50.0, 60.0),
        mix: Mix::Confirmable,
        watched_orders: 5,
        ..Load::default()
    };
    let options = options
        .with("DOCKET_MAX_CONNECTIONS_PER_ADDRESS", 100_000)
        .with("DOCKET_SHUTDOWN_SECONDS", SHUTDOWN.as_secs());
    let mut trial = Trial::start(&config, options, load).await?;
    let docket = &trial.system.docket;
    let memory_before = docket.memory() / 1024;
    let mut slow_clients = JoinSet::new();
    for kind in KINDS {
        for _ in 0..of_each {
            let (address, key) = (docket.address.clone(), docket.desk_key.clone());
            slow_clients.spawn(async move {
                // The server closes slow connections, so each client reconnects.
                loop {
                    let _ = connect_slowly(&address, &key, kind).await;
                    sleep(Duration::from_millis(500)).await;
                }
            });
        }
    }
    trial.driver.join().await;
    let accepted = trial.history.count(SubmissionState::Acknowledged);
    let p99 = trial.history.snapshot().p99(Duration::ZERO..Duration::MAX);
    let memory = trial.system.docket.memory() / 1024;
    let findings = &mut trial.findings;
    findings.figure("slow clients", of_each * KINDS.len());
    findings.figure("served", format!("{accepted} of {}", load.orders));
    findings.figure("p99 of accept", format_millis(p99));
    findings.figure("memory", format!("{memory_before} → {memory} MB"));
    findings.expect(accepted == load.orders, || format!("{accepted} of {} were served", load.orders));
    let bound = memory_before + 100 + (of_each * KINDS.len()) as u64 / 2;
    findings.expect(memory < bound, || format!("its memory is {memory} MB"));
    let duration = trial.stop_docket(SHUTDOWN).await?;
    trial.findings.figure("from SIGTERM to the end", format_millis(duration));
    slow_clients.shutdown().await;
    trial.system.docket.start().await?;
    trial.finish().await
}

async fn connect_slowly(address: &str, key: &str, kind: SlowClient) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!("Host: {address}\r\nAuthorization: Bearer {key}\r\n");
    match kind {
        SlowClient::SlowHeaders => {
            stream.write_all(format!("GET /api/v1/orders HTTP/1.1\r\n{head}").as_bytes()).await?;
            send_every_second(&mut stream, b"X-Slow: very\r\n").await
        }
        SlowClient::SlowBody => {
            let more =
                "Idempotency-Key: slow\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n";
            stream.write_all(format!("POST /api/v1/orders HTTP/1.1\r\n{head}{more}").as_bytes()).await?;
            send_every_second(&mut stream, b" ").await
        }
        SlowClient::Silent => {
            let mut buffer = [0; 64];
            while stream.read(&mut buffer).await? > 0 {}
            Ok(())
        }
        SlowClient::UnreadStream => {
            let more = "Accept: text/event-stream\r\nLast-Event-ID: 0\r\n\r\n";
            stream.write_all(format!("GET /api/v1/events HTTP/1.1\r\n{head}{more}").as_bytes()).await?;
            // The buffers fill up, and the connection stays until the server closes it.
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

/// Sends the same bytes every second until the server closes the connection.
async fn send_every_second(stream: &mut TcpStream, bytes: &[u8]) -> std::io::Result<()> {
    loop {
        sleep(Duration::from_secs(1)).await;
        stream.write_all(bytes).await?;
    }
}

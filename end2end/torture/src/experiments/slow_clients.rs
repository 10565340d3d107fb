//! Clients that are slow on purpose: headers and bodies sent byte by byte, silent connections, streams that nobody
//! reads.

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
    description: "dripping headers and bodies, silent connections, and streams that nobody reads, beside customers who order",
    pass: "every customer is served; memory bounded; it still ends in time",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

const SHUTDOWN: Duration = Duration::from_secs(10);

/// How a client is slow.
#[derive(Debug, Clone, Copy)]
enum Manner {
    /// Sends a header line every second, for ever.
    DripsHeaders,
    /// Sends a byte of the body every second.
    DripsBody,
    /// Sends nothing.
    Silent,
    /// Opens a stream of all events and never reads it.
    NeverReads,
}

async fn run(config: RunConfig) -> Result<Findings> {
    let of_each = config.pick(50, 300, 1_000);
    let load = Load {
        clients: 8,
        orders: config.pick(300, 1_500, 6_000),
        per_second: config.pick(30.0, 50.0, 60.0),
        mix: Mix::Confirmable,
        watcher_state: 5,
        ..Load::default()
    };
    let options = Options::default()
        .with("DOCKET_MAX_CONNECTIONS_PER_ADDRESS", 100_000)
        .with("DOCKET_SHUTDOWN_SECONDS", SHUTDOWN.as_secs());
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, options, load).await?;
    let memory_before = trial.system.docket.memory();
    let docket = &trial.system.docket;
    let mut crowd = JoinSet::new();
    for manner in [Manner::DripsHeaders, Manner::DripsBody, Manner::Silent, Manner::NeverReads] {
        for _ in 0..of_each {
            let (address, key) = (docket.address.clone(), docket.desk_key.clone());
            crowd.spawn(async move {
                // A disconnected client reconnects.
                loop {
                    let _ = misbehave(&address, &key, manner).await;
                    sleep(Duration::from_millis(500)).await;
                }
            });
        }
    }
    trial.driver.wait_until_answered().await;
    let accepted = trial.history.count(SubmissionState::Acknowledged);
    let asked = trial.history.read();
    let slowest: Vec<_> = asked.accepted.iter().map(|(_, took)| *took).collect();
    let memory = trial.system.docket.memory();
    findings.figure("slow clients", of_each * 4);
    findings.figure("served", format!("{accepted} of {}", load.orders));
    findings.figure("p99 of accept", millis(percentile(&slowest, 0.99)));
    findings.figure("memory", format!("{} → {} MB", memory_before / 1024, memory / 1024));
    findings.expect(accepted == load.orders, || format!("{accepted} of {} were served", load.orders));
    let bound = memory_before / 1024 + 100 + of_each as u64 * 4 / 2;
    findings.expect(memory / 1024 < bound, || format!("its memory is {} MB", memory / 1024));
    let ended = trial.system.docket.stop(SHUTDOWN + Duration::from_secs(20)).await?;
    findings.figure("from SIGTERM to the end", millis(ended.took));
    findings.expect(ended.how == "exit 0" && ended.took < SHUTDOWN + Duration::from_secs(5), || {
        format!("it ended with {} after {}", ended.how, millis(ended.took))
    });
    crowd.shutdown().await;
    trial.system.docket.start().await?;
    trial.finish(findings).await
}

async fn misbehave(address: &str, key: &str, manner: Manner) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address).await?;
    let head = format!("Host: {address}\r\nAuthorization: Bearer {key}\r\n");
    match manner {
        Manner::DripsHeaders => {
            stream.write_all(format!("GET /api/v1/orders HTTP/1.1\r\n{head}").as_bytes()).await?;
            send_slowly(&mut stream, b"X-Slow: very\r\n").await
        }
        Manner::DripsBody => {
            let by_name =
                "Idempotency-Key: slow\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n";
            stream.write_all(format!("POST /api/v1/orders HTTP/1.1\r\n{head}{by_name}").as_bytes()).await?;
            send_slowly(&mut stream, b" ").await
        }
        Manner::Silent => {
            let mut nothing = [0; 64];
            while stream.read(&mut nothing).await? > 0 {}
            Ok(())
        }
        Manner::NeverReads => {
            let wanted = "Accept: text/event-stream\r\nLast-Event-ID: 0\r\n\r\n";
            stream.write_all(format!("GET /api/v1/events HTTP/1.1\r\n{head}{wanted}").as_bytes()).await?;
            // Its buffers fill up; the connection stays until the server closes it.
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

/// Sends a little every second, until the other end closes.
async fn send_slowly(stream: &mut TcpStream, drop: &[u8]) -> std::io::Result<()> {
    loop {
        sleep(Duration::from_secs(1)).await;
        stream.write_all(drop).await?;
    }
}

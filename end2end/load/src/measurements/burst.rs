//! How many card orders are confirmed a second.

use std::time::Duration;

use hyper::StatusCode;
use tokio::time::Instant;

use crate::bench::{Bench, Outcome};
use crate::measure::measure;
use crate::order::submissions;

/// Measures from the first submission of a burst until the last of its orders is confirmed.
pub async fn run(bench: &Bench, seconds: u64) -> Outcome {
    let connections = bench.most_connections();
    let reference = bench.bound(connections).await?;
    let server = bench.server().await?;
    let started = Instant::now();
    let burst = Duration::from_secs(seconds);
    let submit = submissions(&server.key, connections);
    let accepted = measure(&server.address, connections, burst, StatusCode::ACCEPTED, submit).await?;
    let elapsed = server.wait_until_confirmed(accepted.responses).await? - started;
    let confirmed = accepted.responses as f64 / elapsed.as_secs_f64();
    println!(
        "{} card orders, submitted in {seconds} s, are confirmed after {:.1} s: {confirmed:.0} per s, {:.1} % of the bound",
        accepted.responses,
        elapsed.as_secs_f64(),
        confirmed / reference.per_second * 100.0
    );
    println!(
        "  a confirmed order takes {} bytes",
        server.stop().await?.database_bytes()? / accepted.responses.max(1)
    );
    Ok(())
}

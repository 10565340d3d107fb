//! How many orders are accepted a second: alone, while they are worked, and while the external services are down.

use crate::bench::{Bench, Outcome};
use crate::client::Request;
use crate::table::{heading, row};

/// Measures at one number of connections.
pub async fn run(bench: &Bench, connections: usize) -> Outcome {
    heading(&format!("at {connections} connections"));
    let bound = bench.bound(connections).await?;
    let reference = Some(bound.per_second);
    row("bound", &bound, reference);

    // Each server is dropped, and so stopped, before the next one is measured.
    let server = bench.server().await?;
    server.pause_queues().await?;
    let health = bench.answered(&server.address, connections, Request::get("/healthz")).await?;
    row("/healthz", &health, reference);
    let alone = bench.accepted(&server.address, &server.key, connections).await?;
    row("accepted alone", &alone, reference);
    let bytes = server.stop().await?.database_bytes()? / alone.responses.max(1);
    println!("  a received order takes {bytes} bytes");

    let server = bench.server().await?;
    let worked = bench.accepted(&server.address, &server.key, connections).await?;
    row("accepted while worked", &worked, reference);
    drop(server);

    let server = bench.server().await?;
    server.stop_services().await?;
    let down = bench.accepted(&server.address, &server.key, connections).await?;
    row("accepted with services down", &down, reference);
    println!("  {:.2} times as many as while they work", down.per_second / worked.per_second);
    drop(server);

    row("bound again", &bench.bound(connections).await?, reference);
    Ok(())
}

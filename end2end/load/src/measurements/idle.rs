//! What an idle server uses, and how soon it starts the work of an order.

use crate::bench::{Bench, Outcome};
use crate::measure::quantile;
use crate::order::first_steps;
use crate::table::millis;

/// Measures with orders that are submitted one by one; with none, only what the server uses.
pub async fn run(bench: &Bench, orders: u64) -> Outcome {
    let server = bench.server().await?;
    let usage = server.usage()?;
    println!(
        "an idle server has {} threads and {:.1} MiB of resident memory",
        usage.threads,
        usage.resident_kib as f64 / 1024.0
    );
    if orders > 0 {
        let mut waits = first_steps(&server.address, &server.key, orders).await?;
        let (p50, p99) = (quantile(&mut waits, 0.50), quantile(&mut waits, 0.99));
        println!(
            "an idle server starts the first step {} (p50) and {} (p99) after the acceptance",
            millis(p50),
            millis(p99)
        );
    }
    Ok(())
}

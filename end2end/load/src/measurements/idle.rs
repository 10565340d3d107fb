//! How soon an idle server starts the work of an order.

use crate::bench::{Bench, Outcome};
use crate::measure::quantile;
use crate::order::first_steps;
use crate::table::millis;

/// Measures with orders that are submitted one by one.
pub async fn run(bench: &Bench, orders: u64) -> Outcome {
    let server = bench.server().await?;
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

//! How a database with many orders compares with a fresh one.
//!
//! Both have one order that was really worked and delivered; the other also has copies of it. Requests that read are sent
//! on one connection, because their latency is what may grow with the store:
//!
//! - the confirmed orders of the one whose orders all of them are, none of which is confirmed;
//! - the overview of the desk;
//! - the first page of the log of all orders, with up to 1,000 events, which are told in words;
//! - after the measurement of accepted orders, of which each has one, the available jobs.

use serde_json::Value;
use tokio::task::spawn_blocking;

use crate::bench::{Bench, Outcome};
use crate::client::{Connection, Request};
use crate::installation::Installation;
use crate::order::{follow, submission};
use crate::server::{Server, send};
use crate::stored_orders::fill;
use crate::table::{heading, row};

/// The stores cannot be compared.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    #[error("the order was not worked: {0}")]
    NotWorked(Value),
    #[error("the server does not find the copies of the order")]
    NotFound,
}

/// Measures a fresh store and one with this many orders.
pub async fn run(bench: &Bench, stored: u64) -> Outcome {
    if stored == 0 {
        println!("a database with many orders is measured with --stored: skipped");
        return Ok(());
    }
    let bound = bench.bound(bench.most_connections()).await?.per_second;
    let (installation, owner) = with_one_order(bench).await?;
    heading("with 1 order stored");
    let fresh = measure(bench, Server::start(installation, &[]).await?, &owner, bound).await?;

    let (installation, owner) = with_one_order(bench).await?;
    let database = installation.database();
    let last = spawn_blocking(move || fill(&database, stored.saturating_sub(1))).await??;
    let bytes = installation.database_bytes()?;
    let server = Server::start(installation, &[]).await?;
    let newest = send(&server.address, Request::get("/api/v1/orders?page_size=1").by(&owner)).await?;
    if serde_json::from_slice::<Value>(&newest)?["orders"][0]["id"] != last.to_string() {
        return Err(StoredError::NotFound.into());
    }
    heading(&format!("with {stored} orders stored"));
    let filled = measure(bench, server, &owner, bound).await?;
    println!(
        "  {:.1} % of the orders are accepted that the other store accepts, in a database of {:.0} MiB",
        filled / fresh * 100.0,
        bytes as f64 / f64::from(1 << 20)
    );
    Ok(())
}

/// Returns a database with one delivered order, and the key of its owner.
async fn with_one_order(bench: &Bench) -> Outcome<(Installation, String)> {
    let installation = bench.installation().await?;
    let owner = installation.create_key("owner", "orders").await?;
    let server = Server::start(installation, &[]).await?;
    let mut connection = Connection::open(&server.address).await?;
    let is_worked =
        |order: &Value| order["state"] == "confirmed" && order["steps"][4]["state"] == "succeeded";
    let is_open = |order: &Value| {
        ["received", "processing", "confirmed"].map(Value::from).contains(&order["state"])
            && !is_worked(order)
    };
    let order = follow(&mut connection, &owner, submission(&owner, "stored", 0), is_open).await?;
    if !is_worked(&order) {
        return Err(StoredError::NotWorked(order).into());
    }
    let id = order["id"].as_str().unwrap_or_default();
    server.desk(Request::post(format!("/api/v1/desk/orders/{id}/deliver"))).await?;
    Ok((server.stop().await?, owner))
}

/// Prints the rows of one store, and returns how many orders it accepts a second.
async fn measure(bench: &Bench, server: Server, owner: &str, bound: f64) -> Outcome<f64> {
    server.pause_queues().await?;
    let (address, key) = (&server.address, &server.key);
    let confirmed = Request::get("/api/v1/orders?state=confirmed").by(owner);
    row("own orders, none confirmed", &bench.answered(address, 1, confirmed).await?, None);
    let overview = Request::get("/api/v1/desk/overview").by(key);
    row("overview of the desk", &bench.answered(address, 1, overview).await?, None);
    let log = Request::get("/api/v1/events?page_size=1000").by(key);
    row("first page of the log", &bench.answered(address, 1, log).await?, None);
    let accepted = bench.accepted(address, key, bench.most_connections()).await?;
    row("accepted alone", &accepted, Some(bound));
    let available = Request::get("/api/v1/desk/jobs?state=available").by(key);
    row("available jobs", &bench.answered(address, 1, available).await?, None);
    Ok(accepted.per_second)
}

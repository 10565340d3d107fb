//! Measures how many orders are accepted durably, how quickly, and how soon their work starts.
//!
//! Numbers of one machine say little about another, so every rate is reported beside that of the same server's
//! `/healthz`, which does no work, measured in the same run.

mod client;
mod measure;
mod order;
mod server;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use hyper::StatusCode;

use crate::client::{Ask, Connection};
use crate::measure::{Measured, measure, share};
use crate::server::Server;

/// Measure how many orders a server accepts durably, beside its answers without a database.
///
/// Without --url it starts `docket serve` itself, the program beside this one, on a new database for every line.
#[derive(Debug, Parser)]
#[command(name = "load")]
struct Cli {
    /// Measure this server instead, such as http://127.0.0.1:3000; needs --key
    #[arg(long, requires = "key")]
    url: Option<String>,
    /// An API key of that server, made without --rate
    #[arg(long)]
    key: Option<String>,
    /// The program to start
    #[arg(long, value_name = "PROGRAM")]
    docket: Option<PathBuf>,
    /// Where to keep the databases; it should be on a real disk [default: beside this program]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The numbers of concurrent connections
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64])]
    concurrency: Vec<usize>,
    /// How long each rate is measured
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// Switch payment service and carrier off first, to see that orders are accepted nevertheless
    #[arg(long, conflicts_with = "url")]
    down: bool,
    /// How many orders are submitted one by one to measure when their work starts; 0 skips it
    #[arg(long, default_value_t = 200)]
    first_steps: u64,
}

/// The measured server: one of our own, or the one at --url.
struct Target {
    address: String,
    key: String,
    server: Option<Server>,
}

impl Cli {
    async fn target(&self) -> Result<Target, Box<dyn Error>> {
        if let (Some(url), Some(key)) = (&self.url, &self.key) {
            let address = url.trim_start_matches("http://").trim_end_matches('/').to_owned();
            return Ok(Target { address, key: key.clone(), server: None });
        }
        let here = std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default();
        let program = self.docket.clone().unwrap_or_else(|| here.join("docket"));
        let folder = self.folder.clone().unwrap_or(here);
        let server = Server::start(&program, &folder).await?;
        if self.down {
            switch_off(&server.sandbox).await?;
        }
        Ok(Target { address: server.address.clone(), key: server.key.clone(), server: Some(server) })
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let cli = Cli::parse();
    let duration = Duration::from_secs(cli.seconds);
    println!(
        "connections |  /healthz per s      p50      p99 |   orders per s      p50      p99 | ratio | bytes per order"
    );
    for &concurrency in &cli.concurrency {
        let target = cli.target().await?;
        let health = measure(&target.address, concurrency, duration, StatusCode::OK, |_| healthz()).await?;
        let (key, run) = (target.key.clone(), format!("{concurrency}-{}", std::process::id()));
        let submission = move |number| order::submission(&key, &run, number);
        let orders =
            measure(&target.address, concurrency, duration, StatusCode::ACCEPTED, submission).await?;
        let ratio = orders.per_second / health.per_second * 100.0;
        let bytes = target.server.as_ref().map_or("-".to_owned(), |server| {
            format!("{:.0}", server.database_size() as f64 / (orders.per_second * cli.seconds as f64))
        });
        println!("{concurrency:>11} | {} | {} | {ratio:>3.0} % | {bytes:>15}", row(&health), row(&orders));
    }
    // With the services down no order gets far enough.
    if cli.first_steps > 0 && !cli.down {
        let target = cli.target().await?;
        let mut waits = order::first_steps(&target.address, &target.key, cli.first_steps).await?;
        let (p50, p99) = (share(&mut waits, 0.50), share(&mut waits, 0.99));
        println!(
            "the first step began {} (p50) and {} (p99) after the acceptance, of {} orders one by one",
            millis(p50),
            millis(p99),
            waits.len()
        );
    }
    Ok(())
}

fn healthz() -> Ask {
    let mut ask = Ask::default();
    *ask.uri_mut() = hyper::Uri::from_static("/healthz");
    ask
}

async fn switch_off(sandbox: &str) -> Result<(), Box<dyn Error>> {
    let mut connection = Connection::open(sandbox).await?;
    for service in ["payment", "carrier"] {
        let mut ask = Ask::new(r#"{"mode":"down"}"#.into());
        *ask.method_mut() = hyper::Method::PUT;
        *ask.uri_mut() = format!("/faults/{service}").parse()?;
        ask.headers_mut().insert("content-type", hyper::header::HeaderValue::from_static("application/json"));
        let (status, _) = connection.ask(ask).await?;
        if !status.is_success() {
            return Err(format!("the sandbox does not switch {service} off: {status}").into());
        }
    }
    Ok(())
}

fn row(measured: &Measured) -> String {
    format!("{:>15.0} {:>8} {:>8}", measured.per_second, millis(measured.p50), millis(measured.p99))
}

fn millis(duration: Duration) -> String {
    format!("{:.1} ms", duration.as_secs_f64() * 1_000.0)
}

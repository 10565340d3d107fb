//! Measures how many orders are accepted durably, how quickly, and how soon they are done.
//!
//! Numbers of one machine say little about another, so every rate is reported as a share of *the bound*
//! ([`bound`]), a server that parses, hashes and answers the same order without a database. It is measured first and
//! last in the same run, because the speed of a shared machine drifts.

mod bound;
mod client;
mod measure;
mod order;
mod server;

use std::error::Error;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use hyper::StatusCode;
use tokio::time::Instant;

use crate::bound::Bound;
use crate::client::{Connection, Request};
use crate::measure::{Measured, measure, quantile};
use crate::server::Server;

/// Measure how many orders a server accepts durably, beside a server that stores nothing.
///
/// It starts `docket serve`, the program beside this one, on a new database for every figure. Nothing else may run on
/// the machine. It exits with 0 whatever the figures are. Its client is faster than one thread of wrk (RESULTS.md).
#[derive(Debug, Parser)]
#[command(name = "load")]
struct Cli {
    /// The program to measure
    #[arg(long, value_name = "PROGRAM")]
    docket: Option<PathBuf>,
    /// Where to keep the databases; it should be on a real disk [default: beside this program]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The numbers of concurrent connections
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64])]
    concurrency: Vec<usize>,
    /// How long each rate is measured, in seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How long orders are submitted until the last of which is confirmed, in seconds
    #[arg(long, default_value_t = 2)]
    burst: u64,
    /// How many orders are submitted one by one to measure when their work starts; 0 skips it
    #[arg(long, default_value_t = 200)]
    first_steps: u64,
    /// Be the bound
    #[arg(long, hide = true, value_name = "ANSWER_BYTES")]
    serve_bound: Option<usize>,
}

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> Outcome {
    let cli = Cli::parse();
    match cli.serve_bound {
        Some(answer_bytes) => {
            let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
            Ok(runtime.block_on(bound::serve(answer_bytes))?)
        }
        // One thread, because the server needs the rest of the machine.
        None => tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(cli.run()),
    }
}

impl Cli {
    async fn run(&self) -> Outcome {
        let bound = Bound::start(self.answer_bytes().await?).await?;
        for &connections in &self.concurrency {
            println!(
                "{:<30} {:>12} {:>9} {:>10} {:>10}",
                format!("at {connections} connections"),
                "per s",
                "of bound",
                "p50",
                "p99"
            );
            self.rates(connections, &bound).await?;
        }
        self.burst(&bound).await?;
        if self.first_steps > 0 {
            let server = self.server().await?;
            let mut waits = order::first_steps(&server.address, &server.key, self.first_steps).await?;
            let (p50, p99) = (quantile(&mut waits, 0.50), quantile(&mut waits, 0.99));
            println!(
                "an idle server starts the first step {} (p50) and {} (p99) after the acceptance",
                millis(p50),
                millis(p99)
            );
        }
        Ok(())
    }

    /// Measures the rates at one number of connections.
    async fn rates(&self, connections: usize, bound: &Bound) -> Outcome {
        let reference = self.accepted(&bound.address, "", connections).await?;
        print("bound", &reference, &reference);

        // Each server is dropped, and so stopped, before the next one is measured.
        let server = self.server().await?;
        server.pause_queues().await?;
        let health = |_| Request::get("/healthz");
        let health = measure(&server.address, connections, self.duration(), StatusCode::OK, health).await?;
        print("/healthz", &health, &reference);
        let alone = self.accepted(&server.address, &server.key, connections).await?;
        print("accepted alone", &alone, &reference);
        let bytes = server.stop().await? / alone.responses.max(1);
        println!("  a received order takes {bytes} bytes");

        let server = self.server().await?;
        let worked = self.accepted(&server.address, &server.key, connections).await?;
        print("accepted while worked", &worked, &reference);
        drop(server);

        let server = self.server().await?;
        server.stop_services().await?;
        let down = self.accepted(&server.address, &server.key, connections).await?;
        print("accepted with services down", &down, &reference);
        println!("  {:.2} times as many as while they work", down.per_second / worked.per_second);
        drop(server);

        print("bound again", &self.accepted(&bound.address, "", connections).await?, &reference);
        Ok(())
    }

    /// Measures how many card orders are confirmed a second, from the first submission of a burst until the last of
    /// them is confirmed.
    async fn burst(&self, bound: &Bound) -> Outcome {
        let connections = self.concurrency.iter().copied().max().unwrap_or(1);
        let reference = self.accepted(&bound.address, "", connections).await?;
        let server = self.server().await?;
        let started = Instant::now();
        let burst = Duration::from_secs(self.burst);
        let submit = submissions(&server.key, connections);
        let accepted = measure(&server.address, connections, burst, StatusCode::ACCEPTED, submit).await?;
        let elapsed = server.wait_until_confirmed(accepted.responses).await? - started;
        let confirmed = accepted.responses as f64 / elapsed.as_secs_f64();
        println!(
            "{} card orders, submitted in {} s, are confirmed after {:.1} s: {confirmed:.0} per s, {:.1} % of the bound",
            accepted.responses,
            self.burst,
            elapsed.as_secs_f64(),
            confirmed / reference.per_second * 100.0
        );
        println!("  a confirmed order takes {} bytes", server.stop().await? / accepted.responses.max(1));
        Ok(())
    }

    async fn accepted(&self, address: &str, key: &str, connections: usize) -> Outcome<Measured> {
        let submit = submissions(key, connections);
        Ok(measure(address, connections, self.duration(), StatusCode::ACCEPTED, submit).await?)
    }

    async fn answer_bytes(&self) -> Outcome<usize> {
        let server = self.server().await?;
        let mut connection = Connection::open(&server.address).await?;
        Ok(connection.send(&order::submission(&server.key, "answer", 0)).await?.1.len())
    }

    async fn server(&self) -> Outcome<Server> {
        let here = std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default();
        let program = self.docket.clone().unwrap_or_else(|| here.join("docket"));
        Ok(Server::start(&program, self.folder.as_deref().unwrap_or(&here)).await?)
    }

    const fn duration(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

fn submissions(key: &str, connections: usize) -> impl Fn(u64) -> Request + Clone + Send + 'static {
    let (key, run) = (key.to_owned(), format!("{connections}-{}", std::process::id()));
    move |number| order::submission(&key, &run, number)
}

fn print(name: &str, measured: &Measured, bound: &Measured) {
    println!(
        "  {name:<28} {:>12.0} {:>7.1} % {:>10} {:>10}",
        measured.per_second,
        measured.per_second / bound.per_second * 100.0,
        millis(measured.p50),
        millis(measured.p99)
    );
}

fn millis(duration: Duration) -> String {
    format!("{:.2} ms", duration.as_secs_f64() * 1_000.0)
}

//! Measures how many orders are accepted durably, how quickly, how soon they are done, and what limits a server.
//!
//! Numbers of one machine say little about another, so every rate is reported as a share of *the bound*
//! ([`bound`]), a server that parses, hashes and answers the same order without a database. It is measured in the same
//! run, because the speed of a shared machine drifts.

mod bench;
mod bound;
mod cli;
mod client;
mod installation;
mod measure;
mod measurements;
mod order;
mod process;
mod server;
mod server_error;
mod table;

use std::path::PathBuf;

use clap::Parser as _;

use crate::bench::Outcome;
use crate::bound::Bound;
use crate::cli::{Cli, Part};
use crate::measurements::{burst, idle, rates};

fn main() -> Outcome {
    let cli = Cli::parse();
    if let Some(answer_bytes) = cli.serve_bound {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
        return Ok(runtime.block_on(bound::serve(answer_bytes))?);
    }
    // One thread, because the server needs the rest of the machine.
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(run(&cli))
}

/// Runs the parts, one after the other.
async fn run(cli: &Cli) -> Outcome {
    let here = std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default();
    let mut bench = cli.bench(&here);
    let bound = Bound::start(bench.answer_bytes().await?).await?;
    bench.bound_address.clone_from(&bound.address);
    for part in cli.parts() {
        match part {
            Part::Rates => {
                for &connections in &bench.concurrency {
                    rates::run(&bench, connections).await?;
                }
            }
            Part::Burst => burst::run(&bench, cli.burst).await?,
            Part::Idle => idle::run(&bench, cli.first_steps).await?,
        }
    }
    Ok(())
}

//! Measures how many orders are accepted durably, how quickly, how soon they are done, and what limits a server.
//!
//! Numbers of one machine say little about another, so every rate is reported as a share of *the bound*
//! ([`bound`]), a server that parses, hashes and answers the same order without a database. It is measured in the same
//! run, because the speed of a shared machine drifts.

mod bench;
mod bound;
mod cli;
mod client;
mod event_stream;
mod installation;
mod measure;
mod measurements;
mod order;
mod process;
mod server;
mod server_error;
mod stored_orders;
mod table;

use std::path::PathBuf;

use clap::Parser as _;
use tokio::runtime::Builder;

use crate::bench::{Bench, Outcome};
use crate::bound::Bound;
use crate::cli::{Cli, Part};
use crate::measurements::{burst, idle, page, queue, rates, stored, watchers};

fn main() -> Outcome {
    let cli = Cli::parse();
    let here = std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default();
    let bench = cli.bench(&here);
    if let Some(answer_bytes) = cli.serve_bound {
        return Ok(Builder::new_multi_thread().enable_all().build()?.block_on(bound::serve(answer_bytes))?);
    }
    if let Some(bound) = cli.measure_queue {
        let measured = queue::run_here(&bench.folder, bench.duration, bound);
        return Builder::new_multi_thread().enable_all().build()?.block_on(measured);
    }
    // One thread, because the server needs the rest of the machine.
    Builder::new_current_thread().enable_all().build()?.block_on(run(&cli, bench))
}

/// Runs the parts, one after the other.
async fn run(cli: &Cli, mut bench: Bench) -> Outcome {
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
            Part::Queue => queue::run(&bench).await?,
            Part::Watchers => watchers::run(&bench, cli.watchers).await?,
            Part::Page => page::run(&bench).await?,
            Part::Stored => stored::run(&bench, cli.stored).await?,
        }
    }
    Ok(())
}

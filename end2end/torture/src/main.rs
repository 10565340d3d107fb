//! Fault injection for Docket: injects the faults of real machines while customers order, and checks the result from
//! outside.
//!
//! A [`driver`] that is never killed records every request and its answer, and [`watch`]ers hold the orders that they
//! were sent; the sandbox, which is never killed either, has the ledgers of payment service and carrier. The
//! [`experiments`] inject faults, one file each. At its end a [`trial`] clears all faults and waits until no work is
//! open; then the [`checker`] compares answers, events and ledgers with the [`final_state`], by twelve invariants. One
//! experiment plants bugs in Docket, each of which another experiment must find: a checker that cannot fail proves
//! nothing.
//!
//! Every random choice depends on a seed, which is printed. `RESULTS.md` has the recorded results.

mod api;
mod checker;
mod cli;
mod client;
mod driver;
mod experiment;
mod experiments;
mod final_state;
mod history;
mod machine;
mod measure;
mod report;
mod run;
mod system;
mod trial;
mod watch;
mod workload;

use std::process::ExitCode;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::Cli;

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    if cli.list {
        experiments::list();
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let code = runtime.block_on(async {
        tokio::select! {
            code = run::run(&cli) => code,
            // Dropping the experiment kills its processes.
            stopped = stop_signal() => stopped.map(|()| ExitCode::FAILURE),
        }
    });
    // Tasks of connections to a server that has ended need not be waited for.
    runtime.shutdown_background();
    code
}

async fn stop_signal() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}

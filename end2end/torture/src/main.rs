//! Fault injection for Docket: breaks it in every way that machines break, while customers order, and checks the
//! result from outside.
//!
//! A [`driver`] that is never killed records what was promised, and [`watch`]ers hold what they were sent; the
//! sandbox, which is never killed either, has the ledgers of payment service and carrier. The [`experiments`] inject
//! faults, one file each. In the end a [`trial`] heals everything and waits until all is quiet, and the [`checker`]
//! compares promises, events and ledgers with the state at the end ([`final_state`]), by twelve invariants. One experiment
//! plants bugs in Docket, each of which the others must find: a checker that cannot fail proves nothing.
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
            // Stopping the rig stops its children.
            stopped = stopped() => stopped.map(|()| ExitCode::FAILURE),
        }
    });
    // Connections to a server that is gone have nothing to report.
    runtime.shutdown_background();
    code
}

async fn stopped() -> anyhow::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}

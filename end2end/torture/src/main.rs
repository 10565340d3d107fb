//! Breaks Docket in every way that machines break, while customers order, and judges from outside what became of them.
//!
//! A [`driver`] that is never killed knows what it was promised, and [`watch`]ers hold what they were told; the sandbox,
//! never killed either, has the books of payment service and carrier. [`experiments`] break things, one file each. In the
//! end a [`trial`] heals everything and waits until all is quiet, and the [`checker`] compares what was promised, told and
//! booked with what is [`found`], by twelve invariants. One experiment plants bugs in Docket, each of which the others must
//! find: a checker that cannot fail proves nothing.
//!
//! Everything that is drawn by lot is drawn from a seed, which is printed. `RESULTS.md` keeps what came out.

mod api;
mod checker;
mod cli;
mod client;
mod driver;
mod experiment;
mod experiments;
mod found;
mod history;
mod machine;
mod measure;
mod report;
mod run;
mod shop;
mod system;
mod trial;
mod watch;

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
            // Whoever stops the rig stops what it started, too.
            stopped = stopped() => stopped.map(|()| ExitCode::FAILURE),
        }
    });
    // What still listens to a server that is gone has nothing to say.
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

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

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

use crate::experiment::Scale;

/// Torture Docket, and judge what is left of it
///
/// Exits with 1 when anything was lost, doubled, stuck or otherwise not as promised.
#[derive(Debug, Clone, Parser)]
#[command(name = "torture")]
pub struct Cli {
    /// The program under test
    #[arg(long, value_name = "PROGRAM")]
    docket: PathBuf,
    /// The same program with failpoints, for the experiments that need them
    #[arg(long, value_name = "PROGRAM")]
    failpoints: Option<PathBuf>,
    /// Schemathesis, for the experiment that needs it
    #[arg(long, value_name = "PROGRAM")]
    schemathesis: Option<PathBuf>,
    /// Only this experiment
    #[arg(long, value_name = "NAME", value_parser = experiments::named)]
    only: Vec<&'static experiment::Experiment>,
    /// What everything is drawn from [default: drawn by lot, and printed]
    #[arg(long)]
    seed: Option<u64>,
    /// As much as the promises ask for, which takes hours
    #[arg(long, conflicts_with = "slice")]
    full: bool,
    /// Only what runs with every test, and little of it
    #[arg(long)]
    slice: bool,
    /// Where to keep data while it runs; it should be on a real disk
    #[arg(long, default_value = "target/torture")]
    folder: PathBuf,
    /// Write the table into this file
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Say what there is, and do nothing
    #[arg(long)]
    list: bool,
    /// Write what one experiment finds into this file: for itself, in a namespace of its own
    #[arg(long, hide = true)]
    inside: Option<PathBuf>,
}

impl Cli {
    fn scale(&self) -> Scale {
        match (self.slice, self.full) {
            (true, _) => Scale::Slice,
            (_, true) => Scale::Full,
            _ => Scale::Usual,
        }
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    if cli.list {
        report::list();
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

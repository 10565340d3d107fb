//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::experiment::{Experiment, Scale};
use crate::experiments;

/// Inject faults into Docket, and check every promise afterwards
///
/// Exits with 1 when an experiment finds a violation or fails itself.
#[derive(Debug, Clone, Parser)]
#[command(name = "torture")]
pub struct Cli {
    /// The program under test
    #[arg(long, value_name = "PROGRAM")]
    pub docket: PathBuf,
    /// The same program with failpoints, for the experiments that need them
    #[arg(long, value_name = "PROGRAM")]
    pub failpoints: Option<PathBuf>,
    /// Schemathesis, for the experiment that needs it
    #[arg(long, value_name = "PROGRAM")]
    pub schemathesis: Option<PathBuf>,
    /// Only this experiment
    #[arg(long, value_name = "NAME", value_parser = experiments::by_name)]
    pub only: Vec<&'static Experiment>,
    /// The seed of all random choices [default: random, and printed]
    #[arg(long)]
    pub seed: Option<u64>,
    /// The full scale, which takes hours
    #[arg(long, conflicts_with = "smoke")]
    pub full: bool,
    /// Only the experiments of the test command, at a small scale
    #[arg(long)]
    pub smoke: bool,
    /// The folder for the data of running experiments; it should be on a real disk
    #[arg(long, default_value = "target/torture")]
    pub folder: PathBuf,
    /// Insert the table of results into this file
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// List the experiments
    #[arg(long)]
    pub list: bool,
    /// Write the verdict of one experiment into this file; used for experiments in a namespace of their own
    #[arg(long, hide = true)]
    pub verdict_file: Option<PathBuf>,
}

impl Cli {
    pub fn scale(&self) -> Scale {
        match (self.smoke, self.full) {
            (true, _) => Scale::Smoke,
            (_, true) => Scale::Full,
            _ => Scale::Usual,
        }
    }
}

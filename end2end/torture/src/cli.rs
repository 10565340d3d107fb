//! The command line.

use std::path::PathBuf;

use clap::Parser;

use crate::experiment::{Experiment, Scale};
use crate::experiments;

/// Torture Docket, and judge what is left of it
///
/// Exits with 1 when anything was lost, doubled, stuck or otherwise not as promised.
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
    #[arg(long, value_name = "NAME", value_parser = experiments::named)]
    pub only: Vec<&'static Experiment>,
    /// What everything is drawn from [default: drawn by lot, and printed]
    #[arg(long)]
    pub seed: Option<u64>,
    /// As much as the promises ask for, which takes hours
    #[arg(long, conflicts_with = "slice")]
    pub full: bool,
    /// Only what runs with every test, and little of it
    #[arg(long)]
    pub slice: bool,
    /// Where to keep data while it runs; it should be on a real disk
    #[arg(long, default_value = "target/torture")]
    pub folder: PathBuf,
    /// Write the table into this file
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Say what there is, and do nothing
    #[arg(long)]
    pub list: bool,
    /// Write what one experiment finds into this file: for itself, in a namespace of its own
    #[arg(long, hide = true)]
    pub inside: Option<PathBuf>,
}

impl Cli {
    pub fn scale(&self) -> Scale {
        match (self.slice, self.full) {
            (true, _) => Scale::Slice,
            (_, true) => Scale::Full,
            _ => Scale::Usual,
        }
    }
}

//! The command line.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::bench::Bench;

/// Measure how many orders a server accepts durably, beside a server that stores nothing.
///
/// It starts `docket serve`, the program beside this one, on a new database for every figure. Nothing else may run on
/// the machine. It exits with 0 whatever the figures are.
///
/// A rate is also given as a share of the bound: a server that parses, hashes and answers the same order without a
/// database, at the same number of connections. It is measured before each part, because the speed of a shared machine
/// drifts.
///
/// The client is one thread, and was checked against wrk 4.1 (`-t1 -c64`) on the bound: wrk reached 72,000 requests a
/// second, this client 84,000 to 107,000. So the client is not what limits a figure. RESULTS.md has figures of whole
/// runs.
#[derive(Debug, Parser)]
#[command(name = "load")]
pub struct Cli {
    /// The program to measure
    #[arg(long, value_name = "PROGRAM")]
    docket: Option<PathBuf>,
    /// Where to keep the databases; it should be on a real disk [default: beside this program]
    #[arg(long)]
    folder: Option<PathBuf>,
    /// The built site [default: `site` beside this program, or in the target folder of this program]
    #[arg(long, value_name = "FOLDER")]
    site: Option<PathBuf>,
    /// The parts to run [default: all]
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    only: Vec<Part>,
    /// The numbers of concurrent connections; parts that measure at one number take the largest
    #[arg(long, value_delimiter = ',', default_values_t = [1, 64])]
    concurrency: Vec<usize>,
    /// How long each rate is measured, in seconds
    #[arg(long, default_value_t = 5)]
    seconds: u64,
    /// How long the burst submits orders, in seconds; it is measured until the last of them is confirmed
    #[arg(long, default_value_t = 2)]
    pub burst: u64,
    /// How many orders are submitted one by one to measure when their work starts; 0 skips it
    #[arg(long, default_value_t = 200)]
    pub first_steps: u64,
    /// How many streams of one order are opened; 0 skips them
    #[arg(long, default_value_t = 10_000)]
    pub watchers: u32,
    /// How many orders the large database has, such as 100000; 0 skips it
    #[arg(long, default_value_t = 0)]
    pub stored: u64,
    /// Measure the queue in this process, and print its rate as a share of this one
    #[arg(long, hide = true, value_name = "PER_SECOND")]
    pub measure_queue: Option<f64>,
    /// Be the bound
    #[arg(long, hide = true, value_name = "ANSWER_BYTES")]
    pub serve_bound: Option<usize>,
}

/// A part of the benchmark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Orders accepted per second: with all queues paused, while they are worked, and while payment service and carrier
    /// are down
    Rates,
    /// Card orders confirmed per second, from the first submission of a burst until the last of its orders is confirmed
    Burst,
    /// Threads and resident memory of a server that was just started, and how soon it starts the work of an order
    Idle,
    /// No-op jobs through the queue of the store, each enqueued, claimed and settled, per second and all durable; BullMQ 5
    /// on Redis with `appendfsync everysec` completed 17,900 a second on cores of the same kind
    Queue,
    /// Idle server-sent event streams of one order: the resident memory of the server for each, and the time until one
    /// event has reached all of them
    Watchers,
    /// First pages of the shop (`GET /`) with 24 products per second, each for a new visitor; needs the built site
    Page,
    /// Accepted orders, and the latency of lists and overview at one connection, with a fresh and with a large database;
    /// needs --stored
    Stored,
}

impl Cli {
    /// Returns the parts to run, in their order.
    pub fn parts(&self) -> impl Iterator<Item = Part> {
        Part::value_variants().iter().copied().filter(|part| self.only.is_empty() || self.only.contains(part))
    }

    /// Returns the settings of the run, for the program in the folder `here`.
    pub fn bench(&self, here: &Path) -> Bench {
        Bench {
            docket: self.docket.clone().unwrap_or_else(|| here.join("docket")),
            folder: self.folder.clone().unwrap_or_else(|| here.to_owned()),
            site: self.site.clone().or_else(|| built_site(here)),
            concurrency: self.concurrency.clone(),
            duration: Duration::from_secs(self.seconds),
            bound_address: String::new(),
        }
    }
}

/// Returns the site that a server in the folder `here` finds by itself.
fn built_site(here: &Path) -> Option<PathBuf> {
    let places = here.ancestors().take(2).map(|folder| folder.join("site"));
    places.into_iter().find(|place| place.join("pkg").is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_parts_run_unless_some_are_named() {
        let parts = |arguments: &[&str]| Cli::parse_from(arguments).parts().collect::<Vec<_>>();
        assert_eq!(parts(&["load"]), Part::value_variants());
        assert_eq!(parts(&["load", "--only", "idle,burst"]), [Part::Burst, Part::Idle]);
    }
}

//! `kill -9` at a random write of the migration, by `strace`, one to three times; then a start that is not killed.

use std::collections::BTreeMap;
use std::fs;

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::system::{Docket, Options, Workdir};
use crate::trial::Trial;
use crate::workload::Mix;

pub const EXPERIMENT: Experiment = Experiment {
    name: "migration-kill",
    description: "kill -9 at a random write of starts on an empty database, by strace, then a start without it",
    pass: "the next start completes the migration, docket check finds no violation, and orders are processed",
    is_smoke_test: false,
    requires: &[Requirement::Strace],
    run: |config| Box::pin(run(config)),
};

/// The calls that write to the file or sync it.
const WRITES: &str = "pwrite64,fsync,fdatasync";

async fn run(config: RunConfig) -> Result<Findings> {
    let rounds = config.pick(5, 12, 50);
    let mut rng = Rng::with_seed(config.seed);
    let mut findings = Findings::default();
    let writes = writes_of_a_start(&config).await?;
    let (mut kills, mut incomplete) = (0, 0);
    for round in 1..=rounds {
        let workdir = Workdir::create(&config.paths)?;
        let mut docket = Docket::new(&workdir, Options::default());
        for _ in 0..rng.u32(1..=3) {
            docket.options.wrapper = killed_at(rng.u32(1..=writes));
            kills += u32::from(docket.start().await.is_err());
            docket.kill().await?;
            // `docket check` reports an incomplete schema as an older version.
            let is_incomplete = workdir.database().is_file() && docket.run_command(&["check"]).await.is_err();
            incomplete += u32::from(is_incomplete);
        }
        docket.options.wrapper.clear();
        docket.start().await.with_context(|| format!("the start after the kills of round {round}"))?;
        docket.kill().await?;
        docket.run_command(&["check"]).await?;
        let load =
            Load { clients: 2, orders: 10, mix: Mix::Confirmable, watched_orders: 1, ..Load::default() };
        let mut trial = Trial::begin_at(workdir, &config, Options::default(), load).await?;
        trial.driver.wait_until_answered().await;
        let round_findings = trial.finish(Findings::default()).await?;
        findings.include(&format!("round {round}"), Findings { figures: Vec::new(), ..round_findings });
    }
    findings.figure("databases", rounds);
    findings.figure("kills", format!("{kills}, at one of {writes} writes"));
    findings.figure("incomplete databases", incomplete);
    findings.expect(incomplete > 0, || "no kill interrupted a migration".to_owned());
    Ok(findings)
}

/// Returns how many writes the busiest thread of a first start makes.
async fn writes_of_a_start(config: &RunConfig) -> Result<u32> {
    let workdir = Workdir::create(&config.paths)?;
    let trace = workdir.file("trace");
    let mut docket = Docket::new(&workdir, Options::default());
    docket.options.wrapper = traced(&["-o", &trace.display().to_string()]);
    docket.start().await?;
    docket.kill().await?;
    let writes = max_writes_of_a_thread(&fs::read_to_string(trace)?);
    ensure!(writes > 0, "strace saw no write");
    Ok(writes)
}

/// Returns the largest number of calls of one thread, by the thread id at the start of each line of `strace -f`. An
/// interrupted call has a second line.
fn max_writes_of_a_thread(trace: &str) -> u32 {
    let mut writes: BTreeMap<&str, u32> = BTreeMap::new();
    for line in trace.lines().filter(|line| line.contains('(')) {
        let thread = line.split_whitespace().next().unwrap_or_default();
        *writes.entry(thread).or_default() += 1;
    }
    writes.into_values().max().unwrap_or_default()
}

/// Returns a wrapper that kills the server at this write of a thread.
fn killed_at(write: u32) -> Vec<String> {
    traced(&["-o", "/dev/null", "-e", &format!("inject={WRITES}:signal=KILL:when={write}")])
}

/// Returns a wrapper that traces writes, with more arguments of `strace`.
fn traced(arguments: &[&str]) -> Vec<String> {
    let trace = format!("trace={WRITES}");
    let wrapper = ["strace", "-f", "-q", "-e", &trace].into_iter().chain(arguments.iter().copied());
    wrapper.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writes_of_the_busiest_thread_count() {
        let trace = "12 pwrite64(5) = 1\n13   fsync(5 <unfinished ...>\n12 fdatasync(5) = 0\n13 <... fsync resumed>) = 0\n";
        assert_eq!(max_writes_of_a_thread(trace), 2);
        assert_eq!(max_writes_of_a_thread(""), 0);
    }
}

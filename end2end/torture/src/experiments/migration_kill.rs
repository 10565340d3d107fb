//! `kill -9` during the migration: at a random write, by `strace`, several times until one start succeeds.

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
    description: "kill -9 at a write drawn by lot of starts on an empty database, by strace, then a start without",
    pass: "the next start makes the rest of the tables, docket check is content, and orders go through",
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
    let (mut kills, mut half_made) = (0, 0);
    for round in 1..=rounds {
        let workdir = Workdir::make(&config.paths)?;
        let mut docket = Docket::with_settings(&workdir, Options::default());
        for _ in 0..rng.u32(1..=3) {
            docket.options.wrapper = killed_at(rng.u32(1..=writes));
            kills += u32::from(docket.start().await.is_err());
            docket.kill().await?;
            // An incomplete schema is reported as an older version.
            let is_half_made = workdir.database().is_file() && docket.run_command(&["check"]).await.is_err();
            half_made += u32::from(is_half_made);
        }
        docket.options.wrapper.clear();
        docket.start().await.with_context(|| format!("the start after the kills of round {round}"))?;
        docket.kill().await?;
        docket.run_command(&["check"]).await?;
        let load =
            Load { clients: 2, orders: 10, mix: Mix::Confirmable, watcher_state: 1, ..Load::default() };
        let mut trial = Trial::begin_at(workdir, &config, Options::default(), load).await?;
        trial.driver.wait_until_answered().await;
        let of_round = trial.finish(Findings::default()).await?;
        findings.include(&format!("round {round}"), Findings { figures: Vec::new(), ..of_round });
    }
    findings.figure("databases", rounds);
    findings.figure("kills", format!("{kills}, at one of {writes} writes"));
    findings.figure("left half-made", half_made);
    findings.expect(half_made > 0, || "no kill came while tables were made".to_owned());
    Ok(findings)
}

/// Returns how many writes the busiest thread of a first start makes.
async fn writes_of_a_start(config: &RunConfig) -> Result<u32> {
    let workdir = Workdir::make(&config.paths)?;
    let trace = workdir.file("trace");
    let mut docket = Docket::with_settings(&workdir, Options::default());
    docket.options.wrapper = traced(&["-o", &trace.display().to_string()]);
    docket.start().await?;
    docket.kill().await?;
    let writes = busiest(&fs::read_to_string(trace)?);
    ensure!(writes > 0, "strace saw no write");
    Ok(writes)
}

/// Returns the largest number of calls of one thread, by the thread id at the start of each line of `strace -f`. An
/// interrupted call has a second line.
fn busiest(trace: &str) -> u32 {
    let mut writes: BTreeMap<&str, u32> = BTreeMap::new();
    for line in trace.lines().filter(|line| line.contains('(')) {
        let thread = line.split_whitespace().next().unwrap_or_default();
        *writes.entry(thread).or_default() += 1;
    }
    writes.into_values().max().unwrap_or_default()
}

fn killed_at(write: u32) -> Vec<String> {
    traced(&["-o", "/dev/null", "-e", &format!("inject={WRITES}:signal=KILL:when={write}")])
}

fn traced(arguments: &[&str]) -> Vec<String> {
    let trace = format!("trace={WRITES}");
    let all = ["strace", "-f", "-q", "-e", &trace].into_iter().chain(arguments.iter().copied());
    all.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_writes_of_the_busiest_thread_count() {
        let trace = "12 pwrite64(5) = 1\n13   fsync(5 <unfinished ...>\n12 fdatasync(5) = 0\n13 <... fsync resumed>) = 0\n";
        assert_eq!(busiest(trace), 2);
        assert_eq!(busiest(""), 0);
    }
}

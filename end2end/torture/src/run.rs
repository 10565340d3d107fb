//! Runs the experiments one after the other.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;
use tokio::time::Instant;

use crate::cli::Cli;
use crate::experiment::{Bench, Ending, Experiment, Need, Scale};
use crate::experiments::ALL;
use crate::machine;
use crate::report::{Report, say};
use crate::system::Ground;

/// Generous, for slow machines.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs the selected experiments.
///
/// # Errors
/// When the rig itself fails.
pub async fn run(cli: &Cli) -> Result<ExitCode> {
    let program =
        |path: &Path| path.canonicalize().with_context(|| format!("there is no {}", path.display()));
    std::fs::create_dir_all(&cli.folder)?;
    let ground = Ground {
        docket: program(&cli.docket)?,
        failpoints: cli.failpoints.as_deref().map(program).transpose()?,
        schemathesis: cli.schemathesis.as_deref().map(program).transpose()?,
        folder: cli.folder.canonicalize()?,
    };
    let seed = cli.seed.unwrap_or_else(|| fastrand::u64(..1_000_000_000));
    let bench = Bench { ground, seed, scale: cli.scale(), patience: PATIENCE };
    if let Some(file) = &cli.inside {
        let experiment = cli.only.first().context("--inside needs --only")?;
        let ending = Ending::from((experiment.run)(bench).await);
        std::fs::write(file, serde_json::to_vec(&ending)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let chosen: Vec<&Experiment> = match (&cli.only[..], bench.scale) {
        ([], Scale::Slice) => ALL.iter().copied().filter(|experiment| experiment.in_slice).collect(),
        ([], _) => ALL.to_vec(),
        (only, _) => only.to_vec(),
    };
    let mut report = Report::new(seed, bench.scale, machine::description());
    say(format_args!("{}", report.headline()));
    for (place, experiment) in chosen.iter().enumerate() {
        say(format_args!("[{}/{}] {}: {}", place + 1, chosen.len(), experiment.name, experiment.how));
        let began = Instant::now();
        let ending = perform(experiment, &bench).await;
        report.add(experiment, ending, began.elapsed());
    }
    report.print();
    if let Some(file) = &cli.record {
        report.record(file)?;
    }
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn perform(experiment: &Experiment, bench: &Bench) -> Ending {
    if let Some(why) = experiment.needs.iter().find_map(|need| machine::lacks(*need, &bench.ground)) {
        return Ending::Skipped(why);
    }
    if experiment.needs.iter().any(|need| matches!(need, Need::Mounts | Need::PowerCut)) {
        return in_namespace(experiment, bench)
            .await
            .unwrap_or_else(|error| Ending::Broken(format!("{error:#}")));
    }
    (experiment.run)(bench.clone()).await.into()
}

/// Runs this program again in a mount namespace of its own, which ends with it.
async fn in_namespace(experiment: &Experiment, bench: &Bench) -> Result<Ending> {
    let file = bench.ground.folder.join(format!("{}-{}.json", experiment.name, std::process::id()));
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .arg(std::env::current_exe()?);
    command.arg("--docket").arg(&bench.ground.docket).arg("--folder").arg(&bench.ground.folder);
    if let Some(failpoints) = &bench.ground.failpoints {
        command.arg("--failpoints").arg(failpoints);
    }
    command.args(["--only", experiment.name, "--seed", &bench.seed.to_string(), "--inside"]).arg(&file);
    match bench.scale {
        Scale::Slice => drop(command.arg("--slice")),
        Scale::Full => drop(command.arg("--full")),
        Scale::Usual => {}
    }
    let status = command.kill_on_drop(true).status().await?;
    ensure!(status.success(), "it ended with {status}");
    let ending = serde_json::from_slice(&std::fs::read(&file)?)?;
    std::fs::remove_file(file)?;
    Ok(ending)
}

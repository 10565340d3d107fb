//! Runs the experiments one after the other.

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;
use tokio::time::Instant;

use crate::cli::Cli;
use crate::experiment::{Experiment, Requirement, RunConfig, Scale, Verdict};
use crate::experiments::ALL;
use crate::machine;
use crate::report::{Report, print_line};
use crate::system::Paths;

/// How long a trial may take to become quiet; generous, for slow machines.
const TIME_LIMIT: Duration = Duration::from_secs(120);

/// Runs the selected experiments.
///
/// # Errors
/// When the rig itself fails.
pub async fn run(cli: &Cli) -> Result<ExitCode> {
    let canonical =
        |path: &Path| path.canonicalize().with_context(|| format!("{} does not exist", path.display()));
    std::fs::create_dir_all(&cli.folder)?;
    let paths = Paths {
        docket: canonical(&cli.docket)?,
        failpoints: cli.failpoints.as_deref().map(canonical).transpose()?,
        schemathesis: cli.schemathesis.as_deref().map(canonical).transpose()?,
        folder: cli.folder.canonicalize()?,
    };
    let seed = cli.seed.unwrap_or_else(|| fastrand::u64(..1_000_000_000));
    let config = RunConfig { paths, seed, scale: cli.scale(), time_limit: TIME_LIMIT };
    if let Some(file) = &cli.verdict_file {
        let experiment = cli.only.first().context("--verdict-file needs --only")?;
        let verdict = Verdict::from((experiment.run)(config).await);
        std::fs::write(file, serde_json::to_vec(&verdict)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let selected: Vec<&Experiment> = match (&cli.only[..], config.scale) {
        ([], Scale::Smoke) => ALL.iter().copied().filter(|experiment| experiment.is_smoke_test).collect(),
        ([], _) => ALL.to_vec(),
        (only, _) => only.to_vec(),
    };
    let mut report = Report::new(seed, config.scale, machine::description());
    print_line(format_args!("{}", report.headline()));
    for (index, experiment) in selected.iter().enumerate() {
        print_line(format_args!(
            "[{}/{}] {}: {}",
            index + 1,
            selected.len(),
            experiment.name,
            experiment.description
        ));
        let began = Instant::now();
        let verdict = run_experiment(experiment, &config).await;
        report.add(experiment, verdict, began.elapsed());
    }
    report.print();
    if let Some(file) = &cli.record {
        report.record(file)?;
    }
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn run_experiment(experiment: &Experiment, config: &RunConfig) -> Verdict {
    if let Some(reason) = experiment
        .requires
        .iter()
        .find_map(|requirement| machine::missing_requirement(*requirement, &config.paths))
    {
        return Verdict::Skipped(reason);
    }
    if experiment
        .requires
        .iter()
        .any(|requirement| matches!(requirement, Requirement::Mounts | Requirement::PowerCut))
    {
        return run_in_namespace(experiment, config)
            .await
            .unwrap_or_else(|error| Verdict::Broken(format!("{error:#}")));
    }
    (experiment.run)(config.clone()).await.into()
}

/// Runs this program again for one experiment, in a mount namespace of its own: its mounts disappear when it ends.
async fn run_in_namespace(experiment: &Experiment, config: &RunConfig) -> Result<Verdict> {
    let file = config.paths.folder.join(format!("{}-{}.json", experiment.name, std::process::id()));
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc"])
        .arg(std::env::current_exe()?);
    command.arg("--docket").arg(&config.paths.docket).arg("--folder").arg(&config.paths.folder);
    if let Some(failpoints) = &config.paths.failpoints {
        command.arg("--failpoints").arg(failpoints);
    }
    command
        .args(["--only", experiment.name, "--seed", &config.seed.to_string(), "--verdict-file"])
        .arg(&file);
    match config.scale {
        Scale::Smoke => drop(command.arg("--smoke")),
        Scale::Full => drop(command.arg("--full")),
        Scale::Usual => {}
    }
    let status = command.kill_on_drop(true).status().await?;
    ensure!(status.success(), "`unshare` ended with {status}");
    let verdict = serde_json::from_slice(&std::fs::read(&file)?)?;
    std::fs::remove_file(file)?;
    Ok(verdict)
}

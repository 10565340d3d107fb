//! The disk is full, and later it is not.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::{Instant, timeout_at};

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::system::{Options, Workdir};
use crate::trial::Trial;
use crate::workload::Mix;

pub const EXPERIMENT: Experiment = Experiment {
    name: "disk-full",
    description: "a small file system is filled to the brim while customers order, then freed",
    pass: "what is refused is refused with a word, acknowledged ⊆ found, and it goes on by itself once there is room",
    is_smoke_test: true,
    requires: &[Requirement::Mounts],
    run: |config| Box::pin(run(config)),
};

async fn run(config: RunConfig) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut workdir = Workdir::make(&config.paths)?;
    // The orders of all rounds fit; the ballast fills the disk.
    let size = format!("size={}m", config.pick(24, 96, 384));
    workdir.mount(&["-t", "tmpfs", "-o", &size, "torture"])?;
    let load = Load { clients: 4, mix: Mix::Confirmable, ..Load::unlimited(config.pick(30.0, 50.0, 50.0)) };
    // The server must meet the full disk rather than refuse orders before.
    let options = Options::default().with("DOCKET_MIN_FREE_MB", 0);
    let mut trial = Trial::begin_at(workdir, &config, options, load).await?;
    let (mut restarts, mut waits) = (0, Vec::new());
    for round in 0..config.pick(2, 5, 20) {
        progress(&mut trial, 20, &mut restarts).await?;
        let ballast = trial.system.workdir.data.join(format!("ballast-{round}"));
        fill(&ballast)?;
        trial.history.annotate("the disk is full");
        nothing_more(&trial).await;
        fs::remove_file(&ballast)?;
        trial.history.annotate("the disk has room again");
        let freed = Instant::now();
        progress(&mut trial, 1, &mut restarts).await?;
        waits.push(freed.elapsed());
    }
    trial.driver.stop();
    findings.figure("times full", waits.len());
    findings.figure("from room to the next order", crate::measure::spread(&waits));
    findings.figure("starts that it took", restarts);
    let refusals = trial.history.read().refusals;
    findings.figure("refusals", format!("{refusals:?}"));
    trial.finish(findings).await
}

/// Waits for this many more acknowledgements; restarts a server that has ended, as a supervisor would.
async fn progress(trial: &mut Trial, orders: u64, restarts: &mut usize) -> Result<()> {
    let mut heard = trial.history.acknowledgements();
    let goal = *heard.borrow() + orders;
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        *restarts += usize::from(trial.restart_if_ended().await?);
        tokio::select! {
            heard = heard.wait_for(|count| *count >= goal) => return Ok(heard.map(drop)?),
            ended = trial.system.docket.wait(until.duration_since(Instant::now())) => {
                ended.context("no order was accepted for a minute")?;
            }
        }
    }
}

/// Waits until nothing was accepted for a while, or for a fixed time if there is always room.
async fn nothing_more(trial: &Trial) {
    let mut heard = trial.history.acknowledgements();
    let longest = Instant::now() + Duration::from_secs(20);
    while timeout_at(longest.min(Instant::now() + Duration::from_secs(3)), heard.changed()).await.is_ok() {}
}

/// Writes until the disk is full.
fn fill(ballast: &Path) -> Result<()> {
    let mut file = File::create(ballast)?;
    let block = vec![0; 4096];
    while file.write_all(&block).is_ok() {}
    Ok(())
}

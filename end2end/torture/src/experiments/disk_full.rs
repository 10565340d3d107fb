//! The disk becomes full while customers order, and later has space again.

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
    description: "a small file system is filled while customers order, then freed",
    pass: "every refusal has a problem code, acknowledged ⊆ found, and orders are accepted again once there is space",
    is_smoke_test: true,
    requires: &[Requirement::Mounts],
    run: |config| Box::pin(run(config)),
};

async fn run(config: RunConfig) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut workdir = Workdir::create(&config.paths)?;
    // The orders of all rounds fit; only the ballast file fills the disk.
    let size = format!("size={}m", config.pick(24, 96, 384));
    workdir.mount(&["-t", "tmpfs", "-o", &size, "torture"])?;
    let load = Load { clients: 4, mix: Mix::Confirmable, ..Load::unlimited(config.pick(30.0, 50.0, 50.0)) };
    // The server must write until the disk is full, instead of refusing orders before.
    let options = Options::default().with_setting("DOCKET_MIN_FREE_MB", 0);
    let mut trial = Trial::begin_at(workdir, &config, options, load).await?;
    let (mut restarts, mut recoveries) = (0, Vec::new());
    for round in 0..config.pick(2, 5, 20) {
        wait_for_orders(&mut trial, 20, &mut restarts).await?;
        let ballast = trial.system.workdir.data.join(format!("ballast-{round}"));
        fill(&ballast)?;
        trial.history.annotate("the disk is full");
        wait_until_full(&trial).await;
        fs::remove_file(&ballast)?;
        trial.history.annotate("the disk has space again");
        let freed = Instant::now();
        wait_for_orders(&mut trial, 1, &mut restarts).await?;
        recoveries.push(freed.elapsed());
    }
    trial.driver.stop();
    findings.figure("times full", recoveries.len());
    findings.figure("from free space to the next order", crate::measure::spread(&recoveries));
    findings.figure("restarts", restarts);
    let refusals = trial.history.read().refusals;
    findings.figure("refusals", format!("{refusals:?}"));
    trial.finish(findings).await
}

/// Waits for this many more acknowledgements; restarts a server that has ended, as a supervisor would.
async fn wait_for_orders(trial: &mut Trial, orders: u64, restarts: &mut usize) -> Result<()> {
    let mut acknowledged = trial.history.acknowledgements();
    let target = *acknowledged.borrow() + orders;
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        *restarts += usize::from(trial.restart_if_ended().await?);
        tokio::select! {
            reached = acknowledged.wait_for(|count| *count >= target) => return Ok(reached.map(drop)?),
            ended = trial.system.docket.wait_for_exit(until.duration_since(Instant::now())) => {
                ended.context("no order was accepted for a minute")?;
            }
        }
    }
}

/// Waits until no order was accepted for 3 s, at most 20 s.
async fn wait_until_full(trial: &Trial) {
    let mut acknowledged = trial.history.acknowledgements();
    let until = Instant::now() + Duration::from_secs(20);
    while timeout_at(until.min(Instant::now() + Duration::from_secs(3)), acknowledged.changed()).await.is_ok()
    {
    }
}

/// Writes until the disk is full.
fn fill(ballast: &Path) -> Result<()> {
    let mut file = File::create(ballast)?;
    let block = vec![0; 4096];
    while file.write_all(&block).is_ok() {}
    Ok(())
}

//! The disk is full, and later it is not.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::time::{Instant, timeout_at};

use crate::driver::Load;
use crate::experiment::{Bench, Experiment, Findings, Need};
use crate::shop::Mix;
use crate::system::{Options, Place};
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "disk-full",
    how: "a small file system is filled to the brim while customers order, then freed",
    pass: "what is refused is refused with a word, acknowledged ⊆ found, and it goes on by itself once there is room",
    in_slice: true,
    needs: &[Need::Mounts],
    run: |bench| Box::pin(run(bench)),
};

async fn run(bench: Bench) -> Result<Findings> {
    let mut findings = Findings::default();
    let mut place = Place::make(&bench.ground)?;
    // The orders of all rounds fit; the ballast fills the disk.
    let size = format!("size={}m", bench.pick(24, 96, 384));
    place.mount(&["-t", "tmpfs", "-o", &size, "torture"])?;
    let load = Load { clients: 4, mix: Mix::Plain, ..Load::endless(bench.pick(30.0, 50.0, 50.0)) };
    // The server must meet the full disk rather than refuse orders before.
    let options = Options::default().with("DOCKET_MIN_FREE_MB", 0);
    let mut trial = Trial::begin_at(place, &bench, options, load).await?;
    let (mut restarts, mut waits) = (0, Vec::new());
    for round in 0..bench.pick(2, 5, 20) {
        progress(&mut trial, 20, &mut restarts).await?;
        let ballast = trial.system.place.data.join(format!("ballast-{round}"));
        fill(&ballast)?;
        trial.history.remark("the disk is full");
        nothing_more(&trial).await;
        fs::remove_file(&ballast)?;
        trial.history.remark("the disk has room again");
        let freed = Instant::now();
        progress(&mut trial, 1, &mut restarts).await?;
        waits.push(freed.elapsed());
    }
    trial.driver.stop();
    findings.fact("times full", waits.len());
    findings.fact("from room to the next order", crate::measure::spread(&waits));
    findings.fact("starts that it took", restarts);
    let refusals = trial.history.read().refusals;
    findings.fact("refusals", format!("{refusals:?}"));
    trial.finish(findings).await
}

/// Waits for this many more acknowledgements; restarts a server that has ended, as a supervisor would.
async fn progress(trial: &mut Trial, orders: u64, restarts: &mut usize) -> Result<()> {
    let mut heard = trial.history.acknowledgements();
    let goal = *heard.borrow() + orders;
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        *restarts += usize::from(trial.revive().await?);
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

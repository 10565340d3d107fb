//! The disk is full, and later it is not.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use tokio::time::{Instant, sleep};

use crate::checker::Allowed;
use crate::driver::Load;
use crate::experiment::{Bench, Experiment, Findings, Need};
use crate::history::Fate;
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
    place.mount(&["-t", "tmpfs", "-o", "size=24m", "torture"])?;
    let load = Load {
        clients: 4,
        orders: 100_000,
        per_second: bench.pick(30.0, 50.0, 50.0),
        mix: Mix::Plain,
        insists: true,
        watched: 0,
    };
    // It shall meet the end of the disk, not keep away from it.
    let options = Options::default().with("DOCKET_MIN_FREE_MB", 0);
    let mut trial = Trial::begin_at(place, &bench, options, load).await?;
    let (mut restarts, mut waits) = (0, Vec::new());
    for round in 0..bench.pick(2, 5, 20) {
        let before = trial.history.count(Fate::Acknowledged);
        progress(&mut trial, before + 20, &mut restarts).await?;
        let ballast = trial.system.place.data.join(format!("ballast-{round}"));
        fill(&ballast)?;
        trial.history.remark("the disk is full");
        let full = Instant::now();
        // Until nothing was accepted for a while, or long enough if it finds room all the time.
        let mut last = (trial.history.count(Fate::Acknowledged), Instant::now());
        while last.1.elapsed() < Duration::from_secs(3) && full.elapsed() < Duration::from_secs(20) {
            restarts += usize::from(!trial.system.docket.is_running());
            sleep(Duration::from_millis(100)).await;
            let now = trial.history.count(Fate::Acknowledged);
            if now > last.0 {
                last = (now, Instant::now());
            }
        }
        fs::remove_file(&ballast)?;
        trial.history.remark("the disk has room again");
        let freed = Instant::now();
        let accepted = trial.history.count(Fate::Acknowledged);
        progress(&mut trial, accepted + 1, &mut restarts).await?;
        waits.push(freed.elapsed());
    }
    trial.driver.stop();
    findings.fact("times full", waits.len());
    findings.fact("from room to the next order", crate::measure::spread(&waits));
    findings.fact("starts that it took", restarts);
    let refusals = trial.history.read().refusals;
    findings.fact("refusals", format!("{refusals:?}"));
    trial.finish(Allowed::default(), &mut findings).await?;
    Ok(findings)
}

/// Waits until so many orders are acknowledged; starts a server that has ended, as its supervisor would.
async fn progress(trial: &mut Trial, orders: usize, restarts: &mut usize) -> Result<()> {
    let until = Instant::now() + Duration::from_secs(60);
    while trial.history.count(Fate::Acknowledged) < orders {
        ensure!(Instant::now() < until, "no order was accepted for a minute");
        *restarts += usize::from(trial.revive().await?);
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Writes until there is no room.
fn fill(ballast: &Path) -> Result<()> {
    let mut file = File::create(ballast)?;
    let block = vec![0; 4096];
    while file.write_all(&block).is_ok() {}
    Ok(())
}

//! The power is cut: an ext4 in a file is shut off at a moment drawn by lot, so that what was not made durable is gone.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use fastrand::Rng;
use tokio::time::sleep;

use crate::checker::Allowed;
use crate::driver::Load;
use crate::experiment::{Bench, Experiment, Findings, Need};
use crate::measure::spread;
use crate::shop::Mix;
use crate::system::{Options, Place};
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "power-cut",
    how: "the file system of the data is cut off at a moment drawn by lot (EXT4_IOC_SHUTDOWN without a flush), and mounted again",
    pass: "lost, doubled, stuck 0",
    in_slice: true,
    needs: &[Need::PowerCut],
    run: |bench| Box::pin(run(bench)),
};

async fn run(bench: Bench) -> Result<Findings> {
    let rounds = bench.pick(20, 30, 100);
    let mut findings = Findings::default();
    cut(&bench, Options::default(), rounds, &mut findings).await?;
    Ok(findings)
}

/// Cuts the power so many times while customers order, and judges.
///
/// # Errors
/// When the disk cannot be made, or the system does not start.
pub async fn cut(bench: &Bench, options: Options, rounds: usize, findings: &mut Findings) -> Result<()> {
    let mut rng = Rng::with_seed(bench.seed);
    let place = Place::make(&bench.ground)?;
    let disk = Disk::make(&place)?;
    let load = Load {
        clients: 8,
        orders: 1_000_000,
        per_second: bench.pick(60.0, 80.0, 80.0),
        mix: Mix::Everything,
        insists: true,
        watched: 0,
    };
    let mut trial = Trial::begin_at(place, bench, options, load).await?;
    let mut ready = Vec::new();
    for _ in 0..rounds {
        sleep(Duration::from_millis(rng.u64(100..900))).await;
        // Whoever loses the power says nothing more: what a server that lived on would acknowledge is not its word.
        trial.system.docket.freeze().await?;
        disk.cut()?;
        trial.history.remark("the power is cut");
        trial.system.docket.kill().await?;
        disk.restore()?;
        ready.push(trial.system.docket.start().await?);
    }
    trial.driver.stop();
    findings.fact("power cuts", rounds);
    findings.fact("from power to ready", spread(&ready));
    trial.finish(Allowed::default(), findings).await
}

/// A disk in a file, mounted where Docket keeps its data, in this namespace alone.
#[derive(Debug)]
struct Disk {
    image: PathBuf,
    at: PathBuf,
}

impl Disk {
    fn make(place: &Place) -> Result<Self> {
        let disk = Self { image: place.file("disk.img"), at: place.data.clone() };
        std::fs::File::create(&disk.image)?.set_len(1 << 30)?;
        tell(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&disk.image))?;
        disk.mount()?;
        Ok(disk)
    }

    /// Shuts the file system off without writing anything that is still on its way. The call has no safe wrapper and this
    /// program no unsafe code, so Perl makes it, which is on every Linux.
    fn cut(&self) -> Result<()> {
        let call = "open(my $f, '<', $ARGV[0]) or die $!; ioctl($f, 0x8004587d, my $without_flush = pack('L', 2)) or die $!";
        tell(Command::new("perl").args(["-e", call]).arg(&self.at))
    }

    fn restore(&self) -> Result<()> {
        tell(Command::new("umount").arg(&self.at))?;
        self.mount()
    }

    fn mount(&self) -> Result<()> {
        tell(Command::new("mount").args(["-o", "loop"]).arg(&self.image).arg(&self.at))
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        drop(unmount(&self.at));
    }
}

fn unmount(at: &Path) -> Result<()> {
    tell(Command::new("umount").arg("--lazy").arg(at))
}

fn tell(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?}"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

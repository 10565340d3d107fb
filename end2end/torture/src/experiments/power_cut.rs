//! A power cut: an ext4 file system in a file is shut down at a random time, so that everything unsynced is lost.

use std::fs::File;
use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use tokio::time::sleep;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::measure::spread;
use crate::system::{Options, Workdir, run_program};
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "power-cut",
    description: "the file system is shut down at a random time (EXT4_IOC_SHUTDOWN without a flush) and mounted again",
    pass: "lost, doubled, stuck 0",
    is_smoke_test: true,
    requires: &[Requirement::PowerCut],
    run: |config| Box::pin(async move { run_with(&config, Options::default()).await }),
};

const IMAGE: &str = "disk.img";

/// Runs it with these options.
///
/// # Errors
/// When the experiment itself fails.
pub async fn run_with(config: &RunConfig, options: Options) -> Result<Findings> {
    let mut findings = Findings::default();
    let rounds = config.pick(20, 30, 100);
    let mut rng = Rng::with_seed(config.seed);
    let mut workdir = Workdir::create(&config.paths)?;
    create_disk(&mut workdir)?;
    let load = Load::unlimited(config.pick(60.0, 80.0, 80.0));
    let mut trial = Trial::begin_at(workdir, config, options, load).await?;
    let mut ready = Vec::new();
    for _ in 0..rounds {
        sleep(Duration::from_millis(rng.u64(100..900))).await;
        // A machine without power sends nothing, so no acknowledgement may leave the server after the cut.
        trial.system.docket.suspend().await?;
        shut_down_disk(&trial.system.workdir)?;
        trial.history.annotate("the power is cut");
        trial.system.docket.kill().await?;
        trial.system.workdir.unmount()?;
        mount(&mut trial.system.workdir)?;
        ready.push(trial.system.docket.start().await?);
    }
    trial.driver.stop();
    findings.figure("power cuts", rounds);
    findings.figure("from the restart to ready", spread(&ready));
    trial.finish(findings).await
}

/// Creates a file system in a file and mounts it as Docket's data folder, in this namespace only.
fn create_disk(workdir: &mut Workdir) -> Result<()> {
    let image = workdir.file(IMAGE);
    File::create(&image)?.set_len(1 << 30)?;
    run_program("mkfs.ext4", ["-q".as_ref(), "-F".as_ref(), image.as_os_str()])?;
    mount(workdir)
}

fn mount(workdir: &mut Workdir) -> Result<()> {
    let image = workdir.file(IMAGE).display().to_string();
    workdir.mount(&["-o", "loop", &image])
}

/// Shuts the file system down without writing pending data. The rig has no unsafe code and the `ioctl` no safe wrapper,
/// so Perl calls it.
fn shut_down_disk(workdir: &Workdir) -> Result<()> {
    let script = "open(my $f, '<', $ARGV[0]) or die $!; \
                ioctl($f, 0x8004587d, my $without_flush = pack('L', 2)) or die $!";
    run_program("perl", ["-e".as_ref(), script.as_ref(), workdir.data.as_os_str()])
}

//! Every sync fails from a random one on, so that the outcome of a commit is unknown.

use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;

use crate::driver::Load;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "disk-errors",
    description: "fsync and fdatasync fail with EIO from a random call on, by strace",
    pass: "the server ends by itself and can be started again; acknowledged ⊆ found",
    is_smoke_test: true,
    requires: &[Requirement::Strace],
    run: |config| Box::pin(run(config)),
};

/// A server that cannot sync has to end within this time.
const ENDS_WITHIN: Duration = Duration::from_secs(60);

async fn run(config: RunConfig) -> Result<Findings> {
    let rounds = config.pick(3, 10, 40);
    let mut rng = Rng::with_seed(config.seed);
    let load = Load::unlimited(25.0);
    let mut findings = Findings::default();
    let mut trial =
        Trial::begin(&config, Options { wrapper: failing_syncs(&mut rng), ..Options::default() }, load)
            .await?;
    for round in 1..=rounds {
        let status = trial.system.docket.wait_for_exit(ENDS_WITHIN).await?;
        trial.history.annotate("ended by itself");
        findings.expect(status != "exit 0", || "it ended with exit 0 although its disk failed".to_owned());
        trial.system.docket.options.wrapper =
            if round < rounds { failing_syncs(&mut rng) } else { Vec::new() };
        trial.system.docket.start().await?;
    }
    trial.driver.stop();
    findings.figure("failed disks", rounds);
    let unknown =
        trial.history.read().submissions.values().filter(|submission| submission.unknown > 0).count();
    findings.figure("submissions without an answer at first", unknown);
    trial.finish(findings).await
}

/// Returns a wrapper in which the syncs of each thread fail after a random number. Those of the start succeed.
fn failing_syncs(rng: &mut Rng) -> Vec<String> {
    let after = rng.u32(60..250);
    let inject = format!("inject=fsync,fdatasync:error=EIO:when={after}+");
    ["strace", "-f", "-q", "-o", "/dev/null", "-e", "trace=fsync,fdatasync", "-e", &inject]
        .map(str::to_owned)
        .to_vec()
}

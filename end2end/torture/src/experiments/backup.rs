//! A backup is taken while customers order, and restored as if everything else were lost.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::api::ApiClient;
use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::history::SubmissionState;
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "backup",
    description: "docket backup while customers order; each copy is checked, and the last one restored",
    pass: "every copy is sound, and the restored shop has every order acknowledged before its backup began",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

async fn run(config: RunConfig) -> Result<Findings> {
    let backups = config.pick(3, 10, 30);
    let load = Load::unlimited(config.pick(40.0, 60.0, 80.0));
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, Options::default(), load).await?;
    let mut rng = fastrand::Rng::with_seed(config.seed);
    let mut last = (String::new(), BTreeSet::new());
    for number in 0..backups {
        sleep(Duration::from_millis(rng.u64(500..2_000))).await;
        let before = acknowledged(&trial);
        let file = format!("backup-{number}.db");
        let docket = &trial.system.docket;
        docket.run_command(&["backup", &file]).await?;
        if let Err(error) = docket.run_command(&["check", &file]).await {
            findings.violation(format!("backup {number} is not sound: {error:#}"));
        }
        findings.expect(docket.run_command(&["backup", &file]).await.is_err(), || {
            "a backup was overwritten".to_owned()
        });
        last = (file, before);
    }
    findings.figure("backups", backups);
    restored(&mut trial, &last.0, &last.1, &mut findings).await?;
    trial.driver.stop();
    trial.finish(findings).await
}

fn acknowledged(trial: &Trial) -> BTreeSet<String> {
    let asked = trial.history.read();
    asked.in_state(SubmissionState::Acknowledged).map(|(key, _)| key.clone()).collect()
}

/// Starts a second Docket on the copy, and checks its orders.
async fn restored(
    trial: &mut Trial,
    file: &str,
    before: &BTreeSet<String>,
    findings: &mut Findings,
) -> Result<()> {
    let mut second = trial.system.second(file)?;
    second.start().await?;
    let mut desk = ApiClient::new(&second.address, &second.desk_key);
    let orders = desk.orders(None, usize::MAX).await?;
    let found: BTreeSet<&str> = orders.iter().filter_map(|order| order.note.as_deref()).collect();
    let missing: Vec<_> = before.iter().filter(|key| !found.contains(key.as_str())).collect();
    findings.figure(
        "restored",
        format!("{} of {} orders acknowledged before", before.len() - missing.len(), before.len()),
    );
    findings.expect(missing.is_empty(), || format!("the restored shop lacks {missing:?}"));
    second.stop(Duration::from_secs(60)).await?;
    Ok(())
}

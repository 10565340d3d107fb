//! Backups are taken while customers order. A second Docket starts on the last one and must have the earlier orders.

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
    description: "docket backup while customers order; each copy is checked, and the last one served by a second Docket",
    pass: "every copy is sound, and the last one has every order acknowledged before its backup began",
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
    let (mut last_file, mut last_acknowledged) = (String::new(), BTreeSet::new());
    for number in 0..backups {
        sleep(Duration::from_millis(rng.u64(500..2_000))).await;
        let acknowledged = acknowledged(&trial);
        let file = format!("backup-{number}.db");
        let docket = &trial.system.docket;
        docket.run_command(&["backup", &file]).await?;
        if let Err(error) = docket.run_command(&["check", &file]).await {
            findings.violation(format!("backup {number} is not sound: {error:#}"));
        }
        findings.expect(docket.run_command(&["backup", &file]).await.is_err(), || {
            "a backup was overwritten".to_owned()
        });
        (last_file, last_acknowledged) = (file, acknowledged);
    }
    findings.figure("backups", backups);
    check_restored(&mut trial, &last_file, &last_acknowledged, &mut findings).await?;
    trial.driver.stop();
    trial.finish(findings).await
}

/// Returns the keys of the orders acknowledged so far.
fn acknowledged(trial: &Trial) -> BTreeSet<String> {
    let operations = trial.history.read();
    operations.in_state(SubmissionState::Acknowledged).map(|(key, _)| key.clone()).collect()
}

/// Starts a second Docket on a copy, and checks that it has the acknowledged orders.
async fn check_restored(
    trial: &mut Trial,
    file: &str,
    acknowledged: &BTreeSet<String>,
    findings: &mut Findings,
) -> Result<()> {
    let mut second = trial.system.second_docket(file)?;
    second.start().await?;
    let mut desk = ApiClient::new(&second.address, &second.desk_key);
    let orders = desk.orders(None, usize::MAX).await?;
    let found: BTreeSet<&str> = orders.iter().filter_map(|order| order.note.as_deref()).collect();
    let missing: Vec<_> = acknowledged.iter().filter(|key| !found.contains(key.as_str())).collect();
    findings.figure(
        "restored",
        format!(
            "{} of {} orders acknowledged before",
            acknowledged.len() - missing.len(),
            acknowledged.len()
        ),
    );
    findings.expect(missing.is_empty(), || format!("the restored shop lacks {missing:?}"));
    second.stop(Duration::from_secs(60)).await?;
    Ok(())
}

//! A backup is taken while customers order, and restored as if everything else were lost.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use tokio::time::sleep;

use crate::api::Api;
use crate::driver::Load;
use crate::experiment::{Bench, Experiment, Findings};
use crate::history::Fate;
use crate::system::Options;
use crate::trial::Trial;

pub const EXPERIMENT: Experiment = Experiment {
    name: "backup",
    how: "docket backup while customers order; each copy is checked, and the last one restored",
    pass: "every copy is sound, and the restored shop has every order acknowledged before its backup began",
    in_slice: true,
    needs: &[],
    run: |bench| Box::pin(run(bench)),
};

async fn run(bench: Bench) -> Result<Findings> {
    let backups = bench.pick(3, 10, 30);
    let load = Load::endless(bench.pick(40.0, 60.0, 80.0));
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&bench, Options::default(), load).await?;
    let mut rng = fastrand::Rng::with_seed(bench.seed);
    let mut last = (String::new(), BTreeSet::new());
    for number in 0..backups {
        sleep(Duration::from_millis(rng.u64(500..2_000))).await;
        let before = acknowledged(&trial);
        let file = format!("backup-{number}.db");
        let docket = &trial.system.docket;
        docket.tool(&["backup", &file]).await?;
        if let Err(error) = docket.tool(&["check", &file]).await {
            findings.violation(format!("backup {number} is not sound: {error:#}"));
        }
        findings
            .expect(docket.tool(&["backup", &file]).await.is_err(), || "a backup was overwritten".to_owned());
        last = (file, before);
    }
    findings.fact("backups", backups);
    restored(&mut trial, &last.0, &last.1, &mut findings).await?;
    trial.driver.stop();
    trial.finish(findings).await
}

fn acknowledged(trial: &Trial) -> BTreeSet<String> {
    let asked = trial.history.read();
    asked.with_fate(Fate::Acknowledged).map(|(key, _)| key.clone()).collect()
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
    let mut desk = Api::new(&second.address, &second.desk_key);
    let orders = desk.orders(None, usize::MAX).await?;
    let found: BTreeSet<&str> = orders.iter().filter_map(|order| order.note.as_deref()).collect();
    let missing: Vec<_> = before.iter().filter(|key| !found.contains(key.as_str())).collect();
    findings.fact(
        "restored",
        format!("{} of {} orders acknowledged before", before.len() - missing.len(), before.len()),
    );
    findings.expect(missing.is_empty(), || format!("the restored shop lacks {missing:?}"));
    second.stop(Duration::from_secs(60)).await?;
    Ok(())
}

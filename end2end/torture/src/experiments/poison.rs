//! Orders whose job crashes its worker: the jobs are quarantined, no other order is affected, and a retry works.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Result, ensure};
use hyper::Method;
use orders::desk::JobPage;
use tokio::time::{Instant, sleep};

use crate::api::{self, ApiClient};
use crate::client::Connection;
use crate::driver::Load;
use crate::experiment::{Experiment, Findings, Requirement, RunConfig};
use crate::history::{Outcome, SubmissionState};
use crate::system::Options;
use crate::trial::Trial;
use crate::workload::{Mix, OrderPlan};

pub const EXPERIMENT: Experiment = Experiment {
    name: "poison",
    description: "the jobs of some orders panic, abort or hang at every attempt",
    pass: "the others are confirmed, exactly those are quarantined, and a retry without failpoints confirms them",
    is_smoke_test: true,
    requires: &[Requirement::Failpoints],
    run: |config| Box::pin(run(config)),
};

/// The failpoint by which the end of an order's note selects the fault of its job.
const POISON: &str = "poison=return";
/// How long it may take until the attempts are exhausted: each waits for its time, and an aborted process restarts.
const QUARANTINED_WITHIN: Duration = Duration::from_secs(240);

async fn run(config: RunConfig) -> Result<Findings> {
    let config = config.with_failpoints()?;
    let faults: &[&str] = config.pick(&["panic", "abort"], &["panic", "abort"], &["panic", "abort", "hang"]);
    let each = config.pick(1, 2, 5);
    let load = Load {
        orders: config.pick(200, 600, 1_500),
        per_second: 40.0,
        mix: Mix::Confirmable,
        ..Load::default()
    };
    let options = Options::default()
        .with_failpoints(POISON)
        .with_setting("DOCKET_RETRY_CAP_SECONDS", 1)
        .with_setting("DOCKET_STEP_TIMEOUT_SECONDS", 1)
        .with_setting("DOCKET_LEASE_SECONDS", 2);
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, options, load).await?;
    let mut poisoned = BTreeSet::new();
    for number in 0..each {
        for fault in faults {
            let key = format!("{}x{number}-poison-{fault}", config.seed);
            poisoned.insert(submit_poisoned(&mut trial, &key).await?);
        }
    }
    let until = Instant::now() + QUARANTINED_WITHIN;
    let jobs = loop {
        trial.restart_if_ended().await?;
        let jobs = quarantined_jobs(&trial).await.unwrap_or_default();
        let all_quarantined = jobs.len() >= poisoned.len() && trial.driver.all_started();
        if all_quarantined || Instant::now() > until {
            break jobs;
        }
        sleep(Duration::from_millis(50)).await;
    };
    let found: BTreeSet<String> = jobs.iter().map(|(_, order)| order.clone()).collect();
    findings.expect(found == poisoned, || format!("{poisoned:?} are poisoned, {found:?} quarantined"));
    findings.figure("poisoned", poisoned.len());
    findings.figure("quarantined", found.len());
    trial.driver.wait_until_answered().await;
    // Restart without failpoints, and retry every quarantined job.
    trial.restart_if_ended().await?;
    trial.system.docket.options = trial.system.docket.options.clone().without_failpoints();
    trial.kill_and_restart().await?;
    let mut connection = Connection::to(&trial.system.docket.address);
    for (job, _) in jobs {
        let path = format!("/api/v1/desk/jobs/{job}/retry");
        let request = api::request(Method::POST, &path, &trial.system.docket.desk_key, None);
        let response = connection.send(request).await?;
        ensure!(response.status < 300, "{path} was answered {}", response.status);
    }
    trial.finish(findings).await
}

/// Submits an order until it is acknowledged: other poisoned orders may abort the server meanwhile.
async fn submit_poisoned(trial: &mut Trial, key: &str) -> Result<String> {
    let plan = OrderPlan::default();
    let until = Instant::now() + Duration::from_secs(60);
    while Instant::now() < until {
        trial.restart_if_ended().await?;
        let mut api = ApiClient::new(&trial.system.docket.address, &trial.system.docket.key);
        if let Outcome::Acknowledged(order) = api.submit_order(&trial.history, key, &plan).await {
            return Ok(order.id.to_string());
        }
    }
    anyhow::bail!(
        "{key} was not acknowledged within a minute; {} others were",
        trial.history.count(SubmissionState::Acknowledged)
    )
}

/// Returns the ids of the quarantined jobs and of their orders.
async fn quarantined_jobs(trial: &Trial) -> Result<Vec<(i64, String)>> {
    let mut desk = ApiClient::new(&trial.system.docket.address, &trial.system.docket.desk_key);
    let page: JobPage = desk.read("/api/v1/desk/jobs?state=quarantined&page_size=100").await?;
    let order = |job: orders::desk::JobView| Some((job.id, job.order?.id.to_string()));
    Ok(page.jobs.into_iter().filter_map(order).collect())
}

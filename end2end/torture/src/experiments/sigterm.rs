//! SIGTERM while requests, streams and jobs are running.

use std::time::Duration;

use anyhow::Result;
use fastrand::Rng;
use rustix::process::Signal;
use tokio::time::{Instant, sleep};

use crate::api::ApiClient;
use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig};
use crate::history::{Outcome, SubmissionState};
use crate::measure::spread;
use crate::system::Options;
use crate::trial::Trial;
use crate::workload::OrderPlan;

pub const EXPERIMENT: Experiment = Experiment {
    name: "sigterm",
    description: "SIGTERM while customers order and watch, then a start",
    pass: "exit 0 in time, orders sent after the signal are accepted, and none is stored that was not answered",
    is_smoke_test: true,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

/// The time limit of the server for its shutdown.
const SHUTDOWN: Duration = Duration::from_secs(10);
/// How many orders are sent right after the signal, each over a new connection.
const LATE_ORDERS: usize = 10;

async fn run(config: RunConfig) -> Result<Findings> {
    let rounds = config.pick(6, 25, 100);
    let mut rng = Rng::with_seed(config.seed);
    let load = Load {
        clients: 32,
        // Retries would hide the orders that were stored and not answered.
        retries: false,
        watched_orders: 20_000,
        ..Load::unlimited(config.pick(60.0, 80.0, 80.0))
    };
    let options = Options::default()
        .with_setting("DOCKET_SHUTDOWN_SECONDS", SHUTDOWN.as_secs())
        .with_setting("DOCKET_DRAIN_SECONDS", 1);
    let mut findings = Findings::default();
    let mut trial = Trial::begin(&config, options, load).await?;
    let (mut shutdowns, mut late_orders) = (Vec::new(), 0);
    for round in 0..rounds {
        sleep(Duration::from_millis(rng.u64(500..1_500))).await;
        let began = Instant::now();
        trial.system.docket.signal(Signal::TERM);
        late_orders +=
            submit_late_orders(&trial, &format!("{}late{round}", config.seed), &mut findings).await;
        let status = trial.system.docket.wait_for_exit(SHUTDOWN + Duration::from_secs(20)).await?;
        let took = began.elapsed();
        findings.expect(status == "exit 0", || format!("it ended with {status}"));
        findings.expect(took < SHUTDOWN + Duration::from_secs(5), || {
            format!("it took {:.1} s to end", took.as_secs_f64())
        });
        shutdowns.push(took);
        trial.system.docket.start().await?;
    }
    trial.driver.stop();
    trial.driver.wait_until_answered().await;
    let desk = ApiClient::new(&trial.system.docket.address, &trial.system.docket.desk_key);
    check_unanswered(desk, &trial, &mut findings).await?;
    findings.figure("stops", rounds);
    findings.figure("accepted after SIGTERM", format!("{late_orders} of {}", rounds * LATE_ORDERS));
    findings.figure("from SIGTERM to the end", spread(&shutdowns));
    trial.finish(findings).await
}

/// Submits orders to a server that drains, each over a new connection, and returns how many were accepted.
async fn submit_late_orders(trial: &Trial, name: &str, findings: &mut Findings) -> usize {
    let docket = &trial.system.docket;
    let mut accepted = 0;
    for number in 0..LATE_ORDERS {
        let mut api = ApiClient::new(&docket.address, &docket.key);
        let key = format!("{name}n{number}");
        match api.submit_order(&trial.history, &key, &OrderPlan::default()).await {
            Outcome::Acknowledged(_) => accepted += 1,
            outcome => {
                findings.expect(false, || format!("an order after SIGTERM was not accepted: {outcome:?}"))
            }
        }
    }
    accepted
}

/// Checks that every stored order was answered. Others were in flight when their connection was closed.
async fn check_unanswered(mut desk: ApiClient, trial: &Trial, findings: &mut Findings) -> Result<()> {
    let operations = trial.history.read();
    let orders = desk.orders(None, usize::MAX).await?;
    let is_unanswered = |key: &str| {
        operations
            .submissions
            .get(key)
            .is_some_and(|submission| submission.state() == SubmissionState::Unknown)
    };
    let keys = orders.iter().filter_map(|order| order.note.as_deref());
    let unanswered = keys.filter(|key| is_unanswered(key)).count();
    findings.figure("stored and not answered", unanswered);
    findings.expect(unanswered == 0, || format!("{unanswered} orders were stored and not answered"));
    Ok(())
}

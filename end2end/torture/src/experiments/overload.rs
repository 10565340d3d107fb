//! Open loop: orders arrive at up to ten times the capacity, whether or not earlier ones are answered. The excess is
//! refused at once, and the throughput stays.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::Result;
use serde_json::json;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use crate::api::ApiClient;
use crate::driver::Load;
use crate::experiment::{Experiment, Findings, RunConfig, Scale};
use crate::final_state::mails;
use crate::history::History;
use crate::system::Options;
use crate::trial::Trial;
use crate::workload::{Mix, OrderPlan};

pub const EXPERIMENT: Experiment = Experiment {
    name: "overload",
    description: "orders arrive at 1, 2, 5 and 10 times the capacity, whether or not earlier ones are answered",
    pass: "at 10 times, confirmed orders a second ≥ 80 % of the best; every refusal 429 or 503 with Retry-After; memory flat",
    is_smoke_test: false,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

/// How many orders are in flight at most; others are not sent.
const MAX_IN_FLIGHT: usize = 500;
/// The latency of the services, so that they and not this machine limit the throughput.
const SERVICE_LATENCY: Duration = Duration::from_millis(40);
/// The time before the measurement starts.
const WARM_UP: Duration = Duration::from_secs(15);
/// How many jobs call one service at the same time.
const CONCURRENCY: u32 = 8;
/// The calls of an order to the payment service: authorisation and capture.
const PAYMENT_CALLS: u32 = 2;

async fn run(config: RunConfig) -> Result<Findings> {
    let seconds = config.pick(15, 45, 120);
    let capacity = f64::from(CONCURRENCY) / SERVICE_LATENCY.as_secs_f64() / f64::from(PAYMENT_CALLS);
    let mut findings = Findings::default();
    findings.figure("capacity", format!("{capacity:.0} orders a second"));
    let mut best = 0.0_f64;
    let mut last = 0.0;
    for factor in [1.0, 2.0, 5.0, 10.0] {
        let (throughput, level) = run_level(&config, capacity * factor, seconds).await?;
        findings.include(&format!("{factor} times"), level);
        best = best.max(throughput);
        last = throughput;
    }
    findings.figure("confirmed at 10 times, of the best", format!("{:.0} %", last / best * 100.0));
    if config.scale != Scale::Smoke {
        findings.expect(last >= 0.8 * best, || {
            format!("{last:.0} orders a second were confirmed, at best {best:.0}")
        });
    }
    Ok(findings)
}

/// Sends orders at a rate for this long; returns how many were confirmed per second.
async fn run_level(config: &RunConfig, per_second: f64, seconds: u64) -> Result<(f64, Findings)> {
    // Without retries refused orders stay refused, which the checker verifies.
    let load = Load { retries: false, ..Load::NONE };
    let options = Options::default()
        .with_setting("DOCKET_MAX_WAITING_SECONDS", 1)
        .with_setting("DOCKET_PAYMENT_CONCURRENCY", CONCURRENCY)
        .with_setting("DOCKET_SHIPPING_CONCURRENCY", CONCURRENCY);
    let mut findings = Findings::default();
    let trial = Trial::begin(config, options, load).await?;
    let slow =
        json!({"mode": "slow", "latency_ms": u64::try_from(SERVICE_LATENCY.as_millis()).unwrap_or(u64::MAX)});
    trial.system.sandbox.set_faults(&slow).await?;
    let generator = LoadGenerator::new(&trial, config.seed);
    // Orders that were accepted before Docket noticed the overload are processed first, so the start is not measured.
    generator.send_orders(per_second, WARM_UP).await;
    let (before, began) = (receipts(&trial), Instant::now());
    let memory = trial.system.docket.memory();
    generator.send_orders(per_second, Duration::from_secs(seconds)).await;
    let throughput = (receipts(&trial) - before) as f64 / began.elapsed().as_secs_f64();
    let grown = trial.system.docket.memory().saturating_sub(memory) / 1024;
    findings.figure("confirmed a second", format!("{throughput:.0}"));
    findings.figure("not sent", generator.not_sent.load(Ordering::Relaxed));
    findings.figure("memory", format!("+{grown} MB"));
    findings.expect(grown < 128, || format!("its memory grew by {grown} MB"));
    let refusals = trial.history.read().refusals;
    let reasons: Vec<_> = refusals.keys().map(String::as_str).collect();
    findings.figure("reasons to refuse", format!("{reasons:?}"));
    let is_overload = |reason: &&str| matches!(*reason, "overloaded" | "rate-limited");
    findings.expect(reasons.iter().all(is_overload), || {
        format!("it refused orders for other reasons: {reasons:?}")
    });
    generator.wait_until_idle().await;
    Ok((throughput, trial.finish(findings).await?))
}

/// Returns the number of receipts. The last step of an order sends its receipt.
fn receipts(trial: &Trial) -> usize {
    let mails = mails(&trial.system.workdir.data.join("mail"));
    mails.iter().filter(|mail| mail.ends_with("-notify")).count()
}

/// Sends orders at a rate that does not depend on the answers.
struct LoadGenerator {
    seed: u64,
    next: AtomicUsize,
    not_sent: AtomicUsize,
    idle: Arc<std::sync::Mutex<Vec<ApiClient>>>,
    slots: Arc<Semaphore>,
    history: Arc<History>,
}

impl LoadGenerator {
    fn new(trial: &Trial, seed: u64) -> Self {
        let docket = &trial.system.docket;
        let idle = (0..MAX_IN_FLIGHT).map(|_| ApiClient::new(&docket.address, &docket.key)).collect();
        Self {
            seed,
            next: AtomicUsize::new(0),
            not_sent: AtomicUsize::new(0),
            idle: Arc::new(std::sync::Mutex::new(idle)),
            slots: Arc::new(Semaphore::new(MAX_IN_FLIGHT)),
            history: trial.history.clone(),
        }
    }

    /// Sends orders at this rate for this long, and waits for their answers.
    async fn send_orders(&self, per_second: f64, duration: Duration) {
        let began = Instant::now();
        let mut tick = interval(Duration::from_millis(5));
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (mut arrived, mut in_flight) = (0.0, JoinSet::new());
        while began.elapsed() < duration {
            tick.tick().await;
            let due = began.elapsed().as_secs_f64() * per_second;
            while arrived < due {
                arrived += 1.0;
                self.send_order(&mut in_flight);
            }
            while in_flight.try_join_next().is_some() {}
        }
        while in_flight.join_next().await.is_some() {}
    }

    fn send_order(&self, in_flight: &mut JoinSet<()>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let Ok(permit) = self.slots.clone().try_acquire_owned() else {
            self.not_sent.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let (history, idle, seed) = (self.history.clone(), self.idle.clone(), self.seed);
        in_flight.spawn(async move {
            let Some(mut api) = lock(&idle).pop() else { return };
            let plan = OrderPlan { repeats: false, ..OrderPlan::random(seed, number, Mix::Confirmable) };
            // Every order must use the payment service, which one by invoice does not.
            let plan = OrderPlan { card: plan.card.or(Some(crate::workload::GOOD_CARD)), ..plan };
            let key = format!("{seed}x{number}");
            api.submit_order(&history, &key, &plan).await;
            lock(&idle).push(api);
            drop(permit);
        });
    }

    async fn wait_until_idle(&self) {
        while self.slots.available_permits() < MAX_IN_FLIGHT {
            sleep(Duration::from_millis(10)).await;
        }
    }
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

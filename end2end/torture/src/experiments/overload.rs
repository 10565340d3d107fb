//! More orders than can be processed, at a rate that does not wait for answers: the excess is refused at once, and
//! throughput stays.

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
    description: "orders arrive at 1, 2, 5 and 10 times the rate at which they can be worked, whether or not answers come",
    pass: "at 10 times, done orders a second ≥ 80 % of the best; every refusal 429 or 503 with Retry-After; memory flat",
    is_smoke_test: false,
    requires: &[],
    run: |config| Box::pin(run(config)),
};

/// How many customers are connected at most; others are dropped.
const AT_ONCE: usize = 500;
/// The latency of the services, so that they and not this machine limit the throughput.
const SERVICE: Duration = Duration::from_millis(40);
/// The time before the measurement starts.
const WARM_UP: Duration = Duration::from_secs(15);
/// How many orders of one service are processed at the same time.
const CONCURRENCY: u32 = 8;
/// An order makes two calls: authorisation and capture.
const CALLS_TO_PAYMENT: u32 = 2;

async fn run(config: RunConfig) -> Result<Findings> {
    let seconds = config.pick(15, 45, 120);
    let capacity = f64::from(CONCURRENCY) / SERVICE.as_secs_f64() / f64::from(CALLS_TO_PAYMENT);
    let mut findings = Findings::default();
    findings.figure("what can be worked", format!("{capacity:.0} orders a second"));
    let mut best = 0.0_f64;
    let mut last = 0.0;
    for times in [1.0, 2.0, 5.0, 10.0] {
        let (done, found) = level(&config, capacity * times, seconds).await?;
        findings.include(&format!("{times} times"), found);
        best = best.max(done);
        last = done;
    }
    findings.figure("done at 10 times, of the best", format!("{:.0} %", last / best * 100.0));
    if config.scale != Scale::Smoke {
        findings.expect(last >= 0.8 * best, || format!("{last:.0} orders a second were done of {best:.0}"));
    }
    Ok(findings)
}

/// Orders at a rate for this long; returns how many were confirmed per second.
async fn level(config: &RunConfig, per_second: f64, seconds: u64) -> Result<(f64, Findings)> {
    // Refused orders are not retried, so that they can be checked.
    let nobody_else = Load { retries: false, ..Load::NONE };
    let options = Options::default()
        .with("DOCKET_MAX_WAITING_SECONDS", 1)
        .with("DOCKET_PAYMENT_CONCURRENCY", CONCURRENCY)
        .with("DOCKET_SHIPPING_CONCURRENCY", CONCURRENCY);
    let mut findings = Findings::default();
    let trial = Trial::begin(config, options, nobody_else).await?;
    let slow = json!({"mode": "slow", "latency_ms": u64::try_from(SERVICE.as_millis()).unwrap_or(u64::MAX)});
    trial.system.sandbox.fault_all(&slow).await?;
    let crowd = Crowd::new(&trial, config.seed);
    // The orders before the overload is noticed have to be processed first, so the start is not measured.
    crowd.order(per_second, WARM_UP).await;
    let (before, began) = (receipts(&trial), Instant::now());
    let memory = trial.system.docket.memory();
    crowd.order(per_second, Duration::from_secs(seconds)).await;
    let done = (receipts(&trial) - before) as f64 / began.elapsed().as_secs_f64();
    let grown = trial.system.docket.memory().saturating_sub(memory) / 1024;
    findings.figure("done a second", format!("{done:.0}"));
    findings.figure("left at the door", crowd.left.load(Ordering::Relaxed));
    findings.figure("memory", format!("+{grown} MB"));
    findings.expect(grown < 128, || format!("its memory grew by {grown} MB"));
    let refusals = trial.history.read().refusals;
    let reasons: Vec<_> = refusals.keys().map(String::as_str).collect();
    findings.figure("reasons to refuse", format!("{reasons:?}"));
    let is_load = |reason: &&str| matches!(*reason, "overloaded" | "rate-limited");
    findings.expect(reasons.iter().all(is_load), || format!("it refused for {reasons:?}"));
    crowd.close().await;
    Ok((done, trial.finish(findings).await?))
}

/// The last step of an order writes its receipt.
fn receipts(trial: &Trial) -> usize {
    let mails = mails(&trial.system.workdir.data.join("mail"));
    mails.iter().filter(|mail| mail.ends_with("-notify")).count()
}

/// Customers who do not wait for each other.
struct Crowd {
    seed: u64,
    next: AtomicUsize,
    left: AtomicUsize,
    idle: Arc<std::sync::Mutex<Vec<ApiClient>>>,
    door: Arc<Semaphore>,
    history: Arc<History>,
}

impl Crowd {
    fn new(trial: &Trial, seed: u64) -> Self {
        let docket = &trial.system.docket;
        let idle = (0..AT_ONCE).map(|_| ApiClient::new(&docket.address, &docket.key)).collect();
        Self {
            seed,
            next: AtomicUsize::new(0),
            left: AtomicUsize::new(0),
            idle: Arc::new(std::sync::Mutex::new(idle)),
            door: Arc::new(Semaphore::new(AT_ONCE)),
            history: trial.history.clone(),
        }
    }

    /// Lets customers arrive at this rate for this long.
    async fn order(&self, per_second: f64, duration: Duration) {
        let began = Instant::now();
        let mut tick = interval(Duration::from_millis(5));
        tick.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let (mut come, mut at_work) = (0.0, JoinSet::new());
        while began.elapsed() < duration {
            tick.tick().await;
            let due = began.elapsed().as_secs_f64() * per_second;
            while come < due {
                come += 1.0;
                self.come(&mut at_work);
            }
            while at_work.try_join_next().is_some() {}
        }
        while at_work.join_next().await.is_some() {}
    }

    fn come(&self, at_work: &mut JoinSet<()>) {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let Ok(permit) = self.door.clone().try_acquire_owned() else {
            self.left.fetch_add(1, Ordering::Relaxed);
            return;
        };
        let (history, idle, seed) = (self.history.clone(), self.idle.clone(), self.seed);
        at_work.spawn(async move {
            let Some(mut api) = lock(&idle).pop() else { return };
            let plan = OrderPlan { repeats: false, ..OrderPlan::random(seed, number, Mix::Confirmable) };
            // An invoice needs no payment service, and here every order must.
            let plan = OrderPlan { card: plan.card.or(Some(crate::workload::GOOD_CARD)), ..plan };
            let key = format!("{seed}x{number}");
            api.order(&history, &key, &plan).await;
            lock(&idle).push(api);
            drop(permit);
        });
    }

    async fn close(&self) {
        while self.door.available_permits() < AT_ONCE {
            sleep(Duration::from_millis(10)).await;
        }
    }
}

fn lock<T>(mutex: &std::sync::Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

//! One trial: a system, its customers and its watchers; then everything is healed, all becomes quiet, and the checker
//! runs.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use orders::{State, Timestamp};
use tokio::time::{Instant, sleep};

use crate::api::ApiClient;
use crate::checker::{Evidence, Invariant, check, rests};
use crate::driver::{Driver, Load};
use crate::experiment::{Findings, RunConfig};
use crate::final_state::{FinalState, UnfinishedWork, WalGauge};
use crate::history::{History, SubmissionState};
use crate::system::{Options, System, Workdir};
use crate::watch::{Subscription, Topic, Transport, Watcher};

/// How often a server that crashes while starting is restarted.
const MAX_STARTS: u32 = 30;

/// The states that an order does not stay in; the last ones only while the carrier delivers.
const TRANSIENT_STATES: [State; 5] =
    [State::Received, State::Processing, State::Cancelling, State::Confirmed, State::Shipped];

/// A running trial.
#[derive(Debug)]
pub struct Trial {
    pub system: System,
    pub history: Arc<History>,
    pub driver: Driver,
    watchers: Vec<Watcher>,
    gauge: WalGauge,
    time_limit: Duration,
    /// The states in which an order still changes by itself.
    transient_states: &'static [State],
}

/// How Docket recovered after a kill.
#[derive(Debug, Clone, Copy)]
pub struct Recovery {
    /// From the kill to `/readyz`.
    pub ready: Duration,
    /// From the kill to the first resumed step, when there was work.
    pub resumed: Option<Duration>,
}

impl Trial {
    /// Starts a system with customers, and two watchers of everything, one over each transport.
    ///
    /// # Errors
    /// When the system does not start.
    pub async fn begin(config: &RunConfig, options: Options, load: Load) -> Result<Self> {
        let place = Workdir::make(&config.paths)?;
        Self::begin_at(place, config, options, load).await
    }

    /// The same in an existing place.
    ///
    /// # Errors
    /// When the system does not start.
    pub async fn begin_at(
        workdir: Workdir,
        config: &RunConfig,
        options: Options,
        load: Load,
    ) -> Result<Self> {
        let history = Arc::new(History::keep(&workdir.file("operations.log"))?);
        let gauge = WalGauge::start(&workdir.database());
        let transient_states = if options.delivers { &TRANSIENT_STATES[..] } else { &TRANSIENT_STATES[..3] };
        let system = System::start(workdir, options).await?;
        let docket = &system.docket;
        let watchers = [Transport::Sse, Transport::WebSocket].map(|transport| {
            let (address, key) = (docket.address.clone(), docket.desk_key.clone());
            Watcher::start(Subscription { address, key, topic: Topic::Orders, transport }, history.clone())
        });
        let driver = Driver::start(&docket.address, &docket.key, config.seed, load, history.clone());
        let time_limit = config.time_limit;
        Ok(Self { system, history, driver, watchers: watchers.into(), gauge, time_limit, transient_states })
    }

    /// Kills Docket and restarts it.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn kill_and_restart(&mut self) -> Result<Recovery> {
        let killed = Instant::now();
        self.system.docket.kill().await?;
        self.history.annotate("killed");
        let since = now();
        self.system.docket.start().await?;
        let ready = killed.elapsed();
        self.history.annotate("ready again");
        let heard = |watcher: &Watcher| watcher.first_work_since(since);
        let until = Instant::now() + Duration::from_secs(5);
        let resumed = loop {
            let first = self.watchers.iter().filter_map(heard).min();
            if first.is_some() || Instant::now() > until || self.driver.all_started() {
                break first.map(|first| first.duration_since(killed));
            }
            sleep(Duration::from_millis(2)).await;
        };
        Ok(Recovery { ready, resumed })
    }

    /// Kills Docket and starts it so that it crashes at a point, which may be before it is ready.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn start_with_crash(&mut self, failpoints: &str) -> Result<()> {
        self.system.docket.kill().await?;
        self.history.annotate(failpoints);
        let options = self.system.docket.options.clone();
        self.system.docket.options = options.clone().with_failpoints(failpoints);
        if self.system.docket.start().await.is_err() {
            self.history.annotate("it broke while it started");
        }
        self.system.docket.options = options;
        Ok(())
    }

    /// Restarts Docket if it has ended, as a supervisor would, even if it crashes while starting. Returns whether it
    /// had ended.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn restart_if_ended(&mut self) -> Result<bool> {
        if self.system.docket.is_running() {
            return Ok(false);
        }
        for _ in 0..MAX_STARTS {
            if self.system.docket.start().await.is_ok() {
                return Ok(true);
            }
        }
        self.system.docket.start().await.map(|_| true)
    }

    /// Heals everything, lets the customers settle, waits until all is quiet, and runs the checker.
    ///
    /// # Errors
    /// When the system cannot be read.
    pub async fn finish(mut self, mut findings: Findings) -> Result<Findings> {
        self.restart_if_ended().await?;
        self.system.sandbox.heal().await?;
        self.driver.wait_until_answered().await;
        self.history.annotate("healed; settling");
        let healed = Instant::now();
        self.driver.resubmit_unanswered().await;
        // Orders reach their questions first.
        self.wait_until_quiet().await?;
        self.driver.correct().await?;
        self.wait_until_quiet().await?;
        findings.figure("quiet after", format!("{:.1} s", healed.elapsed().as_secs_f64()));
        self.check(findings).await
    }

    async fn check(mut self, mut findings: Findings) -> Result<Findings> {
        let mut final_state = FinalState::read_all(&self.system, self.gauge.largest())
            .await
            .with_context(|| format!("Docket cannot be looked at\n{}", self.system.docket.log_tail()))?;
        self.watchers.extend(self.driver.take_watchers());
        let (mut lines, mut events) = (0, 0);
        let until = Instant::now() + self.time_limit;
        for (place, watcher) in self.watchers.drain(..).enumerate() {
            // Watchers of one order have its end once its log is quiet; the first two receive everything.
            let all = place < 2;
            if all && !watcher.catch_up(final_state.head, until).await {
                let cursor = watcher.cursor();
                findings.violation(format!("a watcher came to {cursor} of {} events only", final_state.head));
            }
            let mut watcher_state = if all {
                watcher.finish().await
            } else {
                wait_for_last_version(watcher, &final_state, until).await
            };
            for id in watcher_state.pending.keys().copied().collect::<Vec<_>>() {
                watcher_state.fold(id, |id| self.history.first_answer(id));
            }
            lines += watcher_state.connections;
            events += watcher_state.heard;
            final_state.watchers.push(watcher_state);
        }
        let evidence = Evidence { operations: self.history.read(), final_state };
        let violations = check(&evidence);
        let counted = |invariants: &[Invariant]| {
            violations.iter().filter(|violation| invariants.contains(&violation.invariant)).count()
        };
        for submission_state in
            [SubmissionState::Acknowledged, SubmissionState::Unknown, SubmissionState::Refused]
        {
            let count = evidence.operations.in_state(submission_state).count();
            findings.figure(&format!("{submission_state:?}").to_lowercase(), count);
        }
        findings.figure("found", evidence.final_state.orders.len());
        findings.figure("lost", counted(&[Invariant::NothingAcknowledgedIsLost]));
        let doubled = [Invariant::OneOrderPerKey, Invariant::MoneyMovesOnce, Invariant::StockIsConserved];
        findings.figure("doubled", counted(&doubled));
        findings.figure("stuck", counted(&[Invariant::NothingIsStuck]));
        let watchers = evidence.final_state.watchers.len();
        findings.figure("watchers", format!("{watchers} ({lines} connections, {events} events)"));
        if let Some((memory, files)) = self.system.docket.resource_usage() {
            findings.figure("at the end", format!("{} MB of memory, {files} descriptors", memory / 1024));
        }
        findings.figure("largest WAL", format!("{:.1} MB", evidence.final_state.largest_wal as f64 / 1e6));
        findings.violations.extend(violations.iter().map(ToString::to_string));
        Ok(findings.with_evidence(self.system.end().await?))
    }

    /// Waits until no order changes and no work is open. If that takes too long, the checker names the orders.
    ///
    /// # Errors
    /// When the server does not become ready again.
    pub async fn wait_until_quiet(&mut self) -> Result<()> {
        let until = Instant::now() + self.time_limit;
        loop {
            self.restart_if_ended().await?;
            let mut desk = ApiClient::new(&self.system.docket.address, &self.system.docket.desk_key);
            if is_quiet(&mut desk, self.transient_states).await.unwrap_or(false) || Instant::now() > until {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn is_quiet(desk: &mut ApiClient, transient_states: &[State]) -> Result<bool> {
    for state in transient_states {
        if !desk.orders(Some(*state), 1).await?.is_empty() {
            return Ok(false);
        }
    }
    let orders = desk.orders(None, usize::MAX).await?;
    // Mails may still be pending when their orders are quiet.
    Ok(orders.iter().all(|order| rests(order).is_ok())
        && UnfinishedWork::read(desk).await?.open_jobs(&orders) == 0)
}

/// Waits until the watcher of one order holds its last version.
async fn wait_for_last_version(
    watcher: Watcher,
    final_state: &FinalState,
    until: Instant,
) -> crate::watch::WatcherState {
    let by_id = final_state.by_id();
    while Instant::now() < until && !watcher.holds_all(&by_id) {
        sleep(Duration::from_millis(10)).await;
    }
    watcher.finish().await
}

/// The time of this machine, which is also Docket's.
#[expect(
    clippy::disallowed_methods,
    reason = "events carry the time of this machine, and are compared with it"
)]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

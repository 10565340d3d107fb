//! One trial: a system, its customers and its watchers. At its end all faults are cleared, the trial waits until no
//! work is open, and the checker runs.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use orders::{State, Timestamp};
use tokio::time::{Instant, sleep};

use crate::api::ApiClient;
use crate::checker::{Evidence, Invariant, check, check_settled};
use crate::driver::{Driver, Load};
use crate::experiment::{Findings, RunConfig};
use crate::final_state::{FinalState, UnfinishedWork, WalGauge};
use crate::history::{History, SubmissionState};
use crate::system::{Options, System, Workdir};
use crate::watch::{Subscription, Topic, Transport, Watcher};

/// How often a server that crashes while starting is restarted.
const MAX_STARTS: u32 = 30;

/// The states that an order leaves by itself; the last two only if the carrier delivers.
const TRANSIENT_STATES: [State; 5] =
    [State::Received, State::Processing, State::Cancelling, State::Confirmed, State::Shipped];

/// A running trial.
#[derive(Debug)]
pub struct Trial {
    pub system: System,
    pub history: Arc<History>,
    pub driver: Driver,
    watchers: Vec<Watcher>,
    wal_gauge: WalGauge,
    time_limit: Duration,
    /// The states that an order leaves by itself in this trial.
    transient_states: &'static [State],
}

/// How Docket recovered after a kill.
#[derive(Debug, Clone, Copy)]
pub struct Recovery {
    /// From the kill to `/readyz`.
    pub ready: Duration,
    /// From the kill to the first step that started afterwards, if one did.
    pub resumed: Option<Duration>,
}

impl Trial {
    /// Starts a system with customers, and two watchers of everything, one over each transport.
    ///
    /// # Errors
    /// When the system does not start.
    pub async fn begin(config: &RunConfig, options: Options, load: Load) -> Result<Self> {
        let workdir = Workdir::create(&config.paths)?;
        Self::begin_at(workdir, config, options, load).await
    }

    /// The same in an existing working directory.
    ///
    /// # Errors
    /// When the system does not start.
    pub async fn begin_at(
        workdir: Workdir,
        config: &RunConfig,
        options: Options,
        load: Load,
    ) -> Result<Self> {
        let history = Arc::new(History::create(&workdir.file("operations.log"))?);
        let wal_gauge = WalGauge::start(&workdir.database());
        let transient_states = if options.delivers { &TRANSIENT_STATES[..] } else { &TRANSIENT_STATES[..3] };
        let system = System::start(workdir, options).await?;
        let docket = &system.docket;
        let watchers = [Transport::Sse, Transport::WebSocket].map(|transport| {
            let (address, key) = (docket.address.clone(), docket.desk_key.clone());
            Watcher::start(Subscription { address, key, topic: Topic::Orders, transport }, history.clone())
        });
        let driver = Driver::start(&docket.address, &docket.key, config.seed, load, history.clone());
        let time_limit = config.time_limit;
        Ok(Self {
            system,
            history,
            driver,
            watchers: watchers.into(),
            wal_gauge,
            time_limit,
            transient_states,
        })
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
        let first_step = |watcher: &Watcher| watcher.first_step_after(since);
        let until = Instant::now() + Duration::from_secs(5);
        let resumed = loop {
            let first = self.watchers.iter().filter_map(first_step).min();
            if first.is_some() || Instant::now() > until || self.driver.all_started() {
                break first.map(|first| first.duration_since(killed));
            }
            sleep(Duration::from_millis(2)).await;
        };
        Ok(Recovery { ready, resumed })
    }

    /// Kills Docket and restarts it with failpoints, at which it may crash before it is ready.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn restart_with_failpoints(&mut self, failpoints: &str) -> Result<()> {
        self.system.docket.kill().await?;
        self.history.annotate(failpoints);
        let options = self.system.docket.options.clone();
        self.system.docket.options = options.clone().with_failpoints(failpoints);
        if self.system.docket.start().await.is_err() {
            self.history.annotate("it crashed while starting");
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

    /// Clears all faults, lets the customers complete their orders, waits until no work is open, and runs the checker.
    ///
    /// # Errors
    /// When the system cannot be read.
    pub async fn finish(mut self, mut findings: Findings) -> Result<Findings> {
        self.restart_if_ended().await?;
        self.system.sandbox.clear_faults().await?;
        self.driver.wait_until_answered().await;
        self.history.annotate("faults cleared");
        let cleared = Instant::now();
        self.driver.resubmit_unanswered().await;
        // An order asks for another card or address only after its first steps.
        self.wait_until_quiet().await?;
        self.driver.correct_orders().await?;
        self.wait_until_quiet().await?;
        findings.figure("quiet after", format!("{:.1} s", cleared.elapsed().as_secs_f64()));
        self.check(findings).await
    }

    async fn check(mut self, mut findings: Findings) -> Result<Findings> {
        let mut final_state = FinalState::read_all(&self.system, self.wal_gauge.largest())
            .await
            .with_context(|| format!("the final state cannot be read\n{}", self.system.docket.log_tail()))?;
        self.watchers.extend(self.driver.take_watchers());
        let (mut connections, mut events) = (0, 0);
        let until = Instant::now() + self.time_limit;
        for (index, watcher) in self.watchers.drain(..).enumerate() {
            // The first two watch all orders. The others have the last event of their order once it is quiet.
            let watches_all = index < 2;
            if watches_all && !watcher.catch_up(final_state.head, until).await {
                let cursor = watcher.cursor();
                findings
                    .violation(format!("a watcher received only {cursor} of {} events", final_state.head));
            }
            let mut watcher_state = if watches_all {
                watcher.finish().await
            } else {
                wait_for_last_version(watcher, &final_state, until).await
            };
            for id in watcher_state.pending.keys().copied().collect::<Vec<_>>() {
                watcher_state.fold(id, |id| self.history.first_answer(id));
            }
            connections += watcher_state.connections;
            events += watcher_state.received;
            final_state.watchers.push(watcher_state);
        }
        let evidence = Evidence { operations: self.history.read(), final_state };
        let violations = check(&evidence);
        let count_of = |invariants: &[Invariant]| {
            violations.iter().filter(|violation| invariants.contains(&violation.invariant)).count()
        };
        for state in [SubmissionState::Acknowledged, SubmissionState::Unknown, SubmissionState::Refused] {
            let count = evidence.operations.in_state(state).count();
            findings.figure(&format!("{state:?}").to_lowercase(), count);
        }
        findings.figure("found", evidence.final_state.orders.len());
        findings.figure("lost", count_of(&[Invariant::NothingAcknowledgedIsLost]));
        let doubled = [Invariant::OneOrderPerKey, Invariant::MoneyMovesOnce, Invariant::StockIsConserved];
        findings.figure("doubled", count_of(&doubled));
        findings.figure("stuck", count_of(&[Invariant::NothingIsStuck]));
        let watchers = evidence.final_state.watchers.len();
        findings.figure("watchers", format!("{watchers} ({connections} connections, {events} events)"));
        if let Some((memory, files)) = self.system.docket.resource_usage() {
            findings.figure("at the end", format!("{} MB of memory, {files} descriptors", memory / 1024));
        }
        findings.figure("largest WAL", format!("{:.1} MB", evidence.final_state.largest_wal as f64 / 1e6));
        findings.violations.extend(violations.iter().map(ToString::to_string));
        Ok(findings.keep_folder_if_violated(self.system.end().await?))
    }

    /// Waits until no order changes by itself and no work is open, but not longer than the time limit; then the checker
    /// reports the orders.
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
    Ok(orders.iter().all(|order| check_settled(order).is_ok())
        && UnfinishedWork::read(desk).await?.open_jobs(&orders) == 0)
}

/// Waits until the watcher of one order holds its last version.
async fn wait_for_last_version(
    watcher: Watcher,
    final_state: &FinalState,
    until: Instant,
) -> crate::watch::WatcherState {
    let by_id = final_state.by_id();
    while Instant::now() < until && !watcher.has_last_versions(&by_id) {
        sleep(Duration::from_millis(10)).await;
    }
    watcher.finish().await
}

/// Returns the time of this machine, which is also Docket's.
#[expect(
    clippy::disallowed_methods,
    reason = "the times in events are those of this machine, and are compared with it"
)]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

//! One trial: a system, its customers and its watchers; then everything is healed, all becomes quiet, and the checker
//! runs.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, Result};
use orders::{State, Timestamp};
use tokio::time::{Instant, sleep};

use crate::api::Api;
use crate::checker::{Evidence, Invariant, judge, rests};
use crate::driver::{Driver, Load};
use crate::experiment::{Bench, Findings};
use crate::found::{Found, Leftovers, WalGauge};
use crate::history::{Fate, History};
use crate::system::{Options, Place, System};
use crate::watch::{Seat, Topic, Watcher, Wire};

/// How often a server that crashes while starting is restarted.
const MOST_STARTS: u32 = 30;

/// The states that an order does not stay in; the last ones only while the carrier delivers.
const MOVING: [State; 5] =
    [State::Received, State::Processing, State::Cancelling, State::Confirmed, State::Shipped];

/// A running trial.
#[derive(Debug)]
pub struct Trial {
    pub system: System,
    pub history: Arc<History>,
    pub driver: Driver,
    watchers: Vec<Watcher>,
    gauge: WalGauge,
    patience: Duration,
    /// The states in which an order still changes by itself.
    moving: &'static [State],
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
    pub async fn begin(bench: &Bench, options: Options, load: Load) -> Result<Self> {
        let place = Place::make(&bench.ground)?;
        Self::begin_at(place, bench, options, load).await
    }

    /// The same in an existing place.
    ///
    /// # Errors
    /// When the system does not start.
    pub async fn begin_at(place: Place, bench: &Bench, options: Options, load: Load) -> Result<Self> {
        let history = Arc::new(History::keep(&place.file("operations.log"))?);
        let gauge = WalGauge::start(&place.database());
        let moving = if options.delivers { &MOVING[..] } else { &MOVING[..3] };
        let system = System::start(place, options).await?;
        let docket = &system.docket;
        let watchers = [Wire::Sse, Wire::WebSocket].map(|wire| {
            let (address, key) = (docket.address.clone(), docket.desk_key.clone());
            Watcher::start(Seat { address, key, topic: Topic::Orders, wire }, history.clone())
        });
        let driver = Driver::start(&docket.address, &docket.key, bench.seed, load, history.clone());
        let patience = bench.patience;
        Ok(Self { system, history, driver, watchers: watchers.into(), gauge, patience, moving })
    }

    /// Kills Docket and restarts it.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn kill_and_restart(&mut self) -> Result<Recovery> {
        let killed = Instant::now();
        self.system.docket.kill().await?;
        self.history.remark("killed");
        let since = now();
        self.system.docket.start().await?;
        let ready = killed.elapsed();
        self.history.remark("ready again");
        let heard = |watcher: &Watcher| watcher.heard_work_since(since);
        let until = Instant::now() + Duration::from_secs(5);
        let resumed = loop {
            let first = self.watchers.iter().filter_map(heard).min();
            if first.is_some() || Instant::now() > until || self.driver.is_done() {
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
    pub async fn start_to_break(&mut self, failpoints: &str) -> Result<()> {
        self.system.docket.kill().await?;
        self.history.remark(failpoints);
        let options = self.system.docket.options.clone();
        self.system.docket.options = options.clone().failing(failpoints);
        if self.system.docket.start().await.is_err() {
            self.history.remark("it broke while it started");
        }
        self.system.docket.options = options;
        Ok(())
    }

    /// Restarts Docket if it has ended, as a supervisor would, even if it crashes while starting. Returns whether it
    /// had ended.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn revive(&mut self) -> Result<bool> {
        if self.system.docket.is_running() {
            return Ok(false);
        }
        for _ in 0..MOST_STARTS {
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
        self.revive().await?;
        self.system.sandbox.heal().await?;
        self.driver.done().await;
        self.history.remark("healed; settling");
        let healed = Instant::now();
        self.driver.settle().await;
        // Orders reach their questions first.
        self.quiet().await?;
        self.driver.mend().await?;
        self.quiet().await?;
        findings.fact("quiet after", format!("{:.1} s", healed.elapsed().as_secs_f64()));
        self.judge(findings).await
    }

    async fn judge(mut self, mut findings: Findings) -> Result<Findings> {
        let mut found = Found::gather(&self.system, self.gauge.largest())
            .await
            .with_context(|| format!("Docket cannot be looked at\n{}", self.system.docket.last_words()))?;
        self.watchers.extend(self.driver.take_audience());
        let (mut lines, mut events) = (0, 0);
        let until = Instant::now() + self.patience;
        for (place, watcher) in self.watchers.drain(..).enumerate() {
            // Watchers of one order have its end once its log is quiet; the first two receive everything.
            let all = place < 2;
            if all && !watcher.catch_up(found.head, until).await {
                let cursor = watcher.cursor();
                findings.violation(format!("a watcher came to {cursor} of {} events only", found.head));
            }
            let mut watched =
                if all { watcher.finish().await } else { heard_out(watcher, &found, until).await };
            for id in watched.unfolded.keys().copied().collect::<Vec<_>>() {
                watched.fold(id, |id| self.history.first_known(id));
            }
            lines += watched.connections;
            events += watched.heard;
            found.watched.push(watched);
        }
        let evidence = Evidence { asked: self.history.read(), found };
        let violations = judge(&evidence);
        let counted = |invariants: &[Invariant]| {
            violations.iter().filter(|violation| invariants.contains(&violation.invariant)).count()
        };
        for fate in [Fate::Acknowledged, Fate::Unknown, Fate::Refused] {
            let count = evidence.asked.with_fate(fate).count();
            findings.fact(&format!("{fate:?}").to_lowercase(), count);
        }
        findings.fact("found", evidence.found.orders.len());
        findings.fact("lost", counted(&[Invariant::NothingAcknowledgedIsLost]));
        let doubled = [Invariant::OneOrderPerKey, Invariant::MoneyMovesOnce, Invariant::StockIsConserved];
        findings.fact("doubled", counted(&doubled));
        findings.fact("stuck", counted(&[Invariant::NothingIsStuck]));
        let watchers = evidence.found.watched.len();
        findings.fact("watchers", format!("{watchers} ({lines} connections, {events} events)"));
        if let Some((memory, files)) = self.system.docket.footprint() {
            findings.fact("at the end", format!("{} MB of memory, {files} descriptors", memory / 1024));
        }
        findings.fact("largest WAL", format!("{:.1} MB", evidence.found.largest_wal as f64 / 1e6));
        findings.violations.extend(violations.iter().map(ToString::to_string));
        Ok(findings.with_evidence(self.system.end().await?))
    }

    /// Waits until no order changes and no work is open. If that takes too long, the checker names the orders.
    ///
    /// # Errors
    /// When the server does not become ready again.
    pub async fn quiet(&mut self) -> Result<()> {
        let until = Instant::now() + self.patience;
        loop {
            self.revive().await?;
            let mut desk = Api::new(&self.system.docket.address, &self.system.docket.desk_key);
            if is_quiet(&mut desk, self.moving).await.unwrap_or(false) || Instant::now() > until {
                return Ok(());
            }
            sleep(Duration::from_millis(100)).await;
        }
    }
}

async fn is_quiet(desk: &mut Api, moving: &[State]) -> Result<bool> {
    for state in moving {
        if !desk.orders(Some(*state), 1).await?.is_empty() {
            return Ok(false);
        }
    }
    let orders = desk.orders(None, usize::MAX).await?;
    // Mails may still be pending when their orders are quiet.
    Ok(orders.iter().all(|order| rests(order).is_ok()) && Leftovers::read(desk).await?.undone(&orders) == 0)
}

/// Waits until the watcher of one order holds its last version.
async fn heard_out(watcher: Watcher, found: &Found, until: Instant) -> crate::watch::Watched {
    let by_id = found.by_id();
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

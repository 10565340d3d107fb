//! A running server, and its graceful shutdown.
//!
//! SIGTERM comes from a service manager that replaces the server, often behind a load balancer, which notices it by
//! `/readyz` and meanwhile sends requests. So at first the server drains: it is not ready, takes no job, ends streams,
//! and goes on accepting connections and orders; the orders are worked after the next start. Then the listener closes,
//! and running work finishes or is handed back. SIGINT comes from a person at a terminal, who waits for the end, so
//! the listener closes at once.

use std::fs::File;
use std::future::ready;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

use crate::listener::Phase;
use crate::push::Hub;
use crate::store::Store;

/// How long a server that gives up takes for pending answers.
const GIVE_UP_TIMEOUT: Duration = Duration::from_secs(1);

/// Tasks that run until they are stopped. Each returns its name.
pub type Tasks = JoinSet<&'static str>;

/// A signal that stops the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StopSignal {
    /// SIGTERM: drain, then stop.
    Terminate,
    /// SIGINT: stop.
    Interrupt,
}

/// SIGTERM and SIGINT.
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Handles the signals from now on; they no longer end the process by themselves.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next signal.
    pub async fn next(&mut self) -> StopSignal {
        tokio::select! {
            _ = self.terminate.recv() => StopSignal::Terminate,
            _ = self.interrupt.recv() => StopSignal::Interrupt,
        }
    }
}

/// A running server.
pub struct Running {
    /// The public base address.
    pub public_url: String,
    /// The address of pages and API.
    pub public: SocketAddr,
    /// The address of the internal listener.
    pub internal: SocketAddr,
    /// The address of the sandbox, if it runs.
    pub sandbox: Option<SocketAddr>,
    /// The store.
    pub store: Arc<dyn Store>,
    /// The hub of all streams.
    pub(crate) hub: Arc<Hub>,
    /// The public listener and the workers, with their phase.
    pub(crate) front: (watch::Sender<Phase>, Tasks),
    /// What they need until they end: the internal listener and the sandbox, with their phase.
    pub(crate) rear: (watch::Sender<Phase>, Tasks),
    /// The time limit of the shutdown.
    pub(crate) shutdown: Duration,
    /// How long the server drains, within that limit.
    pub(crate) drain: Duration,
    /// The lock on the database.
    pub(crate) _lock: File,
}

/// Why a server cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// The outcome of a commit is unknown; only a restart can determine it.
    #[error("the outcome of a commit is unknown: exiting, the next start recovers")]
    StoreGaveUp,
    /// A task ended unexpectedly.
    #[error("{0} ended unexpectedly")]
    Ended(&'static str),
    /// A task panicked.
    #[error("a task of the server panicked: {0}")]
    Broke(#[from] JoinError),
}

impl Running {
    /// Waits until the server cannot go on.
    pub async fn fault(&mut self) -> Fault {
        let ended = tokio::select! {
            () = self.store.given_up() => return Fault::StoreGaveUp,
            Some(ended) = self.front.1.join_next() => ended,
            Some(ended) = self.rear.1.join_next() => ended,
        };
        ended.map_or_else(Fault::from, Fault::Ended)
    }

    /// Drains for the configured time, then stops; both within the time limit.
    pub async fn drain_and_stop(self) {
        let drain = sleep(self.drain);
        self.stop_after(drain).await;
    }

    /// Stops within the time limit, without draining.
    ///
    /// The server is not ready from the first moment. Streams end, no job is claimed, and no connection is accepted
    /// but those that wait already; running requests and jobs go on. Jobs that do not finish in time are handed back,
    /// and such requests are dropped.
    pub async fn stop(self) {
        self.stop_after(ready(())).await;
    }

    /// Drains until `drained` completes, then stops; both within the time limit.
    pub(crate) async fn stop_after(self, drained: impl Future<Output = ()>) {
        let limit = self.shutdown;
        self.end_within(limit, drained).await;
    }

    /// Shuts down when nothing can be written any more: pending requests are answered, and no job is waited for.
    pub async fn give_up(self) {
        self.end_within(GIVE_UP_TIMEOUT, ready(())).await;
    }

    async fn end_within(mut self, limit: Duration, drained: impl Future<Output = ()>) {
        let end = Instant::now() + limit;
        self.hub.close();
        self.front.0.send_replace(Phase::Draining);
        tokio::select! {
            () = drained => {}
            // No order can be stored any more.
            () = self.store.given_up() => {}
            () = sleep_until(end) => {}
        }
        let now = Instant::now();
        end_by(now + (end - now).mul_f64(0.85), &mut self.front).await;
        end_by(end, &mut self.rear).await;
        if timeout_at(end, self.store.close()).await.is_err() {
            tracing::warn!("the database was not closed in time; no acknowledged order is lost");
        }
    }
}

async fn end_by(deadline: Instant, (phase, parts): &mut (watch::Sender<Phase>, Tasks)) {
    phase.send_replace(Phase::Stopping);
    let all = async { while parts.join_next().await.is_some() {} };
    if timeout_at(deadline, all).await.is_err() {
        tracing::warn!(parts = parts.len(), "tasks of the server did not end in time and are aborted");
        parts.shutdown().await;
    }
}

//! A running server, and its graceful shutdown: no new work is taken, streams end, running work finishes or is handed
//! back.

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::{Instant, timeout_at};

use crate::push::Hub;
use crate::store::Store;

/// How long a server that gives up takes for pending answers.
const GIVE_UP_TIMEOUT: Duration = Duration::from_secs(1);

/// Tasks that run until they are stopped. Each returns its name.
pub type Tasks = JoinSet<&'static str>;

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
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
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
    /// The public listener and the workers, with their stop signal.
    pub(crate) front: (watch::Sender<bool>, Tasks),
    /// What they need until they end: the internal listener and the sandbox, with their stop signal.
    pub(crate) rear: (watch::Sender<bool>, Tasks),
    /// The time limit of the shutdown.
    pub(crate) shutdown: Duration,
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

    /// Shuts down within the time limit.
    ///
    /// The server is not ready from the first moment. Streams end, no job is claimed and no connection accepted;
    /// running requests and jobs go on. Jobs that do not finish in time are handed back, and such requests are
    /// dropped.
    pub async fn stop(self) {
        let limit = self.shutdown;
        self.end_within(limit).await;
    }

    /// Shuts down when nothing can be written any more: pending requests are answered, and no job is waited for.
    pub async fn give_up(self) {
        self.end_within(GIVE_UP_TIMEOUT).await;
    }

    async fn end_within(mut self, limit: Duration) {
        let now = Instant::now();
        let (work_until, end) = (now + limit.mul_f64(0.85), now + limit);
        self.hub.close();
        end_by(work_until, &mut self.front).await;
        end_by(end, &mut self.rear).await;
        if timeout_at(end, self.store.close()).await.is_err() {
            tracing::warn!("the database was not closed in time; no acknowledged order is lost");
        }
    }
}

async fn end_by(deadline: Instant, (stop, parts): &mut (watch::Sender<bool>, Tasks)) {
    stop.send_replace(true);
    let all = async { while parts.join_next().await.is_some() {} };
    if timeout_at(deadline, all).await.is_err() {
        tracing::warn!(parts = parts.len(), "tasks of the server did not end in time and are aborted");
        parts.shutdown().await;
    }
}

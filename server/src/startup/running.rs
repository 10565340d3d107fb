//! A running server and its end: no new work, streams end, what is running finishes or is handed back.

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
use crate::store::sqlite::SqliteStore;

/// How long a server that gives up takes for the answers that it still owes.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A part of the house that runs until it is told to end: a task that returns its name.
pub type Parts = JoinSet<&'static str>;

/// The two signals that ask a program to stop.
pub struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    /// Listens from now on; the signals no longer end the process by themselves.
    ///
    /// # Errors
    /// When the system does not let us listen.
    pub fn listen() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    pub async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// A server at work.
pub struct Running {
    /// Under which address people know it.
    pub public_url: String,
    /// Where pages and API are served.
    pub public: SocketAddr,
    /// Where health is told.
    pub internal: SocketAddr,
    /// Where the sandbox is served, when it plays a service.
    pub sandbox: Option<SocketAddr>,
    /// Where orders are kept.
    pub store: Arc<SqliteStore>,
    /// Where streams end.
    pub(crate) hub: Arc<Hub>,
    /// The public listener and the workers, and what ends them.
    pub(crate) front: (watch::Sender<bool>, Parts),
    /// What they need until their end: the internal listener and the sandbox, and what ends those.
    pub(crate) rear: (watch::Sender<bool>, Parts),
    /// How long the end may take.
    pub(crate) shutdown: Duration,
    /// Keeps other servers away from the database.
    pub(crate) _lock: File,
}

/// Why a server cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum Fault {
    /// Whether a commit happened is not known; only a new start can tell.
    #[error("the database did not say whether it wrote: ending, to look again at the next start")]
    StoreGaveUp,
    /// A part ended that should not have.
    #[error("{0} ended by itself")]
    Ended(&'static str),
    /// A part broke.
    #[error("a part of the server broke: {0}")]
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

    /// Ends it in good order, within the time that is set.
    ///
    /// Not ready any more from the first moment. Streams end, no job is claimed and no connection accepted; requests and
    /// jobs that have begun go on. Jobs that do not end in time are handed back, requests that do not are broken off.
    pub async fn stop(self) {
        let limit = self.shutdown;
        self.end_within(limit).await;
    }

    /// Ends it when nothing can be written down any more: what has been asked is answered, and no work is waited for.
    pub async fn give_up(self) {
        self.end_within(LAST_WORDS).await;
    }

    async fn end_within(mut self, limit: Duration) {
        let now = Instant::now();
        let (work_until, end) = (now + limit.mul_f64(0.85), now + limit);
        self.hub.close();
        end_by(work_until, &mut self.front).await;
        end_by(end, &mut self.rear).await;
        if timeout_at(end, self.store.close()).await.is_err() {
            tracing::warn!("the database was not closed in time; nothing acknowledged is lost");
        }
    }
}

async fn end_by(deadline: Instant, (stop, parts): &mut (watch::Sender<bool>, Parts)) {
    stop.send_replace(true);
    let all = async { while parts.join_next().await.is_some() {} };
    if timeout_at(deadline, all).await.is_err() {
        tracing::warn!(parts = parts.len(), "parts of the server did not end in time and are broken off");
        parts.shutdown().await;
    }
}

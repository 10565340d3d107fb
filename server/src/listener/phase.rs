//! How far the shutdown has come.

use tokio::sync::watch;

/// The phase of the server, from its start to its end. Each phase is later than the one before it, and one may be
/// left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It serves, and does all its work.
    Serving,
    /// It still accepts connections and answers requests, but takes no job any more, and closes each connection after
    /// its next answer: clients go to another server.
    Draining,
    /// It accepts no more connections, and ends.
    Stopping,
}

impl Phase {
    /// Waits until this phase or a later one, or until the sender is gone.
    pub async fn reached(self, mut phase: watch::Receiver<Self>) {
        drop(phase.wait_for(|now| *now >= self).await);
    }
}

//! The listeners and tasks that the server is made of.

use std::net::SocketAddr;

use tokio::net::TcpListener;
use tokio::sync::watch;

use super::error::StartError;
use crate::listener::Phase;

/// Binds a listener and returns its address, with the port that the system chose for port 0.
pub(super) async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |error| StartError::Listen { address, error };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok((listener, bound))
}

/// Runs a task that returns its name when it ends.
pub(super) async fn named(name: &'static str, part: impl Future<Output = ()>) -> &'static str {
    part.await;
    name
}

/// Waits until the server takes no more work, or the sender is gone.
pub(super) async fn stopped(phase: watch::Receiver<Phase>) {
    Phase::Draining.reached(phase).await;
}

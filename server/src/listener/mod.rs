//! Accepts connections, with a limit for each address, time limits for headers and for clients that do not read, and
//! a graceful shutdown.
//!
//! `axum::serve` has none of these limits.
//!
//! A client learns of a shutdown too late: what it has sent or is about to send is on its way. So the listener goes
//! on for a while ([`Phase::Draining`]), and at its end ([`Phase::Stopping`]) it accepts the connections that the
//! system has established already, and waits a moment for the first request of a connection that is new.

mod bodies;
mod connection;
mod phase;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::http::{HeaderValue, StatusCode, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tower::Service as _;

pub use self::phase::Phase;

use self::bodies::{RequestBody, ResponseBody};
use self::connection::{Connection, SHUTDOWN_WRITE_TIMEOUT};
use crate::load::connection_limiter::{ConnectionLimit, ConnectionLimiter};

/// How long a client may take to send the headers of its next request, which also limits idle connections.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// How long after its accept a connection is kept at shutdown for its first request. The request usually follows the
/// handshake at once; this is enough for a lost packet.
const FIRST_REQUEST_TIMEOUT: Duration = Duration::from_secs(1);
/// The buffer of a connection, which limits the headers. A stream costs little more memory than this.
const BUFFER: usize = 8 * 1024;
/// The pause after a failed accept: too many files are open, and some are closed soon.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How many waiting connections are accepted at shutdown: the longest backlog that Linux allows by default. New ones
/// that keep coming do not prolong the shutdown.
const BACKLOG: usize = 4096;

/// Serves until the server stops, then accepts the connections that wait, closes the listener, and returns when the
/// last connection has closed.
///
/// Received requests are answered to clients that read; requests that are incomplete shortly after are dropped.
/// Streams do not end by themselves: the caller must end them.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limit: ConnectionLimit,
    phase: watch::Receiver<Phase>,
) {
    let limiter = ConnectionLimiter::new(limit);
    let open = |stream: TcpStream, peer: SocketAddr| {
        // Without a permit the stream is dropped here, which closes the connection.
        if let Some(permit) = limiter.take(peer.ip()) {
            drop(stream.set_nodelay(true));
            let connection = Connection::new(stream, permit, phase.clone());
            tokio::spawn(serve_connection(connection, peer, router.clone(), phase.clone()));
        }
    };
    let mut stopping = std::pin::pin!(Phase::Stopping.reached(phase.clone()));
    loop {
        let accepted = tokio::select! {
            biased;
            () = stopping.as_mut() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => open(stream, peer),
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    if let Err(error) = accept_waiting(listener, open) {
        tracing::warn!(%error, "the connections that waited to be accepted were closed");
    }
    limiter.drained().await;
}

/// Accepts the connections that wait in the backlog, and closes the listener, which resets those that still wait.
fn accept_waiting(listener: TcpListener, mut open: impl FnMut(TcpStream, SocketAddr)) -> io::Result<()> {
    // Tokio accepts only what its driver has already reported. This asks the system.
    let listener = listener.into_std()?;
    for _ in 0..BACKLOG {
        match listener.accept() {
            Ok((stream, peer)) => {
                stream.set_nonblocking(true)?;
                open(TcpStream::from_std(stream)?, peer);
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
            Err(error) if is_of_one_connection(&error) || error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

async fn serve_connection(
    stream: Connection,
    peer: SocketAddr,
    router: Router,
    phase: watch::Receiver<Phase>,
) {
    let first_request_by = Instant::now() + FIRST_REQUEST_TIMEOUT;
    let requested = Arc::new(Notify::new());
    // A request holds a clone until the last byte of its answer is produced.
    let in_flight = Arc::new(phase.clone());
    let idle = Arc::downgrade(&in_flight);
    let service = service_fn({
        let requested = requested.clone();
        move |mut request: hyper::Request<Incoming>| {
            requested.notify_one();
            request.extensions_mut().insert(ConnectInfo(peer));
            let (mut router, in_flight) = (router.clone(), in_flight.clone());
            async move {
                let request = request.map(|body| RequestBody::new(body, in_flight.clone()));
                let mut answer = router.call(request).await.unwrap_or_else(|never| match never {});
                // An upgrade has a `Connection` of its own, and no request after it.
                if *in_flight.borrow() > Phase::Serving && answer.status() != StatusCode::SWITCHING_PROTOCOLS
                {
                    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, Infallible>(answer.map(|body| ResponseBody::new(body, in_flight)))
            }
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // Errors are the client's: it disconnected, was too slow, or does not speak HTTP. The connection is polled first,
    // so that a request that has arrived is read before an idle connection is closed.
    tokio::select! {
        biased;
        _ = connection.as_mut() => return,
        () = Phase::Stopping.reached(phase) => {}
    }
    tokio::select! {
        biased;
        _ = connection.as_mut() => return,
        () = requested.notified() => {}
        () = sleep_until(first_request_by) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection.as_mut() => return,
        () = sleep(SHUTDOWN_WRITE_TIMEOUT) => {}
    }
    // Without a running request, the client is sending headers slowly or not reading the end of an answer.
    if idle.strong_count() > 1 {
        drop(connection.await);
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests;

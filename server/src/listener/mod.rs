//! Accepts connections, with a limit for each address, time limits for headers and for clients that do not read, and
//! a graceful shutdown.
//!
//! `axum::serve` has none of these limits.

mod bodies;
mod connection;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower::Service as _;

use self::bodies::{RequestBody, ResponseBody};
use self::connection::{Connection, SHUTDOWN_WRITE_TIMEOUT};
use crate::load::connection_limiter::{ConnectionLimit, ConnectionLimiter};

/// How long a client may take to send the headers of its next request, which also limits idle connections.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// The buffer of a connection, which limits the headers. A stream costs little more memory than this.
const BUFFER: usize = 8 * 1024;
/// The pause after a failed accept: too many files are open, and some are closed soon.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stopping` turns true, then accepts no more connections, and returns when the last one has closed.
///
/// Received requests are answered to clients that read; requests that are incomplete shortly after are dropped.
/// Streams do not end by themselves: the caller must end them.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limit: ConnectionLimit,
    mut stopping: watch::Receiver<bool>,
) {
    let limiter = ConnectionLimiter::new(limit);
    loop {
        let accepted = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Without a permit the stream is dropped here, which closes the connection.
                if let Some(permit) = limiter.take(peer.ip()) {
                    drop(stream.set_nodelay(true));
                    let connection = Connection::new(stream, permit, stopping.clone());
                    tokio::spawn(serve_connection(connection, peer, router.clone(), stopping.clone()));
                }
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    limiter.drained().await;
}

async fn serve_connection(
    stream: Connection,
    peer: SocketAddr,
    router: Router,
    mut stopping: watch::Receiver<bool>,
) {
    // A request holds a clone until the last byte of its answer is produced.
    let in_flight = Arc::new(stopping.clone());
    let idle = Arc::downgrade(&in_flight);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let (mut router, in_flight) = (router.clone(), in_flight.clone());
        async move {
            let request = request.map(|body| RequestBody::new(body, in_flight.clone()));
            let answer = router.call(request).await.unwrap_or_else(|never| match never {});
            Ok::<_, Infallible>(answer.map(|body| ResponseBody::new(body, in_flight)))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // Errors are the client's: it disconnected, was too slow, or does not speak HTTP.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(SHUTDOWN_WRITE_TIMEOUT) => {}
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

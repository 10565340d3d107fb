//! Accepts connections: with a limit for each address, a time limit for headers and for clients that do not read, and an
//! end.
//!
//! `axum::serve` has none of the limits, so the loop is our own.

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

use self::bodies::{Answer, Arriving};
use self::connection::{Connection, LAST_PATIENCE};
use crate::load::connection_limiter::{ConnectionLimit, ConnectionLimiter};

/// How long a client may take to send the headers of its next request; also how long an idle connection stays.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// The buffer of a connection, and with it the longest headers. A stream costs little more than this.
const BUFFER: usize = 8 * 1024;
/// The pause after a refused accept: there are too many open files, and some are closed soon.
const BREATHER: Duration = Duration::from_millis(50);

/// Serves until `stopping` turns true, then takes no more connections, and returns when the last one has ended.
///
/// Requests that have arrived are answered, to clients that read their answers; what has not arrived completely shortly
/// after is not waited for. Streams do not end by themselves: whoever stops must end them.
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
                // Without a seat the stream is dropped here, and with it the connection.
                if let Some(seat) = limiter.take(peer.ip()) {
                    drop(stream.set_nodelay(true));
                    let connection = Connection::new(stream, seat, stopping.clone());
                    tokio::spawn(converse(connection, peer, router.clone(), stopping.clone()));
                }
            }
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(BREATHER).await;
            }
        }
    }
    drop(listener);
    limiter.all_free().await;
}

async fn converse(stream: Connection, peer: SocketAddr, router: Router, mut stopping: watch::Receiver<bool>) {
    // Whoever works on a request of this connection holds a clone of it until the last byte of the answer is made.
    let under_way = Arc::new(stopping.clone());
    let idle = Arc::downgrade(&under_way);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let (mut router, under_way) = (router.clone(), under_way.clone());
        async move {
            let request = request.map(|body| Arriving::new(body, under_way.clone()));
            let answer = router.call(request).await.unwrap_or_else(|never| match never {});
            Ok::<_, Infallible>(answer.map(|body| Answer::new(body, under_way)))
        }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS_WITHIN)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // An error is the client's: it left, was too slow, or does not speak HTTP. There is nobody to tell.
    tokio::select! {
        _ = connection.as_mut() => return,
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    connection.as_mut().graceful_shutdown();
    tokio::select! {
        _ = connection.as_mut() => return,
        () = tokio::time::sleep(LAST_PATIENCE) => {}
    }
    // Without a request under way its headers drip in, or nobody takes the last bytes of an answer.
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

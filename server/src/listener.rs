//! Accepts connections: with a limit for each address, a time limit for headers, and an end.
//!
//! `axum::serve` has neither of the limits, so the loop is our own.

use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::Service as _;

/// How long a client may take to send the headers of its next request; also how long an idle connection stays.
const HEADERS_WITHIN: Duration = Duration::from_secs(10);
/// The buffer of a connection, and with it the longest headers. A stream costs little more than this.
const BUFFER: usize = 8 * 1024;
/// The pause after a refused accept: there are too many open files, and some are closed soon.
const BREATHER: Duration = Duration::from_millis(50);

/// Serves until `stopping` turns true, then takes no more connections, and returns when the last one has ended.
///
/// Requests that have begun are answered. Streams do not end by themselves: whoever stops must end them.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    connections_per_address: u32,
    mut stopping: watch::Receiver<bool>,
) {
    let seats = Arc::new(Seats {
        per_address: Mutex::default(),
        limit: connections_per_address,
        open: watch::Sender::new(0),
    });
    loop {
        let accepted = tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, peer)) => {
                // Without a seat the stream is dropped here, and with it the connection.
                if let Some(seat) = seats.take(peer.ip()) {
                    drop(stream.set_nodelay(true));
                    tokio::spawn(converse(
                        Seated { stream, _seat: seat },
                        peer,
                        router.clone(),
                        stopping.clone(),
                    ));
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
    // The sender is ours, so this ends only when nobody is left.
    drop(seats.open.subscribe().wait_for(|open| *open == 0).await);
}

async fn converse(stream: Seated, peer: SocketAddr, router: Router, mut stopping: watch::Receiver<bool>) {
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(peer));
        let mut router = router.clone();
        async move { Ok::<_, Infallible>(router.call(request).await.unwrap_or_else(|never| match never {})) }
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
    drop(connection.await);
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

/// How many connections are open, and how many of each address.
struct Seats {
    per_address: Mutex<HashMap<IpAddr, u32>>,
    limit: u32,
    open: watch::Sender<usize>,
}

/// One connection's place, also after it was upgraded to a WebSocket.
struct Seat {
    seats: Arc<Seats>,
    address: IpAddr,
}

impl Seats {
    fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let address = household(address);
        let mut per_address = self.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = per_address.entry(address).or_insert(0);
        if *taken >= self.limit {
            return None;
        }
        *taken += 1;
        self.open.send_modify(|open| *open += 1);
        Some(Seat { seats: self.clone(), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut per_address = self.seats.per_address.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = per_address.get_mut(&self.address) {
            *taken -= 1;
            if *taken == 0 {
                per_address.remove(&self.address);
            }
        }
        self.seats.open.send_modify(|open| *open -= 1);
    }
}

/// What counts as one address: of IPv6 the network, because one host has as many addresses there as it likes.
fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
        v4 => v4,
    }
}

/// A connection that keeps its seat as long as it is open.
struct Seated {
    stream: TcpStream,
    _seat: Seat,
}

impl AsyncRead for Seated {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Seated {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
#[path = "listener_tests.rs"]
mod tests;

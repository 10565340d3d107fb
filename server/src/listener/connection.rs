//! One connection, which is closed when its client does not read.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};

use super::phase::Phase;
use crate::load::connection_limiter::ConnectionPermit;

/// A client that reads nothing for this long is disconnected.
pub(super) const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// The same once the server stops: whoever reads has read by then what was sent last. A client that has read nothing
/// for so long when the server stops is not waited for.
pub(super) const SHUTDOWN_WRITE_TIMEOUT: Duration = Duration::from_secs(2);

/// A connection. It holds its connection permit until it closes, also after an upgrade to a WebSocket.
pub(super) struct Connection {
    stream: TcpStream,
    phase: watch::Receiver<Phase>,
    /// Runs while the client does not read. Most connections never need it, so they have no timer.
    timer: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    _seat: ConnectionPermit,
}

impl Connection {
    pub(super) fn new(stream: TcpStream, permit: ConnectionPermit, phase: watch::Receiver<Phase>) -> Self {
        Self { stream, phase, timer: None, _seat: permit }
    }

    /// Fails a pending write once the client's time is over.
    fn within_timeout<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.timer = None;
            return written;
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(timed_out(self.phase.clone())));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

async fn timed_out(phase: watch::Receiver<Phase>) {
    let began = Instant::now();
    let last = async {
        Phase::Stopping.reached(phase).await;
        sleep_until(began + SHUTDOWN_WRITE_TIMEOUT).await;
    };
    tokio::select! {
        () = sleep(WRITE_TIMEOUT) => {}
        () = last => {}
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write(cx, buf);
        this.within_timeout(written, cx)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bufs);
        this.within_timeout(written, cx)
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

//! Bodies of requests and answers that take part in the shutdown.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use axum::BoxError;
use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};
use tokio::sync::watch;
use tokio::time::sleep;

use super::connection::SHUTDOWN_WRITE_TIMEOUT;
use super::phase::Phase;

/// The body of a request. Once the server stops, its rest must arrive soon.
pub(super) struct RequestBody {
    body: Incoming,
    phase: Arc<watch::Receiver<Phase>>,
    /// Runs while the body is incomplete. Most bodies arrive with their headers, so they need no timer.
    timer: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

/// The body of an answer: its request is running until this is dropped.
pub(super) struct ResponseBody {
    body: Body,
    _under_way: Arc<watch::Receiver<Phase>>,
}

impl RequestBody {
    pub(super) fn new(body: Incoming, phase: Arc<watch::Receiver<Phase>>) -> Self {
        Self { body, phase, timer: None }
    }
}

impl ResponseBody {
    pub(super) fn new(body: Body, in_flight: Arc<watch::Receiver<Phase>>) -> Self {
        Self { body, _under_way: in_flight }
    }
}

async fn timed_out(phase: watch::Receiver<Phase>) {
    Phase::Stopping.reached(phase).await;
    sleep(SHUTDOWN_WRITE_TIMEOUT).await;
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        if let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) {
            return Poll::Ready(frame.map(|frame| frame.map_err(BoxError::from)));
        }
        // Not restarted by each piece, so that a slow body is as late as a missing one.
        let phase = &this.phase;
        let timer = this.timer.get_or_insert_with(|| Box::pin(timed_out(watch::Receiver::clone(phase))));
        ready!(timer.as_mut().poll(cx));
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::TimedOut).into())))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

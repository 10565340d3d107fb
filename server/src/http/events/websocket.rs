//! `GET /stream`: several topics over one WebSocket, sub-protocol `docket.v1`.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{FromRequestParts as _, Request, State};
use axum::response::Response;
use futures::StreamExt as _;
use futures::stream::{self, AbortHandle, BoxStream, SelectAll};
use orders::{Problem, ProblemCode};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::super::caller::Principal;
use super::super::csrf::may_open_stream;
use super::super::failure::Failure;
use super::super::state::HttpState;
use super::super::streams::StreamPermit;
use super::subscription::{self, Reply, Request as Asked};
use crate::metrics::{OpenStream, StreamKind};
use crate::push::{Feed, Frame, HEARTBEAT_EVERY};

const PROTOCOL: &str = "docket.v1";
/// The largest message of a client, in bytes.
const MAX_MESSAGE_BYTES: usize = 4 * 1024;
/// Buffers are allocated for each connection, and there are many.
const READ_BUFFER: usize = 4 * 1024;
/// How much may be queued for a client that does not read.
const WRITE_BUFFER: usize = 256 * 1024;
/// A client that reads nothing for this long is disconnected.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// A tab follows a handful of orders; a client that follows more subscribes to the topic `orders`.
const MAX_TOPICS: usize = 50;

/// Opens the socket after checking its origin.
pub async fn stream(State(state): State<HttpState>, request: Request) -> Result<Response, Failure> {
    let (mut parts, _) = request.into_parts();
    if !may_open_stream(&parts.headers, &state.config.public_url) {
        return Err(ProblemCode::Forbidden.into());
    }
    let principal = Principal::from_request_parts(&mut parts, &state).await?;
    let upgrade = WebSocketUpgrade::from_request_parts(&mut parts, &state).await.map_err(|_| {
        Problem::new(ProblemCode::MethodNotAllowed)
            .detail("Open this address as a WebSocket, sub-protocol docket.v1.")
    })?;
    let permit = state.streams.take(principal.subject)?;
    let permit = (permit, state.metrics.streams.open(StreamKind::WebSocket));
    Ok(upgrade
        .protocols([PROTOCOL])
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(WRITE_BUFFER)
        .on_upgrade(move |socket| Socket::new(state, principal, socket).serve(permit)))
}

/// What the subscriptions of a socket deliver.
enum Delivery {
    Frame(Utf8Bytes),
    /// The topic has ended.
    End {
        topic: String,
    },
    /// The private link that opened the topic was replaced.
    Revoked {
        topic: String,
    },
}

/// One open socket.
struct Socket {
    state: HttpState,
    principal: Principal,
    socket: WebSocket,
    topics: HashMap<String, AbortHandle>,
    feeds: SelectAll<BoxStream<'static, Delivery>>,
}

/// The client has disconnected.
struct Disconnected;

impl Socket {
    fn new(state: HttpState, principal: Principal, socket: WebSocket) -> Self {
        Self { state, principal, socket, topics: HashMap::new(), feeds: SelectAll::new() }
    }

    async fn serve(mut self, _place: (StreamPermit, OpenStream)) {
        if self.serve_messages().await.is_ok() {
            let frame = CloseFrame {
                code: close_code::RESTART,
                reason: Utf8Bytes::from_static("The server restarts."),
            };
            let _ = timeout(WRITE_TIMEOUT, self.socket.send(Message::Close(Some(frame)))).await;
        }
    }

    /// Serves the socket until the server stops or the client disconnects.
    async fn serve_messages(&mut self) -> Result<(), Disconnected> {
        let hub = self.state.hub.clone();
        let mut heartbeat = interval_at(Instant::now() + HEARTBEAT_EVERY, HEARTBEAT_EVERY);
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = hub.closed() => return Ok(()),
                heard = self.socket.recv() => match heard {
                    Some(Ok(Message::Text(text))) => self.handle(&text).await?,
                    Some(Ok(Message::Binary(_))) => self.refuse(None, not_text()).await?,
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return Err(Disconnected),
                },
                Some(deliveries) = self.feeds.next() => match deliveries {
                    Delivery::Frame(json) => self.send(json).await?,
                    Delivery::End { .. } if hub.is_closed() => return Ok(()),
                    Delivery::End { topic } => {
                        self.topics.remove(&topic);
                        self.send_text(&Reply::Unsubscribed { topic: &topic }).await?;
                    }
                    Delivery::Revoked { topic } => {
                        self.topics.remove(&topic);
                        let problem = Problem::new(ProblemCode::NotFound);
                        self.refuse(Some(&topic), problem).await?;
                    }
                },
                _ = heartbeat.tick() => {
                    let time = self.state.now();
                    self.send_text(&Reply::Heartbeat { time }).await?;
                }
            }
        }
    }

    async fn handle(&mut self, text: &str) -> Result<(), Disconnected> {
        match Asked::read(text) {
            Ok(Asked::Subscribe { topic, after, token }) => {
                self.subscribe(topic, after.as_deref(), token).await
            }
            Ok(Asked::Unsubscribe { topic }) => {
                if let Some(feed) = self.topics.remove(&topic) {
                    feed.abort();
                }
                self.send_text(&Reply::Unsubscribed { topic: &topic }).await
            }
            Err(problem) => self.refuse(None, problem).await,
        }
    }

    async fn subscribe(
        &mut self,
        topic: String,
        after: Option<&str>,
        token: Option<String>,
    ) -> Result<(), Disconnected> {
        if self.topics.len() >= MAX_TOPICS && !self.topics.contains_key(&topic) {
            let detail = format!("A socket has at most {MAX_TOPICS} topics.");
            let problem = Problem::new(ProblemCode::TooManyStreams).detail(detail);
            return self.refuse(Some(&topic), problem).await;
        }
        match subscription::open(&self.state, self.principal, &topic, after, token).await {
            Ok(feed) => {
                let (deliveries, handle) = stream::abortable(deliveries(topic.clone(), feed));
                // A repeated subscription replaces the earlier one.
                if let Some(before) = self.topics.insert(topic.clone(), handle) {
                    before.abort();
                }
                self.feeds.push(deliveries.boxed());
                self.send_text(&Reply::Subscribed { topic: &topic }).await
            }
            Err(failure) => self.refuse(Some(&topic), failure.into_problem()).await,
        }
    }

    async fn refuse(&mut self, topic: Option<&str>, problem: Problem) -> Result<(), Disconnected> {
        let problem = problem.published_at(&self.state.config.public_url);
        self.send_text(&Reply::Error { topic, problem: problem.into() }).await
    }

    async fn send_text(&mut self, reply: &Reply<'_>) -> Result<(), Disconnected> {
        let json = serde_json::to_string(reply).map_err(|_| Disconnected)?;
        self.send(json.into()).await
    }

    async fn send(&mut self, json: Utf8Bytes) -> Result<(), Disconnected> {
        match timeout(WRITE_TIMEOUT, self.socket.send(Message::Text(json))).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Disconnected),
        }
    }
}

/// Returns a feed as a stream without heartbeats; the socket has its own.
fn deliveries(topic: String, feed: Feed) -> impl futures::Stream<Item = Delivery> + Send {
    stream::unfold(Some((feed, topic)), |open| async move {
        let (mut feed, topic) = open?;
        loop {
            match feed.next().await {
                Some(Frame::Snapshot(framed) | Frame::Event(framed)) => {
                    return Some((Delivery::Frame(framed.json.clone()), Some((feed, topic))));
                }
                Some(Frame::Heartbeat) => {}
                None if feed.is_revoked() => return Some((Delivery::Revoked { topic }, None)),
                None => return Some((Delivery::End { topic }, None)),
            }
        }
    })
}

fn not_text() -> Problem {
    Problem::new(ProblemCode::MalformedJson).detail("Send text, not bytes.")
}

//! A stream of events over one of two transports: server-sent events or a WebSocket.

use anyhow::{Result, bail};
use futures::{SinkExt as _, StreamExt as _};
use http_body_util::BodyExt as _;
use hyper::Method;
use hyper::body::Incoming;
use hyper::header::{ACCEPT, HeaderValue};
use orders::Event;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::sse::FrameParser;
use super::{Subscription, Topic, Transport};
use crate::api;
use crate::client::Connection;

/// An open stream.
pub enum EventStream {
    Sse { body: Incoming, parser: FrameParser },
    WebSocket { socket: Box<WebSocketStream<MaybeTlsStream<TcpStream>>> },
}

/// An item of a stream.
pub enum Received {
    /// An event. Its reader can resume after it if it is resumable.
    Event { event: Box<Event>, resumable: bool },
    /// A message that is no event, or an error.
    Unreadable(String),
    /// The server has ended the stream, because no event will follow.
    Ended,
    /// The connection was closed or broke.
    Disconnected,
}

impl EventStream {
    /// Opens a stream that starts after a cursor, or with a snapshot.
    ///
    /// # Errors
    /// When the server cannot be reached or refuses it.
    pub async fn open(subscription: &Subscription, after: Option<u64>) -> Result<Self> {
        match subscription.transport {
            Transport::Sse => Self::open_sse(subscription, after).await,
            Transport::WebSocket => Self::open_socket(subscription, after).await,
        }
    }

    async fn open_sse(subscription: &Subscription, after: Option<u64>) -> Result<Self> {
        let path = match subscription.topic {
            Topic::Orders => "/api/v1/events".to_owned(),
            Topic::One(id) => format!("/api/v1/orders/{id}/events"),
        };
        let mut request = api::request(Method::GET, &path, &subscription.key, None);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        if let Some(after) = after {
            request.headers_mut().insert("last-event-id", HeaderValue::try_from(after.to_string())?);
        }
        let response = Connection::to(&subscription.address).open(request).await?;
        match response.status().as_u16() {
            // 204 means that no event follows the cursor; its body is empty.
            status @ (200 | 204) => {
                Ok(Self::Sse { body: response.into_body(), parser: FrameParser::new(status == 204) })
            }
            status => bail!("the stream was answered {status}"),
        }
    }

    async fn open_socket(subscription: &Subscription, after: Option<u64>) -> Result<Self> {
        let mut request = format!("ws://{}/api/v1/stream", subscription.address).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("docket.v1"));
        request.headers_mut().insert("authorization", format!("Bearer {}", subscription.key).parse()?);
        let (mut socket, _) = connect_async(request).await?;
        let topic = match subscription.topic {
            Topic::Orders => "orders".to_owned(),
            Topic::One(id) => format!("order:{id}"),
        };
        let mut subscribe = json!({"op": "subscribe", "topic": topic});
        if let Some(after) = after {
            subscribe["after"] = after.to_string().into();
        }
        socket.send(Message::text(subscribe.to_string())).await?;
        Ok(Self::WebSocket { socket: Box::new(socket) })
    }

    /// Returns the next item, without heartbeats and confirmations.
    pub async fn next(&mut self) -> Received {
        match self {
            Self::Sse { body, parser } => loop {
                if let Some(frame) = parser.next_frame() {
                    let Some(data) = frame.data.filter(|_| frame.event != "heartbeat") else { continue };
                    return parse(&data, frame.has_id);
                }
                match body.frame().await {
                    Some(Ok(frame)) => parser.feed(frame.data_ref().map_or(&[], |bytes| bytes)),
                    None if parser.ends_for_good => return Received::Ended,
                    Some(Err(_)) | None => return Received::Disconnected,
                }
            },
            Self::WebSocket { socket } => loop {
                match socket.next().await {
                    Some(Ok(Message::Text(text))) => match operation(&text).as_deref() {
                        None => return parse(&text, true),
                        Some("unsubscribed") => return Received::Ended,
                        Some("error") => return Received::Unreadable(text.to_string()),
                        Some(_) => {}
                    },
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(_) | Err(_)) | None => return Received::Disconnected,
                }
            },
        }
    }
}

/// Returns the `op` of a message; events have none.
fn operation(text: &str) -> Option<String> {
    let message: Value = serde_json::from_str(text).ok()?;
    message["op"].as_str().map(str::to_owned)
}

fn parse(data: &str, resumable: bool) -> Received {
    match serde_json::from_str(data) {
        Ok(event) => Received::Event { event: Box::new(event), resumable },
        Err(error) => Received::Unreadable(format!("{error}: {data}")),
    }
}

//! The two transports of a stream: server-sent events and a WebSocket.

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

use super::sse::Frames;
use super::{Subscription, Topic, Transport};
use crate::api;
use crate::client::Connection;

/// An open stream.
pub enum EventStream {
    Sse { body: Incoming, frames: Frames },
    WebSocket { socket: Box<WebSocketStream<MaybeTlsStream<TcpStream>>> },
}

/// What arrived on a stream.
pub enum Received {
    /// An event; a reader can resume from a resumable one.
    Event { event: Box<Event>, resumable: bool },
    /// Something unreadable.
    Unreadable(String),
    /// No event will follow.
    Over,
    /// The connection broke.
    Broken,
}

impl EventStream {
    /// Opens a stream, after a cursor or from a snapshot.
    ///
    /// # Errors
    /// When it cannot be opened now.
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
        let mut ask = api::request(Method::GET, &path, &subscription.key, None);
        ask.headers_mut().insert(ACCEPT, HeaderValue::from_static("text/event-stream"));
        if let Some(after) = after {
            ask.headers_mut().insert("last-event-id", HeaderValue::try_from(after.to_string())?);
        }
        let answer = Connection::to(&subscription.address).open(ask).await?;
        match answer.status().as_u16() {
            // 204 means that the end is known, and the body is empty.
            status @ (200 | 204) => {
                Ok(Self::Sse { body: answer.into_body(), frames: Frames::new(status == 204) })
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

    /// Returns the next relevant item.
    pub async fn hear(&mut self) -> Received {
        match self {
            Self::Sse { body, frames } => loop {
                if let Some(frame) = frames.take() {
                    let Some(data) = frame.data.filter(|_| frame.event != "heartbeat") else { continue };
                    return read(&data, frame.has_id);
                }
                match body.frame().await {
                    Some(Ok(frame)) => frames.feed(frame.data_ref().map_or(&[], |bytes| bytes)),
                    None if frames.ends_for_good => return Received::Over,
                    Some(Err(_)) | None => return Received::Broken,
                }
            },
            Self::WebSocket { socket } => loop {
                match socket.next().await {
                    Some(Ok(Message::Text(text))) => match operation(&text).as_deref() {
                        None => return read(&text, true),
                        Some("unsubscribed") => return Received::Over,
                        Some("error") => return Received::Unreadable(text.to_string()),
                        Some(_) => {}
                    },
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    Some(Ok(_) | Err(_)) | None => return Received::Broken,
                }
            },
        }
    }
}

/// Messages beside events have an `op`.
fn operation(text: &str) -> Option<String> {
    let said: Value = serde_json::from_str(text).ok()?;
    said["op"].as_str().map(str::to_owned)
}

fn read(data: &str, resumable: bool) -> Received {
    match serde_json::from_str(data) {
        Ok(event) => Received::Event { event: Box::new(event), resumable },
        Err(error) => Received::Unreadable(format!("{error}: {data}")),
    }
}

//! An HTTP client on one keep-alive connection that distinguishes a request that was never sent from one without an
//! answer.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, HeaderMap, HeaderValue};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A request.
pub type HttpRequest = Request<Full<Bytes>>;

/// An answer, read to its end.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// There is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RequestError {
    /// The request was not sent, so it had no effect.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It was sent, and its outcome is unknown.
    #[error("no answer: {0}")]
    Unknown(String),
}

/// A connection that is opened when it is needed, and again after it broke.
#[derive(Debug)]
pub struct Connection {
    address: String,
    time_limit: Duration,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    /// Connects to an address such as `127.0.0.1:3000`, with a time-out of half a minute.
    pub fn to(address: &str) -> Self {
        Self { address: address.to_owned(), time_limit: Duration::from_secs(30), sender: None }
    }

    /// Sets another time-out.
    pub fn with_timeout(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// Without an answer in time, with what happened to the request.
    pub async fn ask(&mut self, ask: HttpRequest) -> Result<Answer, RequestError> {
        let time_limit = self.time_limit;
        let answered = match timeout(time_limit, self.send(ask)).await {
            Ok(answered) => answered,
            Err(_) => Err(RequestError::Unknown(format!("nothing came within {} s", time_limit.as_secs()))),
        };
        if answered.is_err() {
            self.sender = None;
        }
        answered
    }

    /// Sends a request for an endless answer, such as a stream of events. It consumes the connection.
    ///
    /// # Errors
    /// Without the head of an answer in time.
    pub async fn open(mut self, ask: HttpRequest) -> Result<Response<Incoming>, RequestError> {
        match timeout(self.time_limit, self.head(ask)).await {
            Ok(answered) => answered,
            Err(_) => Err(RequestError::Unknown("the stream did not begin".to_owned())),
        }
    }

    async fn send(&mut self, ask: HttpRequest) -> Result<Answer, RequestError> {
        let (head, body) = self.head(ask).await?.into_parts();
        let body = body.collect().await.map_err(|error| RequestError::Unknown(error.to_string()))?.to_bytes();
        Ok(Answer { status: head.status.as_u16(), headers: head.headers, body })
    }

    async fn head(&mut self, mut ask: HttpRequest) -> Result<Response<Incoming>, RequestError> {
        let host = HeaderValue::from_str(&self.address).unwrap_or(HeaderValue::from_static("localhost"));
        ask.headers_mut().insert(HOST, host);
        let mut sender = match self.still_open().await {
            Some(sender) => sender,
            None => self.connect().await.map_err(|error| RequestError::NotSent(error.to_string()))?,
        };
        let answer =
            sender.send_request(ask).await.map_err(|error| RequestError::Unknown(error.to_string()))?;
        self.sender = Some(sender);
        Ok(answer)
    }

    async fn still_open(&mut self) -> Option<SendRequest<Full<Bytes>>> {
        let mut sender = self.sender.take()?;
        sender.ready().await.ok().map(|()| sender)
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            // The sender gets every error, too.
            drop(connection.await);
        });
        sender.ready().await?;
        Ok(sender)
    }
}

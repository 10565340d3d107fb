//! An HTTP client with one keep-alive connection. It distinguishes a request that was not sent from one that was sent
//! and not answered.

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

/// A response, read to its end.
#[derive(Debug, Clone)]
pub struct HttpResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// There is no response.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RequestError {
    /// The request was not sent, so it had no effect.
    #[error("not sent: {0}")]
    NotSent(String),
    /// It was sent, and whether it had an effect is unknown.
    #[error("no response: {0}")]
    Unknown(String),
}

/// A connection that is opened by its first request, and again after it broke.
#[derive(Debug)]
pub struct Connection {
    address: String,
    time_limit: Duration,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Connection {
    /// Returns a connection to an address such as `127.0.0.1:3000`, with a time-out of 30 s.
    pub fn to(address: &str) -> Self {
        Self { address: address.to_owned(), time_limit: Duration::from_secs(30), sender: None }
    }

    /// Sets another time-out.
    pub fn with_timeout(mut self, time_limit: Duration) -> Self {
        self.time_limit = time_limit;
        self
    }

    /// Sends a request and reads the whole response.
    ///
    /// # Errors
    /// Without a response in time; the error tells whether the request was sent.
    pub async fn send(&mut self, request: HttpRequest) -> Result<HttpResponse, RequestError> {
        let time_limit = self.time_limit;
        let result = match timeout(time_limit, self.send_and_collect(request)).await {
            Ok(result) => result,
            Err(_) => {
                Err(RequestError::Unknown(format!("nothing arrived within {} s", time_limit.as_secs())))
            }
        };
        if result.is_err() {
            self.sender = None;
        }
        result
    }

    /// Sends a request for an endless response, such as a stream of events. It consumes the connection.
    ///
    /// # Errors
    /// Without the head of a response in time.
    pub async fn open(mut self, request: HttpRequest) -> Result<Response<Incoming>, RequestError> {
        match timeout(self.time_limit, self.send_request(request)).await {
            Ok(result) => result,
            Err(_) => Err(RequestError::Unknown("the stream did not begin".to_owned())),
        }
    }

    async fn send_and_collect(&mut self, request: HttpRequest) -> Result<HttpResponse, RequestError> {
        let (head, body) = self.send_request(request).await?.into_parts();
        let body = body.collect().await.map_err(|error| RequestError::Unknown(error.to_string()))?.to_bytes();
        Ok(HttpResponse { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// Sends a request and waits for the head of its response.
    async fn send_request(&mut self, mut request: HttpRequest) -> Result<Response<Incoming>, RequestError> {
        let host = HeaderValue::from_str(&self.address).unwrap_or(HeaderValue::from_static("localhost"));
        request.headers_mut().insert(HOST, host);
        let mut sender = match self.open_sender().await {
            Some(sender) => sender,
            None => self.connect().await.map_err(|error| RequestError::NotSent(error.to_string()))?,
        };
        let response =
            sender.send_request(request).await.map_err(|error| RequestError::Unknown(error.to_string()))?;
        self.sender = Some(sender);
        Ok(response)
    }

    async fn open_sender(&mut self) -> Option<SendRequest<Full<Bytes>>> {
        let mut sender = self.sender.take()?;
        sender.ready().await.ok().map(|()| sender)
    }

    async fn connect(&self) -> anyhow::Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let (mut sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            // The sender returns the errors as well.
            drop(connection.await);
        });
        sender.ready().await?;
        Ok(sender)
    }
}

//! A minimal HTTP client on one keep-alive connection, because it shares the machine with the measured server.

use std::io;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{HOST, HeaderValue};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// A request.
pub type Ask = Request<Full<Bytes>>;

/// The request failed.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    #[error("no connection: {0}")]
    Connect(#[from] io::Error),
    #[error("no answer: {0}")]
    Answer(#[from] hyper::Error),
}

/// One connection.
pub struct Connection {
    sender: SendRequest<Full<Bytes>>,
    host: HeaderValue,
}

impl Connection {
    /// Connects to an address such as `127.0.0.1:3000`.
    pub async fn open(address: &str) -> Result<Self, AskError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(async move {
            // The sender gets every error, too.
            drop(connection.await);
        });
        let host = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("localhost"));
        Ok(Self { sender, host })
    }

    /// Sends a request and reads the whole answer.
    pub async fn ask(&mut self, mut ask: Ask) -> Result<(StatusCode, Bytes), AskError> {
        ask.headers_mut().insert(HOST, self.host.clone());
        self.sender.ready().await?;
        let answer = self.sender.send_request(ask).await?;
        let status = answer.status();
        Ok((status, answer.into_body().collect().await?.to_bytes()))
    }
}

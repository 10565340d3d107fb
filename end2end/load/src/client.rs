//! A minimal HTTP/1.1 client on one keep-alive connection.
//!
//! It shares the machine with the measured server, so it does as little as possible: a request is one write of
//! prepared bytes, and of a response only the status and the length are read.

use std::io;

use bytes::{Buf as _, Bytes, BytesMut};
use hyper::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// More headers than a response of Docket has.
const MAX_HEADERS: usize = 48;
const BUFFER_BYTES: usize = 16 * 1024;
/// The length of a line break, with which a chunk ends.
const END_OF_LINE: usize = 2;

/// A request as it is sent, without the header `Host`.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// The path.
    pub path: String,
    /// The headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Bytes,
}

/// The request failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the connection failed: {0}")]
    Connection(#[from] io::Error),
    #[error("the response is invalid: {0}")]
    Response(#[from] httparse::Error),
    #[error("the response has neither a length nor chunks")]
    NoLength,
    #[error("a chunk of the response is invalid")]
    Chunk,
    #[error("the answer is not a stream of events: {0}")]
    NoStream(String),
}

/// How the end of a body is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// It has this length.
    Length(usize),
    /// It comes in chunks, each with its length.
    Chunked,
}

/// One connection.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    host: String,
    output: Vec<u8>,
    input: BytesMut,
}

impl Request {
    /// Returns a GET request.
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), ..Self::default() }
    }

    /// Returns a POST request without a body.
    pub fn post(path: impl Into<String>) -> Self {
        Self { method: "POST", ..Self::get(path) }
    }

    /// Adds an API key.
    #[must_use]
    pub fn by(self, key: &str) -> Self {
        self.header("authorization", format!("Bearer {key}"))
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Writes the request to `output`, from its beginning.
    pub fn write_to(&self, host: &str, output: &mut Vec<u8>) {
        output.clear();
        let mut put =
            |parts: &[&str]| parts.iter().for_each(|part| output.extend_from_slice(part.as_bytes()));
        put(&[self.method, " ", &self.path, " HTTP/1.1\r\nhost: ", host, "\r\n"]);
        for (name, value) in &self.headers {
            put(&[name, ": ", value, "\r\n"]);
        }
        put(&["content-length: ", &self.body.len().to_string(), "\r\n\r\n"]);
        output.extend_from_slice(&self.body);
    }
}

impl Connection {
    /// Connects to an address such as `127.0.0.1:3000`.
    pub async fn open(address: &str) -> Result<Self, ClientError> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let input = BytesMut::with_capacity(BUFFER_BYTES);
        Ok(Self { stream, host: address.to_owned(), output: Vec::new(), input })
    }

    /// Sends a request and reads the whole response.
    pub async fn send(&mut self, request: &Request) -> Result<(StatusCode, Bytes), ClientError> {
        request.write_to(&self.host, &mut self.output);
        self.stream.write_all(&self.output).await?;
        let (status, head, framing) = loop {
            if let Some(found) = read_head(&self.input)? {
                break found;
            }
            self.fill().await?;
        };
        self.input.advance(head);
        let body = match framing {
            Framing::Length(length) => self.take(length).await?.freeze(),
            Framing::Chunked => self.chunks().await?,
        };
        Ok((status, body))
    }

    /// Reads a body that comes in chunks, the last of which is empty.
    async fn chunks(&mut self) -> Result<Bytes, ClientError> {
        let mut body = BytesMut::new();
        loop {
            match httparse::parse_chunk_size(&self.input).map_err(|_| ClientError::Chunk)? {
                httparse::Status::Partial => self.fill().await?,
                httparse::Status::Complete((head, length)) => {
                    self.input.advance(head);
                    let length = usize::try_from(length).map_err(|_| ClientError::Chunk)?;
                    body.extend_from_slice(&self.take(length).await?);
                    self.take(END_OF_LINE).await?;
                    if length == 0 {
                        return Ok(body.freeze());
                    }
                }
            }
        }
    }

    /// Reads this many bytes.
    async fn take(&mut self, length: usize) -> Result<BytesMut, ClientError> {
        while self.input.len() < length {
            self.fill().await?;
        }
        Ok(self.input.split_to(length))
    }

    async fn fill(&mut self) -> Result<(), ClientError> {
        self.input.reserve(BUFFER_BYTES);
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
            _ => Ok(()),
        }
    }
}

/// Returns the status, the length of the head and the framing of the body, once the head is complete.
fn read_head(input: &[u8]) -> Result<Option<(StatusCode, usize, Framing)>, ClientError> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(head) = response.parse(input)? else { return Ok(None) };
    let status = response.code.and_then(|code| StatusCode::from_u16(code).ok()).unwrap_or_default();
    let value = |name: &str| {
        let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.and_then(|header| str::from_utf8(header.value).ok())
    };
    let framing = match value("content-length").and_then(|length| length.parse().ok()) {
        Some(length) => Framing::Length(length),
        None if status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED => Framing::Length(0),
        None if value("transfer-encoding").is_some_and(|coding| coding.eq_ignore_ascii_case("chunked")) => {
            Framing::Chunked
        }
        None => return Err(ClientError::NoLength),
    };
    Ok(Some((status, head, framing)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_once_it_is_complete() {
        let response = b"HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(read_head(&response[..30]).unwrap(), None);
        assert_eq!(
            read_head(response).unwrap(),
            Some((StatusCode::ACCEPTED, response.len() - 5, Framing::Length(5)))
        );
        let chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(read_head(chunked).unwrap(), Some((StatusCode::OK, chunked.len(), Framing::Chunked)));
        assert!(matches!(read_head(b"HTTP/1.1 200 OK\r\n\r\n"), Err(ClientError::NoLength)));
    }

    #[tokio::test]
    async fn chunks_make_one_body() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let mut connection = Connection::open(&address).await.unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        let response =
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
        for response in [response, response] {
            server.write_all(response).await.unwrap();
            let (_, body) = connection.send(&Request::get("/")).await.unwrap();
            assert_eq!(body, "hello");
        }
    }

    #[test]
    fn a_request_has_host_headers_and_length() {
        let request = Request { method: "POST", body: Bytes::from_static(b"{}"), ..Request::get("/orders") };
        let mut output = Vec::new();
        request.header("prefer", "wait=1").write_to("shop", &mut output);
        let expected = "POST /orders HTTP/1.1\r\nhost: shop\r\nprefer: wait=1\r\ncontent-length: 2\r\n\r\n{}";
        assert_eq!(String::from_utf8(output).unwrap(), expected);
    }
}

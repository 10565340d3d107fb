//! One server-sent event stream.
//!
//! Thousands of them share the machine with the server, so a stream that waits holds only its socket and a small buffer,
//! and of an event only its kind is read.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use tokio::net::{TcpSocket, TcpStream};
use tokio::time::Instant;

use crate::client::{ClientError, Request};

/// An event of an order, as opposed to a heartbeat.
const ORDER_EVENT: &[u8] = b"event: order.";
/// The end of a chunk that ends with an event.
const END_OF_EVENT: &[u8] = b"\n\n\r\n";
/// The head of the answer with a snapshot of an order is smaller.
const FIRST_BYTES: usize = 16 * 1024;
/// The kind of an event is within so many bytes.
const EVENT_BYTES: usize = 512;

/// An open stream whose snapshot has been read.
#[derive(Debug)]
pub struct EventStream(TcpStream);

impl EventStream {
    /// Opens a stream from this local address, and reads its first event.
    pub async fn open(from: Ipv4Addr, address: &str, request: &Request) -> Result<Self, ClientError> {
        let socket = TcpSocket::new_v4()?;
        socket.bind((from, 0).into())?;
        let server: SocketAddr = address.parse().map_err(io::Error::other)?;
        let stream = Self(socket.connect(server).await?);
        let mut output = Vec::new();
        request.write_to(address, &mut output);
        stream.write(&output).await?;
        let mut input = Vec::new();
        let mut buffer = [0; EVENT_BYTES];
        while !input.ends_with(END_OF_EVENT) || !contains(&input, ORDER_EVENT) {
            let read = stream.read(&mut buffer).await?;
            input.extend_from_slice(&buffer[..read]);
            if input.len() > FIRST_BYTES || (input.len() > 12 && !input.starts_with(b"HTTP/1.1 200")) {
                return Err(ClientError::NoStream(String::from_utf8_lossy(&input).into_owned()));
            }
        }
        Ok(stream)
    }

    /// Waits for the next event of an order, and returns when it arrived.
    pub async fn event(&self) -> Result<Instant, ClientError> {
        let mut buffer = [0; EVENT_BYTES];
        loop {
            let read = self.read(&mut buffer).await?;
            let arrived = Instant::now();
            if contains(&buffer[..read], ORDER_EVENT) {
                return Ok(arrived);
            }
        }
    }

    async fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            self.0.readable().await?;
            match self.0.try_read(buffer) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                read => return read,
            }
        }
    }

    async fn write(&self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.0.writable().await?;
            match self.0.try_write(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use super::connection::{SHUTDOWN_WRITE_TIMEOUT, WRITE_TIMEOUT};
use super::*;
use crate::config::TrustedProxies;

const ASK: &[u8] = b"GET / HTTP/1.1\r\nhost: docket\r\n\r\n";

/// A server that answers with the address of the caller, and at `/later` on a signal.
async fn start(limit: u32) -> (SocketAddr, watch::Sender<Phase>, watch::Sender<bool>, JoinHandle<()>) {
    let (stop, phase) = watch::channel(Phase::Serving);
    let (tell, told) = watch::channel(false);
    let later = move || {
        let mut told = told.clone();
        async move {
            told.wait_for(|told| *told).await.unwrap();
            "now"
        }
    };
    let who = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.ip().to_string() };
    let length = |body: bytes::Bytes| async move { body.len().to_string() };
    let router = Router::new().route("/", get(who)).route("/later", get(later)).route("/", post(length));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limit = ConnectionLimit { per_address: limit, unlimited: TrustedProxies::default() };
    (address, stop, tell, tokio::spawn(serve(listener, router, limit, phase)))
}

/// Reads until the end, or until this text was read.
async fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut text = String::new();
    let mut buffer = [0; 1024];
    while !text.contains(end) {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(n) => text.push_str(std::str::from_utf8(&buffer[..n]).unwrap()),
        }
    }
    text
}

#[tokio::test]
async fn a_request_knows_the_address_it_comes_from() {
    let (address, _stop, ..) = start(10).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(ASK).await.unwrap();
    let answer = read_until(&mut stream, "127.0.0.1").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("127.0.0.1"), "{answer}");
}

#[tokio::test]
async fn an_address_has_so_many_connections_and_no_more() {
    let (address, _stop, ..) = start(1).await;
    let mut first = TcpStream::connect(address).await.unwrap();
    first.write_all(ASK).await.unwrap();
    read_until(&mut first, "127.0.0.1").await;
    let mut second = TcpStream::connect(address).await.unwrap();
    drop(second.write_all(ASK).await);
    assert_eq!(
        read_until(&mut second, "127.0.0.1").await,
        "",
        "a second connection is closed without an answer"
    );
    first.write_all(b"GET / HTTP/1.1\r\nhost: docket\r\nconnection: close\r\n\r\n").await.unwrap();
    read_until(&mut first, "never").await;
    // The permit is released a moment after the client has seen the end.
    loop {
        let mut third = TcpStream::connect(address).await.unwrap();
        drop(third.write_all(ASK).await);
        if !read_until(&mut third, "127.0.0.1").await.is_empty() {
            break;
        }
    }
}

#[tokio::test]
async fn a_stop_ends_idle_connections_and_lets_a_request_in_flight_be_answered() {
    let (address, stop, tell, server) = start(10).await;
    let mut idle = TcpStream::connect(address).await.unwrap();
    idle.write_all(ASK).await.unwrap();
    read_until(&mut idle, "127.0.0.1").await;
    let mut busy = TcpStream::connect(address).await.unwrap();
    busy.write_all(b"GET /later HTTP/1.1\r\nhost: docket\r\n\r\n").await.unwrap();
    // A later connection is accepted after the earlier ones.
    let mut last = TcpStream::connect(address).await.unwrap();
    last.write_all(ASK).await.unwrap();
    read_until(&mut last, "127.0.0.1").await;
    stop.send_replace(Phase::Stopping);
    for stream in [&mut idle, &mut last] {
        assert_eq!(read_until(stream, "never").await, "");
    }
    assert!(!server.is_finished());
    tell.send_replace(true);
    let answer = read_until(&mut busy, "now").await;
    assert!(answer.contains("connection: close") && answer.ends_with("now"), "{answer}");
    server.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_draining_listener_accepts_connections_and_closes_each_after_its_answer() {
    let (address, stop, ..) = start(10).await;
    let mut kept = TcpStream::connect(address).await.unwrap();
    kept.write_all(ASK).await.unwrap();
    let answer = read_until(&mut kept, "127.0.0.1").await;
    assert!(!answer.contains("connection:"), "{answer}");
    stop.send_replace(Phase::Draining);
    let mut new = TcpStream::connect(address).await.unwrap();
    for stream in [&mut kept, &mut new] {
        stream.write_all(ASK).await.unwrap();
        let answer = read_until(stream, "never").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("connection: close\r\n") && answer.ends_with("127.0.0.1"), "{answer}");
    }
}

#[tokio::test]
async fn a_request_in_flight_when_the_drain_begins_is_the_last_of_its_connection() {
    let (address, stop, tell, _server) = start(10).await;
    let mut busy = TcpStream::connect(address).await.unwrap();
    busy.write_all(b"GET /later HTTP/1.1\r\nhost: docket\r\n\r\n").await.unwrap();
    // A later connection is served after the earlier one.
    let mut last = TcpStream::connect(address).await.unwrap();
    last.write_all(ASK).await.unwrap();
    read_until(&mut last, "127.0.0.1").await;
    stop.send_replace(Phase::Draining);
    tell.send_replace(true);
    let answer = read_until(&mut busy, "never").await;
    assert!(answer.contains("connection: close\r\n") && answer.ends_with("now"), "{answer}");
}

#[tokio::test]
async fn an_upgrade_during_the_drain_keeps_its_own_connection_header() {
    let (stop, phase) = watch::channel(Phase::Serving);
    let upgrade = || async {
        (StatusCode::SWITCHING_PROTOCOLS, [(header::CONNECTION, "upgrade"), (header::UPGRADE, "docket")])
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limit = ConnectionLimit { per_address: 10, unlimited: TrustedProxies::default() };
    tokio::spawn(serve(listener, Router::new().route("/", get(upgrade)), limit, phase));
    stop.send_replace(Phase::Draining);
    let mut stream = TcpStream::connect(address).await.unwrap();
    let ask = b"GET / HTTP/1.1\r\nhost: docket\r\nconnection: upgrade\r\nupgrade: docket\r\n\r\n";
    stream.write_all(ask).await.unwrap();
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 101 ") && answer.contains("connection: upgrade\r\n"), "{answer}");
    assert!(!answer.contains("close"), "{answer}");
}

#[tokio::test]
async fn connections_that_wait_to_be_accepted_at_a_stop_are_answered_and_later_ones_refused() {
    let (address, stop, _tell, server) = start(10).await;
    stop.send_replace(Phase::Draining);
    // The listener does not run before this task waits, so the system holds these connections in its backlog.
    let mut waiting: Vec<_> = (0..3).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
    std::io::Write::write_all(&mut waiting[0], ASK).unwrap();
    stop.send_replace(Phase::Stopping);
    for (index, stream) in waiting.into_iter().enumerate() {
        stream.set_nonblocking(true).unwrap();
        let mut stream = TcpStream::from_std(stream).unwrap();
        if index > 0 {
            stream.write_all(ASK).await.unwrap();
        }
        let answer = read_until(&mut stream, "never").await;
        assert!(answer.contains("connection: close\r\n") && answer.ends_with("127.0.0.1"), "{answer}");
    }
    server.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_a_moment_for_the_first_request_of_a_connection_and_no_longer() {
    let (address, stop, _tell, server) = start(10).await;
    let mut silent = TcpStream::connect(address).await.unwrap();
    let mut last = TcpStream::connect(address).await.unwrap();
    last.write_all(ASK).await.unwrap();
    read_until(&mut last, "127.0.0.1").await;
    let stopped = tokio::time::Instant::now();
    stop.send_replace(Phase::Stopping);
    server.await.unwrap();
    assert!(stopped.elapsed() <= FIRST_REQUEST_TIMEOUT, "{:?}", stopped.elapsed());
    assert_eq!(read_until(&mut silent, "never").await, "");
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_at_all_for_a_connection_that_was_silent_for_a_while() {
    let (address, stop, _tell, server) = start(10).await;
    let _silent = TcpStream::connect(address).await.unwrap();
    tokio::time::sleep(2 * FIRST_REQUEST_TIMEOUT).await;
    let stopped = tokio::time::Instant::now();
    stop.send_replace(Phase::Stopping);
    server.await.unwrap();
    assert_eq!(stopped.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_headers_too_slowly_is_disconnected() {
    let (address, _stop, ..) = start(10).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nhost: doc").await.unwrap();
    let began = tokio::time::Instant::now();
    let answer = read_until(&mut stream, "never").await;
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(began.elapsed() >= HEADER_TIMEOUT);
}

#[tokio::test]
async fn headers_beyond_the_buffer_are_refused() {
    let (address, _stop, ..) = start(10).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("GET / HTTP/1.1\r\nhost: docket\r\nx: {}\r\n\r\n", "a".repeat(2 * BUFFER));
    drop(stream.write_all(request.as_bytes()).await);
    let answer = read_until(&mut stream, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

/// A server whose answer never ends, and a client that has read as much of it as the system buffers.
async fn deaf_client() -> (TcpStream, watch::Sender<Phase>, JoinHandle<()>) {
    let (stop, phase) = watch::channel(Phase::Serving);
    let endless = || async {
        let pieces = futures::stream::repeat_with(|| Ok::<_, Infallible>(vec![b'a'; 64 * 1024]));
        axum::body::Body::from_stream(pieces)
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let limit = ConnectionLimit { per_address: 10, unlimited: TrustedProxies::default() };
    let server = tokio::spawn(serve(listener, Router::new().route("/", get(endless)), limit, phase));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(ASK).await.unwrap();
    read_until(&mut stream, "HTTP/1.1 200 OK").await;
    (stream, stop, server)
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_a_client_that_does_not_read() {
    let (_stream, stop, server) = deaf_client().await;
    let began = tokio::time::Instant::now();
    stop.send_replace(Phase::Stopping);
    server.await.unwrap();
    assert!(began.elapsed() < 2 * SHUTDOWN_WRITE_TIMEOUT, "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_at_all_for_a_client_that_has_read_nothing_for_a_while() {
    let (_stream, stop, server) = deaf_client().await;
    tokio::time::sleep(2 * SHUTDOWN_WRITE_TIMEOUT).await;
    let stopped = tokio::time::Instant::now();
    stop.send_replace(Phase::Stopping);
    server.await.unwrap();
    assert_eq!(stopped.elapsed(), Duration::ZERO);
}

/// Sends the beginning of a request, waits until the server has it, and stops.
async fn stop_within(request: &[u8]) -> (TcpStream, Duration) {
    let (address, stop, _tell, server) = start(10).await;
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(ASK).await.unwrap();
    read_until(&mut stream, "127.0.0.1").await;
    stream.write_all(request).await.unwrap();
    // The clock is paused: time passes only when every task waits.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let stopped = tokio::time::Instant::now();
    stop.send_replace(Phase::Stopping);
    server.await.unwrap();
    (stream, stopped.elapsed())
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_headers_that_have_not_arrived() {
    let (mut stream, took) = stop_within(b"GET / HTTP/1.1\r\nhost: doc").await;
    assert!(took <= SHUTDOWN_WRITE_TIMEOUT, "{took:?}");
    assert_eq!(read_until(&mut stream, "never").await, "");
}

#[tokio::test(start_paused = true)]
async fn a_stop_does_not_wait_for_a_body_that_has_not_arrived() {
    let begun = b"POST / HTTP/1.1\r\nhost: docket\r\ncontent-length: 9\r\n\r\n1234";
    let (mut stream, took) = stop_within(begun).await;
    assert!(took <= SHUTDOWN_WRITE_TIMEOUT, "{took:?}");
    let answer = read_until(&mut stream, "never").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_an_answer_as_long_as_it_takes() {
    let (address, stop, tell, server) = start(10).await;
    let mut busy = TcpStream::connect(address).await.unwrap();
    busy.write_all(b"GET /later HTTP/1.1\r\nhost: docket\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    stop.send_replace(Phase::Stopping);
    tokio::time::sleep(10 * SHUTDOWN_WRITE_TIMEOUT).await;
    tell.send_replace(true);
    assert!(read_until(&mut busy, "now").await.ends_with("now"));
    server.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_client_that_takes_nothing_for_long_loses_its_connection() {
    let (mut stream, _stop, _server) = deaf_client().await;
    tokio::time::sleep(2 * WRITE_TIMEOUT).await;
    // What the system has buffered is still readable, and then the connection ends.
    let mut rest = Vec::new();
    drop(stream.read_to_end(&mut rest).await);
}
